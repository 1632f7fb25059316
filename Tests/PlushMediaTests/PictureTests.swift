import PlushData
import PlushMedia
import PlushNN
import PlushTensor
import PlushTestSupport
import Testing

/// A picture of soft colors that differ everywhere.
func samplePicture(width: Int = 13, height: Int = 9, channels: Int = 3) -> Picture {
  let pixels = (0..<width * height * channels).map { place -> UInt8 in
    let (x, y, channel) = (
      place / channels % width, place / channels / width, place % channels
    )
    return UInt8((x * 17 + y * 23 + channel * 61) % 256)
  }
  return Picture(width: width, height: height, channels: channels, pixels: pixels)
}

@Suite struct PictureTests {
  @Test(arguments: 1...4) func pngKeepsEveryValue(channels: Int) throws {
    let folder = try TestFolder()
    let picture = samplePicture(channels: channels)
    try picture.write(to: folder("a.png"))
    #expect(try Picture(file: folder("a.png")) == picture)
    #expect(folder.names == ["a.png"])
  }

  @Test(arguments: [1, 3]) func jpegIsNear(channels: Int) throws {
    let soft = (0..<32 * 24 * channels).map { place -> UInt8 in
      let (column, channel) = (place / channels % 32, place % channels)
      return UInt8(40 + column * 4 + channel * 20)
    }
    let picture = Picture(width: 32, height: 24, channels: channels, pixels: soft)
    let back = try Picture(parsing: picture.encoded(as: .jpeg, quality: 95))
    #expect((back.width, back.height, back.channels) == (32, 24, channels))
    let errors = zip(back.pixels, picture.pixels).map { abs(Int($0) - Int($1)) }
    #expect(errors.max() ?? 99 <= 12)
    #expect(Double(errors.reduce(0, +)) / Double(errors.count) < 2.5)
    #expect(
      try picture.encoded(as: .jpeg, quality: 20).count < picture.encoded(as: .jpeg).count)
  }

  @Test func whatCannotBeWrittenIsRefused() throws {
    let folder = try TestFolder()
    #expect(throws: FileError.self) { try samplePicture(channels: 4).write(to: folder("a.jpg")) }
    #expect(throws: FileError.self) { try samplePicture().write(to: folder("a.gif")) }
    #expect(throws: FileError.self) { try samplePicture().write(to: folder("none/a.png")) }
    #expect(folder.names.isEmpty)
    #expect(PictureFormat(path: "x/B.JPEG") == .jpeg)
    #expect(PictureFormat(path: "x.png/b") == nil)
    #expect(PictureFormat(path: ".png") == nil)
  }

  @Test func otherFilesAreToldApart() throws {
    func kind(_ bytes: [UInt8]) -> FileError.Kind? {
      do {
        _ = try Picture(parsing: bytes)
        return nil
      } catch { return (error as? FileError)?.kind }
    }
    #expect(kind([]) == .truncated)
    #expect(kind(Array("GIF89a and more".utf8)) == .unsupported)
    let png = try samplePicture().encoded(as: .png)
    #expect(kind(Array(png.dropLast(20))) == .truncated)
    var damaged = png
    damaged[50] ^= 0x10
    #expect(kind(damaged) == .corrupt)
    #expect(throws: FileError.self) { try Picture(file: "no such file.png") }
  }

  @Test func claimsAreCheckedBeforeMemoryIsTaken() throws {
    // A header of 60000×60000 pixels before a handful of bytes.
    var png = try samplePicture(channels: 1).encoded(as: .png)
    for side in [16, 20] { png.replaceSubrange(side..<side + 4, with: [0, 0, 0xEA, 0x60]) }
    png.replaceSubrange(29..<33, with: crc(png[12..<29]))
    let error = #expect(throws: FileError.self) { try Picture(parsing: png) }
    #expect(error?.kind == .tooLarge)
    let claim = #expect(throws: FileError.self) {
      try Picture(parsing: png, pixelLimit: 1 << 40)
    }
    #expect(claim?.kind == .truncated)
    let small = try samplePicture().encoded(as: .png)
    #expect(throws: FileError.self) { try Picture(parsing: small, pixelLimit: 100) }
  }

  /// The check of PNG's chunks.
  private func crc(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    var sum = UInt32.max
    for byte in bytes {
      sum ^= UInt32(byte)
      for _ in 0..<8 { sum = sum & 1 == 1 ? sum >> 1 ^ 0xEDB8_8320 : sum >> 1 }
    }
    return (~sum).littleEndianBytes.reversed()
  }

  /// A PNG of these chunks, its pixels stored as they are.
  private func png(_ header: [UInt8], _ chunks: [(String, [UInt8])], rows: [UInt8]) -> [UInt8] {
    let length = UInt16(rows.count)
    var (a, b): (UInt32, UInt32) = (1, 0)
    for byte in rows {
      a = (a + UInt32(byte)) % 65521
      b = (b + a) % 65521
    }
    let packed =
      [0x78, 0x01, 0x01] + length.littleEndianBytes + (~length).littleEndianBytes + rows
      + (b << 16 | a).littleEndianBytes.reversed()
    let all = [("IHDR", header)] + chunks + [("IDAT", packed), ("IEND", [])]
    return [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
      + all.flatMap { name, data -> [UInt8] in
        let body = Array(name.utf8) + data
        return UInt32(data.count).littleEndianBytes.reversed() + body + crc(body[...])
      }
  }

  @Test func varietiesOfPNG() throws {
    // Two pixels of a palette with alpha, two bits each.
    let palette = png(
      [0, 0, 0, 2, 0, 0, 0, 1, 2, 3, 0, 0, 0],
      [("PLTE", [1, 2, 3, 200, 100, 50]), ("tRNS", [255, 7])], rows: [0, 0b0001_0000])
    #expect(
      try Picture(parsing: palette)
        == Picture(width: 2, height: 1, channels: 4, pixels: [1, 2, 3, 255, 200, 100, 50, 7]))
    let bits = png([0, 0, 0, 3, 0, 0, 0, 1, 1, 0, 0, 0, 0], [], rows: [0, 0b1010_0000])
    #expect(try Picture(parsing: bits).pixels == [255, 0, 255])
    // 16 bits: 0x1234 and 0xFF80 are rounded, not cut.
    let wide = png(
      [0, 0, 0, 2, 0, 0, 0, 1, 16, 0, 0, 0, 0], [], rows: [0, 0x12, 0xFF, 0xFF, 0xFF])
    #expect(try Picture(parsing: wide).pixels == [19, 255])
    // Interlaced, 1×2: the first pass holds the first row, the last the second.
    let woven = png(
      [0, 0, 0, 1, 0, 0, 0, 2, 8, 0, 0, 0, 1], [], rows: [0, 11, 0, 22])
    #expect(try Picture(parsing: woven).pixels == [11, 22])
    // Turned by the camera: orientation 6 is a quarter to the right.
    let exif: [UInt8] =
      Array("MM\0*".utf8) + [0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0]
    let turned = png(
      [0, 0, 0, 2, 0, 0, 0, 1, 8, 0, 0, 0, 0], [("eXIf", exif)], rows: [0, 5, 9])
    #expect(
      try Picture(parsing: turned) == Picture(width: 1, height: 2, channels: 1, pixels: [5, 9]))
  }

  @Test(arguments: 1...8) func camerasAreTurnedUpright(orientation: Int) throws {
    // Bright above, dark at the left below; 16 pixels a block, so that JPEG keeps them apart.
    let shades: [[UInt8]] = [[250, 200], [20, 100], [60, 150]]
    let pixels = (0..<48 * 32).map { place -> UInt8 in
      let (row, column) = (place / 32, place % 32)
      return shades[row / 16][column / 16]
    }
    let picture = Picture(width: 32, height: 48, channels: 1, pixels: pixels)
    let inverse = [1, 2, 3, 4, 5, 8, 7, 6][orientation - 1]
    let stored = turn(picture, inverse)
    var file = try stored.encoded(as: .jpeg, quality: 100)
    let exif: [UInt8] =
      Array("Exif\0\0II*\0".utf8)
      + [8, 0, 0, 0, 1, 0, 0x12, 1, 3, 0, 1, 0, 0, 0, UInt8(orientation), 0, 0, 0]
    file.insert(contentsOf: [0xFF, 0xE1, 0, UInt8(exif.count + 2)] + exif, at: 2)
    let back = try Picture(parsing: file)
    #expect((back.width, back.height) == (32, 48))
    for (row, line) in shades.enumerated() {
      for (column, shade) in line.enumerated() {
        let found = back[column * 16 + 8, row * 16 + 8, 0]
        #expect(max(found, shade) - min(found, shade) < 4)
      }
    }
  }

  private func turn(_ picture: Picture, _ orientation: Int) -> Picture {
    switch orientation {
    case 2: picture.flippedHorizontally()
    case 3: picture.flippedHorizontally().flippedVertically()
    case 4: picture.flippedVertically()
    case 5: picture.transposed()
    case 6: picture.transposed().flippedHorizontally()
    case 7: picture.transposed().flippedHorizontally().flippedVertically()
    case 8: picture.transposed().flippedVertically()
    default: picture
    }
  }

  /// Files of 8×8 equal pixels: inks as Adobe stores them, the same packed as YCCK, and plain inks.
  @Test func inksBecomeColors() throws {
    let tables =
      "ffdb004300100b0c0e0c0a100e0d0e1211101318281a181616183123251d283a333d3c3933383740485c4e404457"
      + "453738506d51575f626768673e4d71797064785c656763"
    let inks =
      tables + "ffc000140800080008044311004d11005911004b1100ffc400150001010000000000000000000000000"
      + "0000604ffc40014100100000000000000000000000000000000ffda000e0443004d0059004b00003f00488460"
      + "b9ffd9"
    let packed =
      tables + "ffc00014080008000804011100021100031100041100ffc40016000101010000000000000000000000"
      + "0000050206ffc40014100100000000000000000000000000000000ffda000e040100020003000400003f00a2a"
      + "11ae7ffd9"
    let adobe = "ffd8ffee000e41646f6265006400000000"
    let files = [adobe + "00" + inks, adobe + "02" + packed, "ffd8" + inks]
    for (file, expected) in zip(files, [[172, 86, 43], [172, 86, 43], [8, 21, 28]]) {
      let picture = try Picture(parsing: bytes(hex: file))
      #expect((picture.width, picture.height, picture.channels) == (8, 8, 3))
      for (place, value) in picture.pixels.enumerated() {
        #expect(abs(Int(value) - expected[place % 3]) <= 4)
      }
    }
  }

  private func bytes(hex: String) -> [UInt8] {
    let digits = hex.compactMap(\.hexDigitValue)
    return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] * 16 + digits[$0 + 1]) }
  }

  @Test func channelsAreConverted() {
    let color = Picture(width: 2, height: 1, channels: 3, pixels: [255, 0, 0, 10, 20, 30])
    #expect(color.converted(channels: 1).pixels == [76, 18])
    #expect(color.converted(channels: 4).pixels == [255, 0, 0, 255, 10, 20, 30, 255])
    let grey = Picture(width: 2, height: 1, channels: 2, pixels: [9, 0, 200, 128])
    #expect(grey.converted(channels: 3).pixels == [9, 9, 9, 200, 200, 200])
    #expect(grey.converted(channels: 4).pixels == [9, 9, 9, 0, 200, 200, 200, 128])
    #expect(grey.laid(over: 0x0000FF).pixels == [0, 0, 255, 100, 100, 227])
  }

  @Test func picturesAreTensors() {
    let picture = samplePicture()
    #expect(picture.tensor().shape == [9, 13, 3])
    #expect(Picture(picture.tensor()) == picture)
    #expect(Picture(picture.tensor(dtype: .uint8)) == picture)
    #expect(picture.tensor().dataSync()[3] == Float(picture.pixels[3]) / 255)
    let odd = Tensor([[-1, 0.5, 2, Float.nan]])
    #expect(Picture(odd).pixels == [0, 128, 255, 0])
    let two = Tensor((0..<48).map { Float($0 / 24) }, shape: [2, 4, 6])
    #expect(Picture.all(in: two).map(\.pixels.first) == [0, 255])
  }

  @Test func sizesChange() {
    let picture = Picture(
      width: 4, height: 2, channels: 1, pixels: [0, 100, 200, 40, 20, 80, 120, 240])
    #expect(picture.resized(width: 2, height: 1).pixels == [50, 150])
    #expect(picture.resized(width: 4, height: 2) == picture)
    #expect(picture.resized(width: 4, height: 2, resampling: .bilinear) == picture)
    #expect(
      picture.resized(width: 2, height: 2, resampling: .nearest).pixels == [100, 40, 80, 240])
    #expect(picture.cropped(x: 1, y: 1, width: 2, height: 1).pixels == [80, 120])
    // From 2 to 4 with half-pixel centres: ends stay, then quarters.
    let pair = Picture(width: 2, height: 1, channels: 1, pixels: [0, 100])
    #expect(pair.resized(width: 4, height: 1).pixels == [0, 25, 75, 100])
    let crop = picture.resized(width: 2, height: 2, fit: .crop)
    #expect(crop.pixels == [100, 200, 80, 120])
    let boxed = picture.resized(width: 4, height: 4, fit: .letterbox(0x070707))
    #expect(boxed.pixels == [7, 7, 7, 7] + picture.pixels + [7, 7, 7, 7])
    // 3 to 2: each takes one and a half.
    let three = Picture(width: 3, height: 1, channels: 1, pixels: [30, 60, 90])
    #expect(three.resized(width: 2, height: 1).pixels == [40, 80])
  }
}

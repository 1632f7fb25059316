/// How the camera was held (Exif 2.3, tag 0x0112).
enum Exif {
  /// The orientation, from 1 (upright) to 8, that a JPEG file tells; 1 if it tells none.
  static func orientation(ofJPEG file: [UInt8]) -> Int {
    var place = 2
    while place + 4 <= file.count, file[place] == 0xFF {
      let marker = file[place + 1]
      // Fill bytes, and markers that stand alone.
      if marker == 0xFF {
        place += 1
        continue
      }
      if marker == 0x01 || (0xD0...0xD8).contains(marker) {
        place += 2
        continue
      }
      // Pixels begin, or the picture ends.
      if marker == 0xDA || marker == 0xD9 { return 1 }
      let length = Int(file[place + 2]) << 8 | Int(file[place + 3])
      let end = place + 2 + length
      guard length >= 2, end <= file.count else { return 1 }
      let segment = file[place + 4..<end]
      if marker == 0xE1, segment.starts(with: Array("Exif\0\0".utf8)) {
        return orientation(in: segment.dropFirst(6))
      }
      place = end
    }
    return 1
  }

  /// The orientation that a PNG file tells; 1 if it tells none.
  static func orientation(ofPNG file: [UInt8]) -> Int {
    var place = 8
    while place + 12 <= file.count {
      let length = file[place..<place + 4].reduce(0) { $0 << 8 | Int($1) }
      let name = file[place + 4..<place + 8]
      guard length <= file.count - place - 12 else { return 1 }
      if name.elementsEqual("eXIf".utf8) {
        return orientation(in: file[place + 8..<place + 8 + length])
      }
      place += 12 + length
    }
    return 1
  }

  /// Looks the tag up in a TIFF block.
  private static func orientation(in block: ArraySlice<UInt8>) -> Int {
    let isLittle = block.starts(with: Array("II*\0".utf8))
    guard isLittle || block.starts(with: Array("MM\0*".utf8)) else { return 1 }
    func number(at offset: Int, bytes: Int) -> Int? {
      guard offset >= 0, offset + bytes <= block.count else { return nil }
      let start = block.startIndex + offset
      let digits = block[start..<start + bytes]
      return (isLittle ? Array(digits.reversed()) : Array(digits)).reduce(0) { $0 << 8 | Int($1) }
    }
    guard let table = number(at: 4, bytes: 4), let count = number(at: table, bytes: 2) else {
      return 1
    }
    for entry in 0..<count {
      let place = table + 2 + 12 * entry
      guard let tag = number(at: place, bytes: 2) else { return 1 }
      if tag == 0x0112, let value = number(at: place + 8, bytes: 2) {
        return (1...8).contains(value) ? value : 1
      }
    }
    return 1
  }
}

extension Picture {
  /// The picture as it is to be seen, stored in an orientation of Exif.
  func upright(_ orientation: Int) -> Picture {
    switch orientation {
    case 2: flippedHorizontally()
    case 3: flippedHorizontally().flippedVertically()
    case 4: flippedVertically()
    case 5: transposed()
    case 6: transposed().flippedHorizontally()
    case 7: transposed().flippedHorizontally().flippedVertically()
    case 8: transposed().flippedVertically()
    default: self
    }
  }

  /// The picture with left and right exchanged.
  public func flippedHorizontally() -> Picture {
    rearranged(width: width, height: height) { x, y in (width - 1 - x, y) }
  }

  /// The picture with top and bottom exchanged.
  public func flippedVertically() -> Picture {
    rearranged(width: width, height: height) { x, y in (x, height - 1 - y) }
  }

  /// The picture with rows and columns exchanged.
  public func transposed() -> Picture {
    rearranged(width: height, height: width) { x, y in (y, x) }
  }

  /// A picture whose pixels are those at other places of this one.
  private func rearranged(
    width: Int, height: Int, _ source: (_ x: Int, _ y: Int) -> (x: Int, y: Int)
  ) -> Picture {
    let moved = [UInt8](unsafeUninitializedCapacity: pixels.count) { output, initialized in
      pixels.withUnsafeBufferPointer { input in
        for y in 0..<height {
          for x in 0..<width {
            let from = source(x, y)
            let (to, start) = (y * width + x, from.y * self.width + from.x)
            for channel in 0..<channels {
              output[to * channels + channel] = input[start * channels + channel]
            }
          }
        }
      }
      initialized = pixels.count
    }
    return Picture(width: width, height: height, channels: channels, pixels: moved)
  }
}

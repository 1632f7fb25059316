import PlushData
import PlushTestSupport
import Testing

@Suite struct IDXTests {
  let small: [UInt8] = [0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6]

  @Test func readsBytes() throws {
    let array = try IDXArray(parsing: small)
    #expect(array.shape == [2, 3])
    #expect(array.dtype == .uint8)
    #expect(array.bytes == [1, 2, 3, 4, 5, 6])
    #expect(array.floats == [1, 2, 3, 4, 5, 6])
    #expect(try array.encoded() == small)
  }

  @Test(
    arguments: [
      (0x09, [0xFF, 0x02], [-1, 2]), (0x0B, [0xFF, 0xFE, 0x01, 0x00], [-2, 256]),
      (0x0C, [0xFF, 0xFF, 0xFF, 0xFD, 0, 1, 0, 0], [-3, 65536]),
      (0x0D, [0xBF, 0x80, 0, 0, 0x40, 0x20, 0, 0], [-1, 2.5]),
      (0x0E, [0xBF, 0xF0, 0, 0, 0, 0, 0, 0, 0x40, 0x04, 0, 0, 0, 0, 0, 0], [-1, 2.5]),
    ] as [(UInt8, [UInt8], [Float])])
  func readsEveryElementType(code: UInt8, payload: [UInt8], values: [Float]) throws {
    let file = [0, 0, code, 1, 0, 0, 0, 2] + payload
    let array = try IDXArray(parsing: file)
    #expect(array.floats == values)
    #expect(array.count == 2)
    #expect(try array.encoded() == file)
  }

  @Test func readsAndWritesFiles() throws {
    let folder = try TestFolder()
    let array = IDXArray((0..<60).map { UInt8($0) }, shape: [3, 4, 5])
    for name in ["a-idx3-ubyte", "a-idx3-ubyte.gz"] {
      try array.write(to: folder(name))
      #expect(try IDXArray(file: folder(name)) == array)
    }
    #expect(GZip.isCompressed(try readFile(folder("a-idx3-ubyte.gz"))))
  }

  @Test func refusesWhatDoesNotFit() {
    let array = IDXArray(element: .int8, shape: [1], bytes: [200, 0, 0, 0])
    let error = #expect(throws: FileError.self) { try array.encoded(path: "a.idx") }
    #expect(error?.message == "a.idx, 'element 0': expected a value from -128 to 127, found 200")
  }

  @Test(
    arguments: [
      ([], "expected an IDX header of at least 4 bytes, found 0 bytes"),
      ([1, 0, 8, 1], "byte 0: expected two zero bytes, as an IDX file starts, found 1, 0"),
      (
        [0, 0, 10, 1], "byte 2: expected an IDX element type (8, 9, 11, 12, 13 or 14), found 10"
      ),
      ([0, 0, 8, 2, 0, 0, 0, 1], "byte 4: expected the lengths of 2 axes, found 4 bytes"),
      (
        [0, 0, 12, 1, 0xFF, 0xFF, 0xFF, 0xFF, 1, 2],
        "byte 8: expected 17179869180 bytes for 4294967295 elements of int32, found 2 bytes"
      ),
      (
        [0, 0, 8, 1, 0, 0, 0, 1, 5, 6],
        "byte 8: expected 1 bytes for 1 elements of uint8, found 2 bytes"
      ),
      (
        [0, 0, 8, 3] + [UInt8](repeating: 0xFF, count: 12) + [1],
        "byte 16: expected far more bytes for 4294967295×4294967295×4294967295 elements of uint8, "
          + "found 1 bytes"
      ),
    ] as [([UInt8], String)])
  func tellsWhatIsWrong(file: [UInt8], message: String) {
    let error = #expect(throws: FileError.self) { try IDXArray(parsing: file, path: "a.idx") }
    #expect(error?.message == "a.idx\(message.hasPrefix("byte") ? ", " : ": ")\(message)")
  }

  @Test func anEmptyAxisIsEmpty() throws {
    let file: [UInt8] = [0, 0, 8, 2, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0]
    #expect(try IDXArray(parsing: file).count == 0)
  }

  @Test func survivesAnyBytes() {
    for length in 0..<small.count {
      let error = #expect(throws: FileError.self) { try IDXArray(parsing: Array(small[..<length])) }
      #expect(error?.kind == .truncated)
    }
    var generator = TestGenerator(seed: 5)
    for _ in 0..<5000 { _ = try? IDXArray(parsing: generator.flippingBits(of: small)) }
  }

  @Test(.enabled(if: sharedData != nil)) func readsMNIST() throws {
    let folder = try #require(sharedData) + "/mnist/"
    let images = try IDXArray(file: folder + "t10k-images-idx3-ubyte.gz")
    let labels = try IDXArray(file: folder + "t10k-labels-idx1-ubyte.gz")
    #expect(images.shape == [10000, 28, 28])
    #expect(labels.shape == [10000])
    #expect(labels.bytes.prefix(5) == [7, 2, 1, 0, 4])
  }
}

import PlushData
import PlushEngine
import PlushFormats
import PlushTestSupport
import Testing

/// Safetensors files that are read array by array, and types of them that are widened.
@Suite struct MappedSafetensorsTests {
  private func file(_ header: String, _ data: [UInt8]) -> [UInt8] {
    let length = header.utf8.count
    return (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) } + Array(header.utf8) + data
  }

  @Test func readsWhatWasWritten() throws {
    let folder = try TestFolder()
    let arrays = DType.allCases.map { type in
      NamedArray(
        type.name, type, shape: [2],
        bytes: [UInt8](repeating: type == .bool ? 1 : 3, count: 2 * type.byteCount)[...])
    }
    let empty = NamedArray("empty", .float32, shape: [0, 2], bytes: [])
    try Safetensors(arrays + [empty], metadata: ["a": "b"]).write(to: folder("a.safetensors"))
    let mapped = try MappedSafetensors(file: folder("a.safetensors"))
    let whole = try Safetensors(file: folder("a.safetensors"))
    #expect(mapped.metadata == ["a": "b"] && mapped.names == whole.arrays.map(\.name))
    for array in whole.arrays {
      #expect(try mapped.array(array.name) == array)
      #expect(mapped.shape(array.name) == array.shape)
      let tensor = try #require(try mapped.tensor(array.name))
      #expect(tensor.dtype == array.dtype && tensor.shape == array.shape)
      #expect(tensor.dataSync() == array.tensor.dataSync())
    }
    #expect(try mapped.tensor("none") == nil && mapped.array("none") == nil)
  }

  /// A tensor outlives the file it came from.
  @Test func tensorsKeepTheirValues() throws {
    let folder = try TestFolder()
    let bytes = [UInt8](repeating: 1, count: 1 << 20)
    try Safetensors([NamedArray("a", .uint8, shape: [1 << 20], bytes: bytes[...])])
      .write(to: folder("a.safetensors"))
    let tensor = try MappedSafetensors(file: folder("a.safetensors")).tensor("a")
    FileSystem.remove(folder("a.safetensors"))
    #expect(tensor?.cast(to: .float32).sum().item() == Float(1 << 20))
  }

  @Test(
    arguments: [
      ("I8", [0xFF, 5], DType.int32, [-1, 5]), ("U16", [0xFF, 0xFF], .int32, [65535]),
      ("I16", [0xD4, 0xFE, 5, 0], .int32, [-300, 5]),
      ("U32", [0, 0, 0, 0x80], .int64, [2_147_483_648]),
      ("U64", [0, 1, 0, 0, 0, 0, 0, 0], .int64, [256]),
      ("F8_E4M3", [0x38, 0xC0, 0x01, 0x7E, 0x08], .float32, [1, -2, 0x1p-9, 448, 0x1p-6]),
      ("F8_E5M2", [0x3C, 0xC0, 0x01, 0x7B, 0x7C], .float32, [1, -2, 0x1p-16, 57344, .infinity]),
    ] as [(String, [UInt8], DType, [Float])])
  func widens(type: String, data: [UInt8], dtype: DType, values: [Float]) throws {
    let header =
      #"{"a":{"dtype":"\#(type)","shape":[\#(values.count)],"data_offsets":[0,\#(data.count)]}}"#
    let bytes = file(header, data)
    let array = try #require(try Safetensors(parsing: bytes)["a"])
    #expect(array.dtype == dtype && array.tensor.dataSync() == values)
    let folder = try TestFolder()
    try writeFile(folder("a"), bytes)
    #expect(try MappedSafetensors(file: folder("a")).tensor("a")?.dataSync() == values)
  }

  @Test func tellsWhatIsWrong() throws {
    let folder = try TestFolder()
    let large = file(
      #"{"a":{"dtype":"U64","shape":[1],"data_offsets":[0,8]}}"#,
      [0, 0, 0, 0, 0, 0, 0, 0x80])
    let error = #expect(throws: FileError.self) { try Safetensors(parsing: large) }
    #expect(error?.expected == "numbers below 2^63")
    try writeFile(folder("a"), large)
    let mapped = try MappedSafetensors(file: folder("a"))
    #expect(throws: FileError.self) { try mapped.tensor("a") }
    try writeFile(folder("a"), Array(large.dropLast()))
    let short = #expect(throws: FileError.self) { try MappedSafetensors(file: folder("a")) }
    #expect(short?.kind == .truncated)
    try writeFile(folder("a"), [])
    let empty = #expect(throws: FileError.self) { try MappedSafetensors(file: folder("a")) }
    #expect(empty?.kind == .truncated)
    let missing = #expect(throws: FileError.self) { try MappedSafetensors(file: folder("b")) }
    #expect(missing?.kind == .missing)
    #expect(throws: FileError.self) { try MappedSafetensors(file: folder.path) }
  }
}

import PlushData
import PlushEngine
import PlushFormats
import PlushTestSupport
import Testing

@Suite struct SafetensorsTests {
  /// A file with this header and so many bytes of data.
  func file(_ header: String, data: Int = 0) -> [UInt8] {
    let length = (0..<8).map { UInt8(truncatingIfNeeded: header.utf8.count >> (8 * $0)) }
    return length + Array(header.utf8) + [UInt8](repeating: 1, count: data)
  }

  func error(_ header: String, data: Int = 0) -> FileError? {
    #expect(throws: FileError.self) {
      try Safetensors(parsing: file(header, data: data), path: "m.safetensors")
    }
  }

  @Test func readsAHandMadeFile() throws {
    let header = #"""
      {"__metadata__":{"format":"pt"},"b":{"dtype":"U8","shape":[2],"data_offsets":[8,10]},
      "a":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]},
      "e":{"dtype":"I64","shape":[0,3],"data_offsets":[8,8]}}   
      """#
    let read = try Safetensors(parsing: file(header, data: 10))
    #expect(read.arrays.map(\.name) == ["a", "e", "b"])
    #expect(read.metadata == ["format": "pt"])
    #expect(read["a"]?.dtype == .float32)
    #expect(read["a"]?.shape == [1, 2])
    #expect(read["b"]?.bytes == [1, 1])
    #expect(read["e"]?.bytes.isEmpty == true)
    #expect(read["z"] == nil)
  }

  @Test func readsWhatItWrote() throws {
    let folder = try TestFolder()
    let arrays = DType.allCases.map { type in
      NamedArray(
        "layer/\(type.name)", type, shape: [3, 1],
        bytes: [UInt8](repeating: 1, count: 3 * type.byteCount)[...])
    }
    let scalar = NamedArray("scalar", .float32, shape: [], bytes: [0, 0, 128, 63])
    let written = Safetensors(arrays + [scalar], metadata: ["format": "plush", "é": "\"\n"])
    try written.write(to: folder("m.safetensors"))
    let read = try Safetensors(file: folder("m.safetensors"))
    #expect(Set(read.arrays) == Set(written.arrays))
    #expect(read.metadata == written.metadata)
    #expect(read.arrays.map(\.dtype.byteCount) == [8, 8, 4, 4, 4, 2, 2, 1, 1])
    let bytes = try readFile(folder("m.safetensors"))
    let header = bytes[..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
    #expect(header % 8 == 0)
  }

  @Test func writesAndReadsNothing() throws {
    let folder = try TestFolder()
    try Safetensors([]).write(to: folder("m"))
    #expect(try Safetensors(file: folder("m")).arrays.isEmpty)
  }

  @Test func refusesToWriteANameTwice() throws {
    let folder = try TestFolder()
    let array = NamedArray("a", .uint8, shape: [1], bytes: [1])
    for arrays in [[array, array], [NamedArray("__metadata__", .uint8, shape: [0], bytes: [])]] {
      #expect(throws: FileError.self) { try Safetensors(arrays).write(to: folder("m")) }
    }
    #expect(folder.names.isEmpty)
  }

  @Test(arguments: [
    ("[]", 0, "byte 8: expected a header that is a JSON object, found a list of 0"),
    ("{", 0, "byte 9: expected in the header a text in quotes, found the end of the text"),
    (
      #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"#
        + #""a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#, 8,
      "byte 62: expected in the header every name once, found \"a\" again"
    ),
    (#"{"a":1}"#, 0, "'a': expected a type, found no 'dtype'"),
    (
      #"{"a":{"dtype":"C64","shape":[1],"data_offsets":[0,8]}}"#, 8,
      "'a': expected one of the types F64, F32, F16, BF16, F8_E4M3, F8_E5M2, I64, I32, I16, I8, "
        + "U64, U32, U16, U8, BOOL, found 'C64'"
    ),
    (
      #"{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}"#, 4,
      "'a': expected a shape of whole numbers, found a list of 1"
    ),
    (
      #"{"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}}"#, 4,
      "'a': expected a shape of whole numbers, found a list of 1"
    ),
    (
      #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}"#, 4,
      "'a': expected a start and an end of the data, found a list of 2"
    ),
    (
      #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,8]}}"#, 8,
      "'a': expected 4 bytes for the shape [1] of F32, found 8"
    ),
    (
      #"{"a":{"dtype":"F32","shape":[4294967296,4294967296,0],"data_offsets":[0,0]}}"#, 0,
      "'a': expected far more bytes for the shape [4294967296, 4294967296, 0] of F32, found 0"
    ),
    (
      #"{"a":{"dtype":"F32","shape":[9],"data_offsets":[0,36]}}"#, 35,
      "'a': expected data from byte 0 to 36, found only 35 bytes of data"
    ),
    (
      #"{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"#
        + #""b":{"dtype":"U8","shape":[4],"data_offsets":[2,6]}}"#, 6,
      "'b': expected data that starts at byte 4, found an overlap: it starts at 2"
    ),
    (
      #"{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"#
        + #""b":{"dtype":"U8","shape":[1],"data_offsets":[5,6]}}"#, 6,
      "'b': expected data that starts at byte 4, found a gap: it starts at 5"
    ),
    (
      #"{"__metadata__":{"a":1}}"#, 0, "'__metadata__': expected a text for 'a', found 1"
    ),
  ])
  func tellsWhatIsWrong(header: String, data: Int, message: String) {
    #expect(error(header, data: data)?.message == "m.safetensors, \(message)")
  }

  @Test func tellsOfOtherFaults() throws {
    #expect(
      error(#"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}"#, data: 3)?.message
        == "m.safetensors: expected 1 bytes of data, as the header says, found 3")
    let truth = #"{"a":{"dtype":"BOOL","shape":[1],"data_offsets":[0,1]}}"#
    let bad = #expect(throws: FileError.self) {
      try Safetensors(parsing: Array(file(truth)) + [7], path: "m.safetensors")
    }
    #expect(bad?.message == "m.safetensors, 'a': expected truth values 0 or 1, found 7")
    let huge = [UInt8](repeating: 0xFF, count: 16)
    let lie = #expect(throws: FileError.self) { try Safetensors(parsing: huge, path: "m") }
    #expect(
      lie?.message == "m, byte 0: expected the length of the header, at most 100000000, "
        + "found 18446744073709551615")
    let deep = file(String(repeating: "[", count: 100_000))
    #expect(throws: FileError.self) { try Safetensors(parsing: deep) }
    let missing = #expect(throws: FileError.self) { try Safetensors(file: "/no/such") }
    #expect(missing?.kind == .missing)
  }

  @Test func survivesAnyBytes() {
    let sound = file(
      #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"#
        + #""b":{"dtype":"BOOL","shape":[2],"data_offsets":[8,10]}}"#, data: 10)
    for length in 0..<sound.count {
      let error = #expect(throws: FileError.self) {
        try Safetensors(parsing: Array(sound[..<length]))
      }
      #expect(error?.kind == .truncated)
    }
    var generator = TestGenerator(seed: 8)
    for _ in 0..<20_000 {
      _ = try? Safetensors(parsing: generator.flippingBits(of: sound))
    }
  }
}

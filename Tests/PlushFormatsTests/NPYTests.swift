import Foundation
import PlushData
import PlushEngine
import PlushFormats
import PlushTensor
import PlushTestSupport
import Testing

@Suite struct NPYTests {
  /// A file with this header and data.
  private func file(_ header: String, _ data: [UInt8] = [], version: UInt8 = 1) -> [UInt8] {
    let count = header.utf8.count
    let length = (0..<(version == 1 ? 2 : 4)).map { UInt8(truncatingIfNeeded: count >> (8 * $0)) }
    return [0x93] + Array("NUMPY".utf8) + [version, 0] + length + Array(header.utf8) + data
  }

  private func header(_ type: String, _ shape: String, column: Bool = false) -> String {
    "{'descr': '\(type)', 'fortran_order': \(column ? "True" : "False"), 'shape': \(shape), }  \n"
  }

  @Test(arguments: DType.allCases) func readsWhatItWrote(_ type: DType) throws {
    let folder = try TestFolder()
    for shape in [[], [3], [2, 0, 3], [1, 2, 3]] {
      let count = type.byteCount * shape.reduce(1, *)
      let bytes = (0..<count).map { UInt8(type == .bool ? $0 % 2 : $0) }
      let array = NPY(type, shape: shape, bytes: bytes[...])
      try array.write(to: folder("a.npy"))
      let written = try readFile(folder("a.npy"))
      #expect((written.count - count) % 64 == 0)
      #expect(try NPY(file: folder("a.npy")) == array)
    }
    #expect(folder.names == ["a.npy"])
  }

  @Test func isATensor() throws {
    let tensor = Tensor([[1.0, 2], [3, 4]])
    #expect(NPY(tensor).shape == [2, 2])
    #expect(NPY(tensor).tensor.dataSync() == [1, 2, 3, 4])
  }

  /// `numpy.save` of a column-major array of big-endian doubles.
  @Test func readsWhatNumPyWrote() throws {
    let bytes = try #require(Data(base64Encoded: numPyFile))
    let array = try NPY(parsing: Array(bytes))
    #expect(array.dtype == .float64 && array.shape == [2, 3])
    #expect(array.tensor.dataSync() == [0, 2.5, 5, 7.5, 10, 12.5])
  }

  @Test(
    arguments: [
      ("|i1", "(2,)", [0xFF, 5], DType.int32, [-1, 5]),
      ("<i2", "(2,)", [0xD4, 0xFE, 5, 0], .int32, [-300, 5]),
      (">i2", "(2,)", [0xFE, 0xD4, 0, 5], .int32, [-300, 5]),
      ("<u2", "(1,)", [0xFF, 0xFF], .int32, [65535]),
      ("<u4", "(1,)", [0, 0, 0, 0x80], .int64, [2_147_483_648]),
      (">i4", "(1L,)", [0, 0, 1, 2], .int32, [258]),
      ("<f2", "()", [0, 0x3E], .float16, [1.5]),
      ("<V2", "(1, 1)", [0x80, 0x3F], .bfloat16, [1]),
      ("|b1", "(2,)", [1, 0], .bool, [1, 0]),
      ("|u1", "( 2 , )", [255, 1], .uint8, [255, 1]),
    ] as [(String, String, [UInt8], DType, [Float])])
  func readsEveryType(
    type: String, shape: String, data: [UInt8], dtype: DType, values: [Float]
  ) throws {
    for version in 1...3 {
      let array = try NPY(parsing: file(header(type, shape), data, version: UInt8(version)))
      #expect(array.dtype == dtype)
      #expect(array.tensor.dataSync() == values)
    }
  }

  @Test func readsColumnsFirst() throws {
    let data = (0..<24).map { UInt8($0) }
    let cube = try NPY(parsing: file(header("|u1", "(2, 3, 4)", column: true), data))
    let expected: [UInt8] = (0..<24).map { (place: UInt8) in
      let (plane, row, column) = (place / 12, place / 4 % 3, place % 4)
      return plane + 2 * row + 6 * column
    }
    #expect(Array(cube.bytes) == expected)
    let empty = try NPY(parsing: file(header("<f4", "(0, 3)", column: true)))
    #expect(empty.shape == [0, 3] && empty.bytes.isEmpty)
  }

  @Test func keysMayComeInAnyOrder() throws {
    let text = #"{"shape":(1,),"fortran_order":False,"descr":"|u1"}"#
    #expect(try NPY(parsing: file(text, [7])).bytes == [7])
  }

  @Test(arguments: [
    (
      "{'descr': '|O', 'fortran_order': False, 'shape': (2,), }", 14,
      "byte 24: expected in the header an array of numbers, found pickled Python objects ('|O')"
    ),
    (
      "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,), }", 8,
      "byte 19: expected in the header an array of numbers, found one of records"
    ),
    (
      "{'descr': '<c8', 'fortran_order': False, 'shape': (1,), }", 8,
      "byte 25: expected in the header one of the types f2, f4, f8, V2, i1, i2, i4, i8, u1, u2, "
        + "u4, b1, found '<c8'"
    ),
    (
      "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", 4,
      "byte 67: expected 8 bytes for the shape [2] of '<f4', found 4"
    ),
    (
      "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }", 8,
      "byte 67: expected 4 bytes for the shape [1] of '<f4', found 8"
    ),
    (
      "{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296, 0), }", 0,
      "byte 90: expected far more bytes for the shape [4294967296, 4294967296, 0] of '<f4', found 0"
    ),
    (
      "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,), }", 0,
      "byte 61: expected in the header a shape of whole numbers, found '99999999999999999999'"
    ),
    (
      "{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }", 4,
      "byte 61: expected in the header a shape of whole numbers, found '-1,), }'"
    ),
    (
      "{'descr': '<f4', 'fortran_order': 0, 'shape': (1,), }", 4,
      "byte 44: expected in the header True or False, found '0, 'shape': (1,), }'"
    ),
    (
      "{'descr': '<f4', 'shape': (1,), }", 4,
      "byte 43: expected in the header the keys 'descr', 'fortran_order' and 'shape', "
        + "found not all of them"
    ),
    (
      "{'descr': '<f4', 'descr': '<f8'}", 4,
      "byte 35: expected in the header the keys 'descr', 'fortran_order' and 'shape' once, "
        + "found 'descr'"
    ),
    (
      "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), } 7", 4,
      "byte 67: expected in the header the end of the header, found more text"
    ),
    (
      "{'descr': '|b1', 'fortran_order': False, 'shape': (2,), }", 2,
      "'array': expected truth values 0 or 1, found 9"
    ),
    ("[", 0, "byte 10: expected in the header '{', found '['"),
    ("{'", 0, "byte 12: expected in the header the end of a text, found its end"),
  ])
  func tellsWhatIsWrong(header: String, data: Int, message: String) {
    let error = #expect(throws: FileError.self) {
      try NPY(parsing: file(header, [UInt8](repeating: 9, count: data)), path: "a.npy")
    }
    #expect(error?.message == "a.npy, \(message)")
  }

  @Test func tellsOfOtherFaults() throws {
    let zip = #expect(throws: FileError.self) { try NPY(parsing: [0x50, 0x4B, 3, 4]) }
    #expect(zip?.hint == "read .npz files with NPZ")
    let version = #expect(throws: FileError.self) {
      try NPY(parsing: file(header("<f4", "()"), version: 4))
    }
    #expect(version?.kind == .unsupported)
    let cut = [0x93] + Array("NUMPY".utf8) + [9]
    #expect(throws: FileError.self) { try NPY(parsing: cut) }
    let ones = String(repeating: "1, ", count: 65)
    let rank = #expect(throws: FileError.self) {
      try NPY(parsing: file(header("|u1", "(\(ones))"), [1]))
    }
    #expect(rank?.found == "65")
    let folder = try TestFolder()
    let deep = NPY(.uint8, shape: Array(repeating: 1, count: 65), bytes: [1])
    #expect(throws: FileError.self) { try deep.write(to: folder("a.npy")) }
    #expect(folder.names.isEmpty)
    let missing = #expect(throws: FileError.self) { try NPY(file: folder("a.npy")) }
    #expect(missing?.kind == .missing)
  }

  @Test func survivesAnyBytes() {
    let sound = file(header("<i2", "(2, 3)", column: true), (0..<12).map { UInt8($0) })
    for length in 0..<sound.count {
      let error = #expect(throws: FileError.self) { try NPY(parsing: Array(sound[..<length])) }
      #expect(error?.kind == .truncated)
    }
    var generator = TestGenerator(seed: 5)
    for _ in 0..<20_000 { _ = try? NPY(parsing: generator.flippingBits(of: sound)) }
  }
}

private let numPyFile =
  "k05VTVBZAQB2AHsnZGVzY3InOiAnPmY4JywgJ2ZvcnRyYW5fb3JkZXInOiBUcnVlLCAnc2hhcGUnOiAoMiwgMyks"
  + "IH0gICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAAA"
  + "AAAAAEAeAAAAAAAAQAQAAAAAAABAJAAAAAAAAEAUAAAAAAAAQCkAAAAAAAA="

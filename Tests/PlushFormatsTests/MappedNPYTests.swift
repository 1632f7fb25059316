import PlushData
import PlushEngine
import PlushFormats
import PlushTensor
import PlushTestSupport
import Testing

/// Files of NumPy that are mapped into memory.
@Suite struct MappedNPYTests {
  private let folder: TestFolder
  private let arrays = DType.allCases.map { type in
    NamedArray(
      "a/\(type.name)", type, shape: [2, 1],
      bytes: [UInt8](repeating: type == .bool ? 1 : 3, count: 2 * type.byteCount)[...])
  }

  init() throws { folder = try TestFolder() }

  /// Types, and orders of axes and of bytes, that are not those of tensors are read too.
  @Test func readsArraysAsTheyAreReadWhole() throws {
    var files = try arrays.map { array in
      try NPY(array.dtype, shape: array.shape, bytes: array.bytes).write(to: folder("a.npy"))
      return try readFile(folder("a.npy"))
    }
    func file(_ type: String, _ isColumnMajor: Bool, _ shape: String, _ data: [UInt8]) -> [UInt8] {
      let header =
        "{'descr': '\(type)', 'fortran_order': \(isColumnMajor ? "True" : "False"), "
        + "'shape': (\(shape)), }"
      return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(header.utf8.count), 0] + header.utf8 + data
    }
    files += [
      file("<i2", false, "2,", [1, 0, 255, 255]), file(">f4", false, "1,", [0x3F, 0x80, 0, 0]),
      file("|u1", true, "2, 3", [0, 1, 2, 3, 4, 5]), file("<f4", false, "0, 3", []),
    ]
    for bytes in files {
      try writeFile(folder("a.npy"), bytes)
      let (mapped, whole) = (try MappedNPY(file: folder("a.npy")), try NPY(parsing: bytes))
      #expect(mapped.dtype == whole.dtype && mapped.shape == whole.shape)
      #expect(try mapped.array() == whole)
      let tensor = try mapped.tensor()
      #expect(tensor.dtype == whole.dtype && tensor.shape == whole.shape)
      #expect(tensor.bytes() == Array(whole.bytes))
    }
  }

  @Test func tellsWhatIsWrong() throws {
    try NPY(.bool, shape: [2], bytes: [1, 9]).write(to: folder("a.npy"))
    let truth = try MappedNPY(file: folder("a.npy"))
    #expect(throws: FileError.self) { try truth.tensor() }
    let bytes = try readFile(folder("a.npy"))
    for count in 0..<bytes.count {
      try writeFile(folder("cut.npy"), bytes[..<count])
      let error = #expect(throws: FileError.self) { try MappedNPY(file: folder("cut.npy")) }
      #expect(error?.kind == .truncated, "\(count)")
    }
    #expect(throws: FileError.self) { try MappedNPY(file: folder("none.npy")) }
  }

  @Test(arguments: [false, true]) func readsArraysOneByOne(isCompressed: Bool) throws {
    try NPZ(arrays).write(to: folder("a.npz"), isCompressed: isCompressed)
    let file = try MappedNPZ(file: folder("a.npz"))
    #expect(file.names == arrays.map(\.name))
    for array in arrays {
      #expect(file.shape(array.name) == array.shape)
      let tensor = try #require(try file.tensor(array.name))
      #expect(tensor.dtype == array.dtype && tensor.bytes() == Array(array.bytes))
    }
    #expect(try file.tensor("none") == nil && file.shape("none") == nil)
  }

  /// The header of an array is read at once, its elements are checked when they are asked for.
  @Test func damagedElementsAreTold() throws {
    let array = NamedArray("x", .uint8, shape: [4], bytes: [10, 20, 30, 40])
    try NPZ([array]).write(to: folder("a.npz"))
    var bytes = try readFile(folder("a.npz"))
    let place = try #require(bytes.indices.first { bytes[$0...].starts(with: array.bytes) })
    bytes[place] = 11
    try writeFile(folder("b.npz"), bytes)
    let file = try MappedNPZ(file: folder("b.npz"))
    let error = #expect(throws: FileError.self) { try file.tensor("x") }
    #expect(error?.expected.contains("checksum") == true)
  }

  @Test func packedArraysAreLimited() throws {
    let zeros = NamedArray(
      "x", .uint8, shape: [40_000], bytes: [UInt8](repeating: 0, count: 40_000)[...])
    try NPZ([zeros]).write(to: folder("a.npz"), isCompressed: true)
    #expect(try MappedNPZ(file: folder("a.npz"), limit: 41_000).names == ["x"])
    let error = #expect(throws: FileError.self) {
      try MappedNPZ(file: folder("a.npz"), limit: 40_000)
    }
    #expect(error?.kind == .tooLarge)
  }
}

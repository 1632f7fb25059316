import PlushData
import PlushTensor

/// An `.npz` file of NumPy of which arrays are read one by one, when they are asked for: the file is
/// mapped into memory, and only headers are read at first. Arrays that are packed are unpacked at
/// once, as nothing else tells their shapes.
///
/// The file must not be shortened as long as this lives.
public struct MappedNPZ: Sendable {
  /// The names of the arrays, in the order of the file.
  public let names: [String]
  private let archive: ZipArchive
  private let members: [String: Member]

  private enum Member {
    case mapped(MappedArray, ZipArchive.Entry)
    case unpacked(NamedArray)
  }

  /// Opens a file and checks the headers in it.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - limit: the most bytes to unpack; a small file can claim to hold very many.
  /// - Throws: `FileError` that names the file and the array at fault.
  public init(file path: String, limit: Int = 1 << 34) throws {
    let (archive, file) = (try ZipArchive(file: path), try MappedFile(path))
    var (names, members, left) = ([String](), [String: Member](), limit)
    for entry in archive.entries {
      let name = try entry.arrayName(notIn: members.keys, path)
      names.append(name)
      if let range = try archive.storedRange(of: entry), range.upperBound <= file.bytes.count {
        members[name] = .mapped(
          try entry.naming(path) { try MappedArray(npy: range, in: file, path) }, entry)
      } else {
        let bytes = try archive.read(entry, limit: left)
        left -= bytes.count
        members[name] = .unpacked(
          try entry.naming(path) { try NPY(parsing: bytes, path: path).named(name) })
      }
    }
    (self.names, self.archive, self.members) = (names, archive, members)
  }

  /// The shape of an array, or nil if there is none of this name.
  public func shape(_ name: String) -> [Int]? {
    switch members[name] {
    case .mapped(let array, _): array.shape
    case .unpacked(let array): array.shape
    case nil: nil
    }
  }

  /// An array as a tensor, or nil if there is none of this name.
  ///
  /// - Throws: `FileError` if its bytes do not have their checksum, or its truth values are neither
  ///   0 nor 1.
  public func tensor(_ name: String) throws -> Tensor? {
    switch members[name] {
    case .mapped(let array, let entry):
      try archive.checkStored(entry)
      return try array.tensor()
    case .unpacked(let array): return array.tensor
    case nil: return nil
    }
  }
}

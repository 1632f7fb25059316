import PlushData

/// A file in the HDF5 format, as Keras and h5py write it: groups of arrays and further groups, both
/// with attributes. Arrays are read when they are asked for, one at a time.
///
/// Superblocks 0 to 3 are read, groups of the old and of the new kind, arrays that are compact,
/// contiguous or in chunks, also packed with gzip and shuffled. Checksums of the new kind are not
/// compared. See https://support.hdfgroup.org/documentation/hdf5/latest/_f_m_t3.html.
public struct HDF5File {
  /// The group that holds everything.
  public let root: HDF5Group

  /// Opens a file.
  ///
  /// - Throws: `FileError` if the file is missing, cut short, damaged or not an HDF5 file.
  public init(_ path: String) throws { try self.init(try ByteSource(file: path)) }

  /// Opens a file in memory; `path` names it in errors.
  ///
  /// - Throws: `FileError` if the bytes are cut short, damaged or not an HDF5 file.
  public init(parsing bytes: [UInt8], path: String = "HDF5 data") throws {
    try self.init(ByteSource(bytes, path: path))
  }

  init(_ source: ByteSource) throws {
    guard let start = try Self.start(of: source) else {
      throw FileError(
        source.size < 8 ? .truncated : .corrupt, source.path, at: .byte(source.start),
        expected: "an HDF5 file, which begins with '\\x89HDF'", found: "other bytes",
        hint: "is this a file of Keras or h5py?")
    }
    let superblock = try Superblock(source.part(start..<source.size))
    root = try HDF5Reader(superblock.source).group(at: superblock.root)
  }

  static let signature: [UInt8] = [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A]

  /// The place of the signature: the start, or where a block of the user's own ends.
  private static func start(of source: ByteSource) throws -> Int? {
    var place = 0
    while place <= source.size - 8 {
      if try source.bytes(place..<place + 8) == signature { return place }
      place = max(512, 2 * place)
    }
    return nil
  }
}

/// What stands at the start of a file.
private struct Superblock {
  /// The address of the header of the root group.
  let root: Int
  /// The file from the base of all addresses on.
  let source: ByteSource

  init(_ source: ByteSource) throws {
    let head = try source.bytes(0..<min(source.size, 128))
    var cursor = HDF5Cursor(head[...], at: source.start, of: source.path)
    try cursor.skip(8)
    let version = try cursor.version(0...3, of: "a superblock")
    if version < 2 {
      try cursor.skip(4)
      try Self.checkSizes(&cursor)
      try cursor.skip(version == 0 ? 9 : 13)
    } else {
      try Self.checkSizes(&cursor)
      try cursor.skip(1)
    }
    let base = try cursor.address() ?? 0
    try cursor.skip(8)
    let end = try cursor.address() ?? 0
    if version < 2 { try cursor.skip(16) }
    guard let root = try cursor.address() else {
      throw cursor.wrong("the address of the root group", "none")
    }
    guard base <= end, end <= source.size else {
      throw FileError(
        .truncated, source.path, expected: "a file of \(end) bytes, as its start says",
        found: "\(source.size)", hint: "fetch the file again")
    }
    self.root = root
    self.source = source.part(base..<end)
  }

  private static func checkSizes(_ cursor: inout HDF5Cursor) throws {
    let sizes = [try cursor.number(1), try cursor.number(1)]
    guard sizes == [8, 8] else {
      throw cursor.wrong("addresses and lengths of 8 bytes", "\(sizes)", .unsupported)
    }
  }
}

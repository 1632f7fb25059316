import PlushData

/// Reads the parts of an HDF5 file from their places.
///
/// Places in a file may be shared, so a small file could lead to very much reading: all that is not
/// the data of arrays counts against a budget.
final class HDF5Reader {
  /// The file from its base address on.
  let source: ByteSource
  private var budget: Int
  // What is kept must not lead back here, or the file would stay open for good.
  private var groups: [Int: (messages: [ObjectHeader.Message], places: [String: Int])] = [:]
  private var heaps: [Int: GlobalHeap] = [:]

  init(_ source: ByteSource) {
    self.source = source
    budget = 64 << 20 + 4 * source.size
  }

  var path: String { source.path }

  /// The bytes at an address.
  ///
  /// - Throws: `FileError` if the place lies outside the file.
  func piece(at address: Int, _ count: Int) throws -> HDF5Cursor {
    try checkPlace(address, count)
    // A read costs something, however short it is.
    budget -= count + 64
    guard budget >= 0 else {
      throw wrong(
        at: address, "parts that do not refer to each other again and again",
        "more reading than the file has bytes")
    }
    return HDF5Cursor(
      try source.bytes(address..<address + count)[...], at: source.start + address, of: path)
  }

  /// The bytes of an array.
  func data(at address: Int, _ count: Int) throws -> [UInt8] {
    try checkPlace(address, count)
    return try source.bytes(address..<address + count)
  }

  private func checkPlace(_ address: Int, _ count: Int) throws {
    guard address >= 0, count >= 0, address <= source.size, count <= source.size - address else {
      throw FileError(
        .corrupt, path, at: .byte(source.start + min(source.size, max(0, address))),
        expected: "\(count) bytes from byte \(address)",
        found: "a file of \(source.size)", hint: "fetch the file again")
    }
  }

  /// The group with the object header at an address.
  func group(at address: Int) throws -> HDF5Group {
    if let (messages, places) = groups[address] {
      return HDF5Group(ObjectHeader(messages, self), places)
    }
    let header = try ObjectHeader(at: address, self)
    let places = try HDF5Group.links(header)
    groups[address] = (header.messages, places)
    return HDF5Group(header, places)
  }

  /// The global heap at an address.
  func globalHeap(at address: Int) throws -> GlobalHeap {
    if let heap = heaps[address] { return heap }
    let heap = try GlobalHeap(at: address, self)
    heaps[address] = heap
    return heap
  }

  /// An error at an address.
  func wrong(
    at address: Int, _ expected: String, _ found: String, _ kind: FileError.Kind = .corrupt
  ) -> FileError {
    let place = FileError.Place.byte(source.start + max(0, address))
    return FileError(kind, path, at: place, expected: expected, found: found)
  }
}

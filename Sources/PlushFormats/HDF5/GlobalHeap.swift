import PlushData

/// A collection of pieces of any length, such as texts.
struct GlobalHeap {
  private let address: Int
  private var places: [Int: (start: Int, size: Int)] = [:]

  init(at address: Int, _ reader: HDF5Reader) throws {
    self.address = address
    var head = try reader.piece(at: address, 16)
    try head.expect("GCOL")
    _ = try head.version(1...1, of: "a global heap")
    try head.skip(3)
    let size = try head.number(8)
    guard size >= 16 else { throw head.wrong("a size of at least 16", "\(size)") }
    var objects = try reader.piece(at: address + 16, size - 16)
    while objects.rest >= 16 {
      let index = try objects.number(2)
      try objects.skip(6)
      let size = try objects.number(8)
      // 0 is the room that is free.
      if index == 0 { break }
      places[index] = (address + 16 + objects.position, size)
      try objects.skip(size)
      try objects.align()
    }
  }

  /// The first bytes of an object.
  func bytes(of index: Int, _ count: Int, _ reader: HDF5Reader) throws -> ArraySlice<UInt8> {
    guard let place = places[index], count <= place.size else {
      throw reader.wrong(
        at: address, "an object \(index) of \(count) bytes in the global heap",
        places[index].map { "one of \($0.size)" } ?? "none")
    }
    var piece = try reader.piece(at: place.start, count)
    return try piece.take(count)
  }
}

import PlushData

/// The blocks that an array is cut into.
struct Chunks {
  /// What leads to the blocks; without an address none were written.
  enum Index {
    case tree(Int?)
    case single(Int?, size: Int?)
    case implicit(Int?)
    case fixedArray(Int?)
  }

  /// A block in the file.
  struct Chunk {
    let address: Int
    /// Bytes in the file.
    let size: Int
    /// Which filters were left out, a bit for each.
    let skipped: Int
    /// Where in the array the block begins.
    let offset: [Int]
  }

  /// The extents of a block.
  let shape: [Int]
  /// How many elements a block has.
  let size: Int
  private let index: Index

  init(
    _ shape: ArraySlice<Int>, rank: Int, _ index: Index, _ message: HDF5Cursor
  ) throws {
    self.shape = Array(shape)
    guard shape.count == rank, !shape.contains(0), rank > 0,
      let size = byteCount(self.shape, elementSize: 1), size <= 1 << 32
    else { throw message.wrong("chunks with \(rank) axes, none of them 0", "\(self.shape)") }
    self.size = size
    self.index = index
  }

  /// The blocks of an array.
  func list(
    _ array: [Int], elementSize: Int, isPacked: Bool, _ reader: HDF5Reader
  ) throws -> [Chunk] {
    let bytes = size * elementSize
    switch index {
    case .tree(nil), .single(nil, _), .implicit(nil), .fixedArray(nil): return []
    case .tree(let address?): return try tree(at: address, array, reader)
    case .single(let address?, let size):
      return [
        Chunk(address: address, size: size ?? bytes, skipped: 0, offset: array.map { _ in 0 })
      ]
    case .implicit(let address?):
      return try offsets(array, at: address, reader).enumerated().map {
        Chunk(address: address + $0 * bytes, size: bytes, skipped: 0, offset: $1)
      }
    case .fixedArray(let address?):
      return try fixedArray(at: address, array, bytes, isPacked: isPacked, reader)
    }
  }

  private func tree(at address: Int, _ array: [Int], _ reader: HDF5Reader) throws -> [Chunk] {
    let keySize = 8 + 8 * (array.count + 1)
    return try BTree.leaves(at: address, kind: .chunks, keySize: keySize, reader).map { leaf in
      var key = leaf.key
      let (size, skipped) = (try key.number(4), try key.number(4))
      let offset = try array.map { _ in try key.number(8) }
      guard zip(offset, array).allSatisfy({ $0 < $1 }) else {
        throw key.wrong("a chunk inside the shape \(array)", "one at \(offset)")
      }
      return Chunk(address: leaf.child, size: size, skipped: skipped, offset: offset)
    }
  }

  /// Where blocks begin, if all are there, in order.
  private func offsets(
    _ array: [Int], at address: Int, _ reader: HDF5Reader
  ) throws -> [[Int]] {
    let counts = zip(array, shape).map { ($0 + $1 - 1) / $1 }
    guard let count = byteCount(counts, elementSize: 1), count <= reader.source.size else {
      throw reader.wrong(at: address, "a chunk for each byte at most", "\(counts) chunks")
    }
    return (0..<count).map { number in
      var rest = number
      var offset = array
      for axis in array.indices.reversed() {
        offset[axis] = rest % counts[axis] * shape[axis]
        rest /= counts[axis]
      }
      return offset
    }
  }

  /// The blocks that a list of a fixed length names.
  private func fixedArray(
    at address: Int, _ array: [Int], _ bytes: Int, isPacked: Bool, _ reader: HDF5Reader
  ) throws -> [Chunk] {
    var head = try reader.piece(at: address, 24)
    try head.expect("FAHD")
    _ = try head.version(0...0, of: "a list of chunks")
    try head.skip(1)
    let entrySize = try head.number(1)
    let pageBits = try head.number(1)
    let count = try head.number(8)
    guard let place = try head.address() else { return [] }
    let offsets = try offsets(array, at: address, reader)
    guard count == offsets.count, count <= 1 << min(pageBits, 40), (8...24).contains(entrySize)
    else {
      throw head.wrong(
        "a list of \(offsets.count) chunks in one page", "\(count)", .unsupported,
        hint: "write the array in fewer chunks")
    }
    var list = try reader.piece(at: place, 14 + count * entrySize)
    try list.expect("FADB")
    try list.skip(10)
    return try offsets.compactMap { offset in
      let address = try list.address()
      let size = isPacked ? try list.number(entrySize - 12) : bytes
      let skipped = isPacked ? try list.number(4) : 0
      return address.map { Chunk(address: $0, size: size, skipped: skipped, offset: offset) }
    }
  }
}

/// An array that is put together of blocks.
struct ChunkAssembly {
  private(set) var bytes: [UInt8]
  private let array: [Int]
  private let chunk: [Int]
  private let elementSize: Int

  /// - Parameter bytes: the array before any block came.
  init(_ array: [Int], _ chunk: [Int], elementSize: Int, _ bytes: [UInt8]) {
    self.array = array
    self.chunk = chunk
    self.elementSize = elementSize
    self.bytes = bytes
  }

  /// Puts a block in its place; what reaches beyond the array is left out.
  mutating func add(_ block: ArraySlice<UInt8>, _ offset: [Int]) throws {
    let last = array.count - 1
    let row = min(chunk[last], array[last] - offset[last]) * elementSize
    var place = [Int](repeating: 0, count: last)
    if row <= 0 || zip(offset, array).contains(where: { $0 >= $1 }) { return }
    repeat {
      var (source, target) = (0, 0)
      for axis in 0..<last {
        source = (source + place[axis]) * chunk[axis + 1]
        target = (target + place[axis] + offset[axis]) * array[axis + 1]
      }
      let from = block.startIndex + source * elementSize
      let to = (target + offset[last]) * elementSize
      bytes.replaceSubrange(to..<to + row, with: block[from..<from + row])
    } while advance(&place, offset)
  }

  /// On to the next row of a block that lies in the array.
  private func advance(_ place: inout [Int], _ offset: [Int]) -> Bool {
    for axis in place.indices.reversed() {
      place[axis] += 1
      if place[axis] < min(chunk[axis], array[axis] - offset[axis]) { return true }
      place[axis] = 0
    }
    return false
  }
}

import PlushData

/// How chunks were packed.
struct DataFilter {
  enum Kind: Int {
    case deflate = 1
    case shuffle = 2
    case checksum = 3
  }

  let kind: Kind

  /// The filters in the order in which they packed.
  static func list(_ message: HDF5Cursor) throws -> [DataFilter] {
    var message = message
    let version = try message.version(1...2, of: "a list of filters")
    let count = try message.number(1)
    if version == 1 { try message.skip(6) }
    return try (0..<count).map { _ in try DataFilter(&message, version) }
  }

  private init(_ message: inout HDF5Cursor, _ version: Int) throws {
    let number = try message.number(2)
    let nameSize = version == 1 || number >= 256 ? try message.number(2) : 0
    try message.skip(2)
    let values = try message.number(2)
    guard let kind = Kind(rawValue: number) else {
      throw message.wrong(
        "chunks packed with gzip, shuffle or fletcher32", "the filter \(number)", .unsupported,
        hint: "write the array with compression=\"gzip\" or without")
    }
    self.kind = kind
    try message.skip(version == 1 ? (nameSize + 7) & ~7 : nameSize)
    try message.skip(4 * (version == 1 ? (values + 1) & ~1 : values))
  }
}

/// Unpacks the chunks of an array.
struct ChunkFilters {
  private let filters: [DataFilter]
  private let elementSize: Int
  private let reader: HDF5Reader

  init(_ filters: [DataFilter], elementSize: Int, reader: HDF5Reader) {
    self.filters = filters
    self.elementSize = elementSize
    self.reader = reader
  }

  /// The bytes of a chunk.
  ///
  /// - Parameter size: how many there are.
  func unpack(_ chunk: Chunks.Chunk, size: Int) throws -> ArraySlice<UInt8> {
    var bytes = try reader.data(at: chunk.address, chunk.size)[...]
    for (place, filter) in filters.enumerated().reversed() where chunk.skipped >> place & 1 == 0 {
      switch filter.kind {
      case .deflate:
        bytes = try Deflate.decompress(Array(bytes), path: reader.path, limit: size + 16)[...]
      case .shuffle: bytes = unshuffled(bytes)[...]
      case .checksum: bytes = bytes.dropLast(4)
      }
    }
    guard bytes.count == size else {
      throw reader.wrong(at: chunk.address, "a chunk of \(size) bytes", "\(bytes.count)")
    }
    return bytes
  }

  /// Elements whose first bytes came first, then their second bytes, and so on.
  private func unshuffled(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    let count = bytes.count / elementSize
    var result = Array(bytes)
    for place in 0..<count {
      for byte in 0..<elementSize {
        result[place * elementSize + byte] = bytes[bytes.startIndex + byte * count + place]
      }
    }
    return result
  }
}

import PlushData

/// Where the elements of an array stand.
enum DataLayout {
  /// In the description of the array.
  case compact(ArraySlice<UInt8>)
  /// One after another; without an address none were written.
  case contiguous(Int?, size: Int)
  /// In blocks of one shape.
  case chunked(Chunks)

  init(_ message: HDF5Cursor, rank: Int) throws {
    var message = message
    let version = try message.version(1...5, of: "a layout")
    self =
      try version < 3
      ? Self.old(&message, rank: rank) : Self.new(&message, version, rank: rank)
  }

  /// Versions 1 and 2.
  private static func old(_ message: inout HDF5Cursor, rank: Int) throws -> DataLayout {
    let axes = try message.number(1)
    let kind = try message.number(1)
    try message.skip(5)
    let address = kind == 0 ? nil : try message.address()
    let extents = try (0..<axes).map { _ in try message.number(4) }
    switch kind {
    case 0: return .compact(try message.take(try message.number(4)))
    case 1: return .contiguous(address, size: byteCount(extents, elementSize: 1) ?? .max)
    case 2:
      return .chunked(
        try Chunks(extents.dropLast(), rank: rank, .tree(address), message))
    default: throw message.wrong("a known layout", "the class \(kind)", .unsupported)
    }
  }

  private static func new(
    _ message: inout HDF5Cursor, _ version: Int, rank: Int
  ) throws -> DataLayout {
    switch try message.number(1) {
    case 0: return .compact(try message.take(try message.number(2)))
    case 1: return .contiguous(try message.address(), size: try message.number(8))
    case 2 where version == 3:
      let axes = try message.number(1)
      let address = try message.address()
      let extents = try (1..<max(1, axes)).map { _ in try message.number(4) }
      return .chunked(try Chunks(extents[...], rank: rank, .tree(address), message))
    case 2: return .chunked(try chunks(&message, rank: rank))
    case let kind: throw message.wrong("a known layout", "the class \(kind)", .unsupported)
    }
  }

  /// Chunks of version 4 and 5.
  private static func chunks(_ message: inout HDF5Cursor, rank: Int) throws -> Chunks {
    let flags = try message.number(1)
    let axes = try message.number(1)
    let width = try message.number(1)
    guard (1...8).contains(width) else {
      throw message.wrong("extents of 1 to 8 bytes", "\(width)")
    }
    let extents = try (0..<axes).map { _ in try message.number(width) }
    let kind = try message.number(1)
    let index: Chunks.Index
    switch kind {
    case 1:
      let isFiltered = flags & 2 != 0
      let size = isFiltered ? try message.number(8) : nil
      if isFiltered { try message.skip(4) }
      index = .single(try message.address(), size: size)
    case 2: index = .implicit(try message.address())
    case 3:
      try message.skip(1)
      index = .fixedArray(try message.address())
    default:
      throw message.wrong(
        "an index of chunks of kind 1 to 3", "\(kind)", .unsupported,
        hint: "write the file without libver=\"latest\", or with arrays of a fixed shape")
    }
    return try Chunks(extents.dropLast(), rank: rank, index, message)
  }
}

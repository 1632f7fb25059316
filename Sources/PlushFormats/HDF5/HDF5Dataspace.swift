import PlushData

/// The shape of an array or attribute.
struct HDF5Dataspace {
  /// The extents; none for a single value.
  let shape: [Int]
  /// Whether there is no value at all.
  let isNull: Bool

  /// More axes than the format allows are not taken.
  private static let maximumRank = 32

  init(_ message: HDF5Cursor) throws {
    var message = message
    let version = try message.version(1...2, of: "a shape")
    let rank = try message.number(1)
    try message.skip(1)
    isNull = try message.number(1) == 2 && version == 2
    if version == 1 { try message.skip(4) }
    guard rank <= Self.maximumRank else {
      throw message.wrong("at most \(Self.maximumRank) axes", "\(rank)")
    }
    shape = try (0..<rank).map { _ in try message.number(8) }
  }

  /// How many elements there are; nil if too many to count.
  var count: Int? { isNull ? 0 : byteCount(shape, elementSize: 1) }
}

import PlushTensor

/// Moves the ends of the spatial axes of [batch, spatial…, channels]: what padding and cropping
/// share.
public class SpatialMargins: SpatialLayer {
  /// How many places before and after each spatial axis.
  let margins: [(Int, Int)]

  init(_ margins: [(Int, Int)], channelsFirst: Bool, inputShape: [Int?]?, name: String?) {
    self.margins = margins
    super.init(channelsFirst: channelsFirst, inputShape: inputShape, name: name)
  }

  public required init(config: JSON) throws {
    let rank = Self.spatialRank
    margins =
      config[Self.key] == nil
      ? Array(repeating: (Self.missing, Self.missing), count: rank)
      : try config.get(Self.key) { $0.margins(rank: rank) }
    try super.init(config: config)
  }

  /// The name of the margins in files.
  class var key: String { "padding" }
  /// The margins of files that do not tell them.
  class var missing: Int { 1 }

  public override var config: JSON {
    var config = super.config
    let pairs = margins.map { JSON.array([.int($0.0), .int($0.1)]) }
    config[Self.key] = pairs.count == 1 ? pairs[0] : .array(pairs)
    return config
  }

  public override func outputShape(for inputShape: Shape) throws -> Shape {
    // Sums of larger ones could overflow.
    let limit = 1 << 31
    guard margins.allSatisfy({ (0..<limit).contains($0.0) && (0..<limit).contains($0.1) }) else {
      throw shapeError(expected: "a \(Self.key) from 0 to below \(limit)", found: "\(margins)")
    }
    return try super.outputShape(for: inputShape)
  }

  /// A value for each axis of an input: those of the spatial axes, and one for the others.
  func alongAxes<Value>(_ values: [Value], others: Value) -> [Value] {
    (0..<Self.spatialRank + 2).map { axis in
      spatialAxes.contains(axis) ? values[axis - spatialAxes.lowerBound] : others
    }
  }
}

extension JSON {
  /// Places before and after each of some axes: one number for all, or for each axis a number or a
  /// pair; for a single axis its pair.
  fileprivate func margins(rank: Int) -> [(Int, Int)]? {
    let axes = rank == 1 || int != nil ? Array(repeating: self, count: rank) : array ?? []
    let pairs = axes.compactMap(\.pair)
    return axes.count == rank && pairs.count == rank ? pairs : nil
  }

  private var pair: (Int, Int)? {
    if let int { return (int, int) }
    guard let ends = array, ends.count == 2, let first = ends[0].int, let last = ends[1].int
    else { return nil }
    return (first, last)
  }
}

import PlushTensor

/// Takes places away from the ends of the spatial axes: what `Cropping1D` to `3D` share.
///
/// Shapes: [batch, spatial…, channels] gives [batch, spatial - before - after…, channels].
public class Cropping: SpatialMargins {
  override class var key: String { "cropping" }

  override func outputSize(_ size: Int, at place: Int) throws -> Int {
    let (before, after) = margins[place]
    guard before + after < size else {
      throw shapeError(
        expected: "more than \(before + after) places along spatial axis \(place), from which to "
          + "take them",
        found: "\(size)")
    }
    return size - before - after
  }

  public override func call(_ input: Tensor, training: Bool) throws -> Tensor {
    let sizes = try outputShape(for: input.shape).map { $0 ?? -1 }
    return input.slice(starts: alongAxes(margins.map(\.0), others: 0), sizes: sizes)
  }
}

/// Takes places away from the ends of sequences: [batch, steps, features] gives [batch, fewer
/// steps, features].
public final class Cropping1D: Cropping {
  /// Creates the layer.
  ///
  /// - Parameters:
  ///   - cropping: how many steps at each end.
  public convenience init(
    _ cropping: Int = 1, inputShape: [Int?]? = nil, name: String? = nil
  ) {
    self.init([(cropping, cropping)], channelsFirst: false, inputShape: inputShape, name: name)
  }

  /// Creates the layer.
  ///
  /// - Parameters:
  ///   - cropping: how many steps before and after.
  public convenience init(
    _ cropping: (Int, Int), inputShape: [Int?]? = nil, name: String? = nil
  ) {
    self.init([cropping], channelsFirst: false, inputShape: inputShape, name: name)
  }
}

/// Takes places away from the ends of pictures: [batch, rows, columns, channels] gives [batch,
/// fewer rows, fewer columns, channels].
public final class Cropping2D: Cropping {
  /// Creates the layer.
  ///
  /// - Parameters:
  ///   - cropping: how many places at each end of each axis.
  ///   - channelsFirst: whether inputs are [batch, channels, rows, columns].
  public convenience init(
    _ cropping: Int = 0, channelsFirst: Bool = false, inputShape: [Int?]? = nil, name: String? = nil
  ) {
    self.init(
      Array(repeating: (cropping, cropping), count: 2), channelsFirst: channelsFirst,
      inputShape: inputShape, name: name)
  }

  /// Creates the layer.
  ///
  /// - Parameters:
  ///   - rows: how many rows before and after.
  ///   - columns: how many columns before and after.
  ///   - channelsFirst: whether inputs are [batch, channels, rows, columns].
  public convenience init(
    _ rows: (Int, Int), _ columns: (Int, Int), channelsFirst: Bool = false,
    inputShape: [Int?]? = nil, name: String? = nil
  ) {
    self.init([rows, columns], channelsFirst: channelsFirst, inputShape: inputShape, name: name)
  }

  override class var spatialRank: Int { 2 }

  override class var missing: Int { 0 }
}

/// Takes places away from the ends of volumes: [batch, a, b, c, channels] gives [batch, smaller…,
/// channels].
public final class Cropping3D: Cropping {
  /// Creates the layer.
  ///
  /// - Parameters:
  ///   - cropping: how many places at each end of each axis.
  ///   - channelsFirst: whether inputs are [batch, channels, a, b, c].
  public convenience init(
    _ cropping: Int = 1, channelsFirst: Bool = false, inputShape: [Int?]? = nil, name: String? = nil
  ) {
    self.init(
      Array(repeating: (cropping, cropping), count: 3), channelsFirst: channelsFirst,
      inputShape: inputShape, name: name)
  }

  /// Creates the layer.
  ///
  /// - Parameters:
  ///   - a: how many places before and after along axis a.
  ///   - b: how many places before and after along axis b.
  ///   - c: how many places before and after along axis c.
  ///   - channelsFirst: whether inputs are [batch, channels, a, b, c].
  public convenience init(
    _ a: (Int, Int), _ b: (Int, Int), _ c: (Int, Int), channelsFirst: Bool = false,
    inputShape: [Int?]? = nil, name: String? = nil
  ) {
    self.init([a, b, c], channelsFirst: channelsFirst, inputShape: inputShape, name: name)
  }

  override class var spatialRank: Int { 3 }
}

import PlushTensor

/// Puts zeros around the spatial axes: what `ZeroPadding1D` to `3D` share.
///
/// Shapes: [batch, spatial…, channels] gives [batch, before + spatial + after…, channels].
public class ZeroPadding: SpatialMargins {
  override class var savesDataFormat: Bool { true }

  override func outputSize(_ size: Int, at place: Int) -> Int {
    size + margins[place].0 + margins[place].1
  }

  public override func call(_ input: Tensor, training: Bool) throws -> Tensor {
    input.pad(alongAxes(margins, others: (0, 0)))
  }
}

/// Puts zeros around sequences: [batch, steps, features] gives [batch, more steps, features].
public final class ZeroPadding1D: ZeroPadding {
  /// Creates the layer.
  ///
  /// - Parameters:
  ///   - padding: how many steps at each end.
  ///   - channelsFirst: whether inputs are [batch, features, steps].
  public convenience init(
    _ padding: Int = 1, channelsFirst: Bool = false, inputShape: [Int?]? = nil, name: String? = nil
  ) {
    self.init(
      [(padding, padding)], channelsFirst: channelsFirst,
      inputShape: inputShape, name: name)
  }

  /// Creates the layer.
  ///
  /// - Parameters:
  ///   - padding: how many steps before and after.
  ///   - channelsFirst: whether inputs are [batch, features, steps].
  public convenience init(
    _ padding: (Int, Int), channelsFirst: Bool = false, inputShape: [Int?]? = nil,
    name: String? = nil
  ) {
    self.init([padding], channelsFirst: channelsFirst, inputShape: inputShape, name: name)
  }
}

/// Puts zeros around pictures: [batch, rows, columns, channels] gives [batch, more rows, more
/// columns, channels].
public final class ZeroPadding2D: ZeroPadding {
  /// Creates the layer.
  ///
  /// - Parameters:
  ///   - padding: how many places at each end of each axis.
  ///   - channelsFirst: whether inputs are [batch, channels, rows, columns].
  public convenience init(
    _ padding: Int = 1, channelsFirst: Bool = false, inputShape: [Int?]? = nil, name: String? = nil
  ) {
    self.init(
      Array(repeating: (padding, padding), count: 2), channelsFirst: channelsFirst,
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
}

/// Puts zeros around volumes: [batch, a, b, c, channels] gives [batch, larger…, channels].
public final class ZeroPadding3D: ZeroPadding {
  /// Creates the layer.
  ///
  /// - Parameters:
  ///   - padding: how many places at each end of each axis.
  ///   - channelsFirst: whether inputs are [batch, channels, a, b, c].
  public convenience init(
    _ padding: Int = 1, channelsFirst: Bool = false, inputShape: [Int?]? = nil, name: String? = nil
  ) {
    self.init(
      Array(repeating: (padding, padding), count: 3), channelsFirst: channelsFirst,
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

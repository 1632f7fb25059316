import PlushEngine

/// Sizes along the spatial axes of an array: one number for all of them, as in `3`, or one for each,
/// as in `[3, 5]`.
public struct SpatialSizes: Sendable, Hashable, ExpressibleByIntegerLiteral,
  ExpressibleByArrayLiteral
{
  /// The numbers: one for all axes, or one for each.
  public let sizes: [Int]

  /// The same along all axes.
  public init(_ size: Int) { sizes = [size] }
  /// One for each axis.
  public init(_ sizes: [Int]) { self.sizes = sizes }
  /// The same along all axes.
  public init(integerLiteral size: Int) { sizes = [size] }
  /// One for each axis.
  public init(arrayLiteral sizes: Int...) { self.sizes = sizes }

  /// A number for each of so many axes; nil if there are more or fewer.
  public func values(rank: Int) -> [Int]? {
    if sizes.count == rank { return sizes }
    return sizes.count == 1 ? [Int](repeating: sizes[0], count: rank) : nil
  }
}

/// What stands around an array while a window moves over it.
public enum SpatialPadding: Sendable, Equatable {
  /// Nothing: the window stays inside.
  case valid
  /// As little as gives a place for each stride, the larger half at the end, as TensorFlow does.
  case same
  /// All of it before, so that no place sees what comes after: for one axis of steps in time.
  case causal
  /// Elements before and after each axis.
  case explicit(low: [Int], high: [Int])

  /// Elements before and after each axis of these sizes.
  func widths(
    _ sizes: [Int], window: [Int], strides: [Int], dilations: [Int]
  ) -> (low: [Int], high: [Int])? {
    let reaches = zip(window, dilations).map { ($0 - 1) * $1 + 1 }
    let none = sizes.map { _ in 0 }
    switch self {
    case .valid: return (none, none)
    case .causal: return (reaches.map { $0 - 1 }, none)
    case .same:
      let totals = sizes.indices.map { axis in
        let places = (sizes[axis] + strides[axis] - 1) / strides[axis]
        return Swift.max(0, (places - 1) * strides[axis] + reaches[axis] - sizes[axis])
      }
      return (totals.map { $0 / 2 }, totals.map { $0 - $0 / 2 })
    case .explicit(let low, let high):
      let fits = low.count == sizes.count && high.count == sizes.count
      return fits && (low + high).allSatisfy { $0 >= 0 } ? (low, high) : nil
    }
  }
}

extension WindowMotion {
  /// The motion of a window over an array of these sizes; the program stops if there is none.
  init(
    _ name: String, _ sizes: [Int], window: [Int], _ strides: SpatialSizes,
    _ padding: SpatialPadding, _ dilations: SpatialSizes
  ) {
    guard let steps = strides.values(rank: sizes.count), steps.allSatisfy({ $0 > 0 }),
      let spread = dilations.values(rank: sizes.count), spread.allSatisfy({ $0 > 0 }),
      let widths = padding.widths(sizes, window: window, strides: steps, dilations: spread)
    else {
      stop(
        "\(name) over spatial axes \(sizes) expects strides and dilations above 0 and padding of 0 "
          + "or more for each; got strides \(strides), dilations \(dilations), \(padding).")
    }
    self.init(strides: steps, dilations: spread, low: widths.low, high: widths.high)
  }
}

extension Tensor {
  /// Sizes of the axes between the first, of samples, and the last, of channels.
  var spatialSizes: [Int] { Array(shape.dropFirst().dropLast()) }

  /// The result for [batch, spatial…, channels] of a tensor in which the channels come first.
  func withChannelsLast(_ isOther: Bool, _ body: (Tensor) -> Tensor) -> Tensor {
    guard isOther, rank > 2 else { return body(self) }
    return body(moveAxis(1, to: -1)).moveAxis(-1, to: 1)
  }

  /// What each element of a window sees, one after the other: [window elements, batch, places…,
  /// channels].
  func windows(_ pooling: Pooling, padding: Double = 0) -> Tensor {
    let motion = pooling.motion
    let widths = [(0, 0)] + Array(zip(motion.low, motion.high)) + [(0, 0)]
    let padded = pad(widths, value: padding)
    guard let places = motion.places(of: pooling.window, in: spatialSizes) else {
      stop("The window \(pooling.window) does not fit into \(shape).")
    }
    let sizes = [shape[0]] + places + [shape[rank - 1]]
    let parts = (0..<pooling.window.elementCount).map { element in
      var rest = element
      var starts: [Int] = []
      for (size, dilation) in zip(pooling.window, motion.dilations).reversed() {
        starts.insert(rest % size * dilation, at: 0)
        rest /= size
      }
      return padded.slice(
        starts: [0] + starts + [0], sizes: sizes, strides: [1] + motion.strides + [1])
    }
    return stack(parts)
  }

  /// Which element of each window is the first of the largest (int32): [1, batch, places…, channels].
  func firstOfLargest(_ pooling: Pooling) -> Tensor {
    windows(pooling, padding: -.infinity).argMax(axis: 0).expandDims(axis: 0)
  }
}

/// How a window moves over the spatial axes of an array [batch, spatial…, channels].
///
/// Each list has a number for each spatial axis, of which there are one to three.
public struct WindowMotion: Hashable, Sendable {
  /// Elements from one place of the window to the next.
  public var strides: [Int]
  /// Elements from one element of the window to the next.
  public var dilations: [Int]
  /// Elements of padding before each axis.
  public var low: [Int]
  /// Elements of padding after each axis.
  public var high: [Int]

  /// A motion by `strides` over an array with `low` and `high` elements of padding at the ends.
  public init(strides: [Int], dilations: [Int], low: [Int], high: [Int]) {
    self.strides = strides
    self.dilations = dilations
    self.low = low
    self.high = high
  }

  /// Whether each list has this many numbers that make sense.
  func isValid(rank: Int) -> Bool {
    (1...3).contains(rank) && [strides, dilations, low, high].allSatisfy { $0.count == rank }
      && (strides + dilations).allSatisfy { $0 > 0 } && (low + high).allSatisfy { $0 >= 0 }
  }

  /// How many places a window of these sizes has along each axis of an array; nil if it is larger
  /// than the padded array.
  public func places(of window: [Int], in sizes: [Int]) -> [Int]? {
    var places: [Int] = []
    for axis in sizes.indices {
      let reach = (window[axis] - 1) * dilations[axis] + 1
      let room = sizes[axis] + low[axis] + high[axis] - reach
      guard window[axis] > 0, room >= 0 else { return nil }
      places.append(room / strides[axis] + 1)
    }
    return places
  }
}

/// Sums of products of a window and filters: [batch, spatial…, channels] and
/// [window…, channels / groups, filters] give [batch, places…, filters].
///
/// Channels and filters fall into `groups` equal parts; a filter sees the channels of its own.
public struct Convolution: Hashable, Sendable {
  /// How the window moves.
  public var motion: WindowMotion
  /// Parts of the channels and filters that know nothing of each other.
  public var groups: Int

  /// A convolution with this motion.
  public init(_ motion: WindowMotion, groups: Int = 1) {
    self.motion = motion
    self.groups = groups
  }
}

/// One number for each place of a window and each channel: [batch, spatial…, channels] gives
/// [batch, places…, channels]. Padding does not count.
public struct Pooling: Hashable, Sendable {
  /// What becomes of the numbers in the window.
  public enum Kind: UInt8, Hashable, Sendable, CaseIterable {
    /// The largest; NaN wins. The gradient goes to the first of equal ones.
    case max
    /// The mean.
    case average
  }

  /// What becomes of the numbers in the window.
  public var kind: Kind
  /// Sizes of the window.
  public var window: [Int]
  /// How it moves.
  public var motion: WindowMotion

  /// The numbers of a window of these sizes made one.
  public init(_ kind: Kind, window: [Int], _ motion: WindowMotion) {
    self.kind = kind
    self.window = window
    self.motion = motion
  }
}

import PlushEngine

extension Tensor {
  /// Elements `start`, `start + stride`, … of each axis, `size` of them; a size of -1 takes the
  /// rest, and missing strides are 1.
  public func slice(starts: [Int], sizes: [Int], strides: [Int]? = nil) -> Tensor {
    let strides = strides ?? [Int](repeating: 1, count: rank)
    guard starts.count == rank, sizes.count == rank, strides.count == rank else {
      stop("slice of \(shape) expects \(rank) starts, sizes and strides; got \(starts), \(sizes).")
    }
    let sizes = shape.indices.map { axis in
      sizes[axis] == -1
        ? (shape[axis] - starts[axis] + strides[axis] - 1) / strides[axis] : sizes[axis]
    }
    if sizes == shape, strides.allSatisfy({ $0 == 1 }), starts.allSatisfy({ $0 == 0 }) {
      return self
    }
    return .record(.slice(starts: starts, sizes: sizes, strides: strides), [self])
  }

  /// `size` elements of one axis, from `start`.
  func narrowed(_ axis: Int, _ start: Int, _ size: Int) -> Tensor {
    var starts = [Int](repeating: 0, count: rank)
    var sizes = shape
    starts[axis] = start
    sizes[axis] = size
    return slice(starts: starts, sizes: sizes)
  }

  /// Parts of the axes, as in `t[0]`, `t[1..<3, .all, -1]`, `t[.stride(from: 5, by: -1)]`.
  ///
  /// An index removes its axis; a range keeps it. Negative positions count from the end. Axes
  /// without an index are taken whole.
  public subscript<each Index: TensorIndex>(_ indices: repeat each Index) -> Tensor {
    var parts: [AxisIndex] = []
    for index in repeat each indices { parts.append(index.axisIndex) }
    return self[parts]
  }

  /// Parts of the leading axes; the others whole.
  public subscript(_ first: some TensorIndex, _ rest: UnboundedRange) -> Tensor {
    self[[first.axisIndex]]
  }

  /// Parts of the leading axes; the others whole.
  public subscript(
    _ first: some TensorIndex, _ second: some TensorIndex, _ rest: UnboundedRange
  ) -> Tensor { self[[first.axisIndex, second.axisIndex]] }

  /// Parts of the last axis; the others whole.
  public subscript(_ rest: UnboundedRange, _ last: some TensorIndex) -> Tensor {
    self[[AxisIndex](repeating: .all, count: Swift.max(0, rank - 1)) + [last.axisIndex]]
  }

  /// Parts of the last two axes; the others whole.
  public subscript(
    _ rest: UnboundedRange, _ first: some TensorIndex, _ last: some TensorIndex
  ) -> Tensor {
    let whole = [AxisIndex](repeating: .all, count: Swift.max(0, rank - 2))
    return self[whole + [first.axisIndex, last.axisIndex]]
  }

  /// Parts of the axes.
  public subscript(_ indices: [AxisIndex]) -> Tensor {
    let taken = indices.count { !$0.isNewAxis }
    guard taken <= rank else {
      stop("A subscript of \(taken) axes: the tensor has \(rank), shape \(shape).")
    }
    var parts: [AxisIndex.Part] = []
    var result: [Int] = []
    for index in indices {
      if index.isNewAxis {
        result.append(1)
        continue
      }
      let part = index.part(size: shape[parts.count], axis: parts.count)
      if !index.isSingle { result.append(part.size) }
      parts.append(part)
    }
    result += shape[parts.count...]
    parts += shape[parts.count...].map { AxisIndex.Part(start: 0, size: $0, stride: 1) }
    return taking(parts).reshape(result)
  }

  /// Negative strides take the same elements forwards, then reverse them.
  private func taking(_ parts: [AxisIndex.Part]) -> Tensor {
    let forwards = parts.map(\.forwards)
    let taken = slice(
      starts: forwards.map(\.start), sizes: forwards.map(\.size), strides: forwards.map(\.stride))
    let backwards = parts.indices.filter { parts[$0].stride < 0 }
    return backwards.isEmpty ? taken : taken.reverse(axes: backwards)
  }
}

/// What picks elements of an axis in a subscript: an integer, a range or an `AxisIndex`.
public protocol TensorIndex: Sendable {
  /// The elements picked.
  var axisIndex: AxisIndex { get }
}

/// Elements of an axis.
public struct AxisIndex: TensorIndex, Hashable {
  enum Choice: Hashable {
    case single(Int)
    case range(start: Int?, end: Int?, stride: Int)
    case newAxis
  }

  /// A start and a number of steps that lie on the axis.
  struct Part {
    var start: Int
    var size: Int
    var stride: Int

    var forwards: Part {
      if stride > 0 { return self }
      return Part(start: size == 0 ? 0 : start + (size - 1) * stride, size: size, stride: -stride)
    }
  }

  let choice: Choice

  /// One element; its axis disappears.
  public static func single(_ index: Int) -> AxisIndex { AxisIndex(choice: .single(index)) }

  /// The elements picked.
  public var axisIndex: AxisIndex { self }

  var isNewAxis: Bool { choice == .newAxis }

  var isSingle: Bool {
    if case .single = choice { true } else { false }
  }

  func part(size: Int, axis: Int) -> Part {
    switch choice {
    case .newAxis: return Part(start: 0, size: size, stride: 1)
    case .single(let index):
      let position = index < 0 ? index + size : index
      guard position >= 0, position < size else {
        stop("Index \(index) along axis \(axis): the axis has \(size) elements.")
      }
      return Part(start: position, size: 1, stride: 1)
    case .range(let start, let end, let stride):
      return AxisIndex.part(start, end, stride, size)
    }
  }

  /// As Python does: positions beyond the ends mean the ends.
  private static func part(_ start: Int?, _ end: Int?, _ stride: Int, _ size: Int) -> Part {
    guard stride != 0 else { stop("A stride of 0 goes nowhere.") }
    let range = stride > 0 ? 0...size : -1...(size - 1)
    let clamp = { (position: Int) in
      min(max(position < 0 ? position + size : position, range.lowerBound), range.upperBound)
    }
    let first = start.map(clamp) ?? (stride > 0 ? 0 : size - 1)
    let last = end.map(clamp) ?? (stride > 0 ? size : -1)
    let distance = stride > 0 ? last - first : first - last
    let count = max(0, (distance + stride.magnitudeAsInt - 1) / stride.magnitudeAsInt)
    return Part(start: count == 0 ? 0 : first, size: count, stride: stride)
  }
}

extension Int {
  fileprivate var magnitudeAsInt: Int { Swift.abs(self) }
}

extension TensorIndex where Self == AxisIndex {
  /// The whole axis.
  public static var all: AxisIndex { .stride() }

  /// A new axis of size one.
  public static var newAxis: AxisIndex { AxisIndex(choice: .newAxis) }

  /// Every `by`-th element from one position up to before another; Python's `from:to:by`.
  public static func stride(
    from start: Int? = nil, to end: Int? = nil, by stride: Int = 1
  ) -> AxisIndex { AxisIndex(choice: .range(start: start, end: end, stride: stride)) }
}

extension Int: TensorIndex {
  /// The elements picked.
  public var axisIndex: AxisIndex { .single(self) }
}

extension Range: TensorIndex where Bound == Int {
  /// The elements picked.
  public var axisIndex: AxisIndex { .stride(from: lowerBound, to: upperBound) }
}

extension ClosedRange: TensorIndex where Bound == Int {
  /// The elements picked.
  public var axisIndex: AxisIndex { .stride(from: lowerBound, to: upperBound + 1) }
}

extension PartialRangeFrom: TensorIndex where Bound == Int {
  /// The elements picked.
  public var axisIndex: AxisIndex { .stride(from: lowerBound) }
}

extension PartialRangeUpTo: TensorIndex where Bound == Int {
  /// The elements picked.
  public var axisIndex: AxisIndex { .stride(to: upperBound) }
}

extension PartialRangeThrough: TensorIndex where Bound == Int {
  /// The elements picked.
  public var axisIndex: AxisIndex {
    upperBound == -1 ? .all : .stride(to: upperBound + 1)
  }
}

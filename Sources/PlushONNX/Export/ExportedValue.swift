import PlushEngine

/// A value of the program as the graph has it.
///
/// The graph's array may have its axes in another order, as convolutions want it, and axes of size 1
/// or none where the program repeats elements: operators on elements do without transposing and
/// repeating.
struct ExportedValue {
  /// The name in the graph.
  var name: String
  /// Axis j of the graph's array is axis `order[j]` of the value.
  var order: [Int]
  /// Sizes of the value's axes, of which the first may be missing, without repetitions.
  var shape: [Extent]
  var dtype: DType
  /// The number of the array that it is, if it is one of those that the file holds.
  var stored: Int?
  /// The number that every element is.
  var constant: Scalar?

  init(
    _ name: String, _ shape: [Extent], _ dtype: DType, order: [Int]? = nil, stored: Int? = nil
  ) {
    self.name = name
    self.shape = shape
    self.dtype = dtype
    self.order = order ?? Array(shape.indices)
    self.stored = stored
  }

  var rank: Int { shape.count }
  var isInOrder: Bool { order == Array(order.indices) }

  /// The axis of the graph's array that is an axis of the value.
  func place(of axis: Int) -> Int { order.firstIndex(of: axis) ?? axis }
}

extension [Int] {
  /// The order that undoes this one.
  var inverse: [Int] {
    var result = self
    for (place, axis) in enumerated() { result[axis] = place }
    return result
  }

  /// The order of axes of a convolution: samples, channels, places.
  static func channelsFirst(_ rank: Int) -> [Int] { [0, rank - 1] + (1..<rank - 1) }
}

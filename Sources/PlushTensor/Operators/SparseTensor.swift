import PlushEngine

/// An array most of whose elements are alike: the positions and values of the others.
public struct SparseTensor: Sendable {
  /// Positions of the values: int32, [count, rank].
  public let indices: Tensor
  /// The values: [count].
  public let values: Tensor
  /// Sizes of the axes, outermost first.
  public let shape: [Int]

  /// Values, [count], at positions, [count, rank], of an array of this shape.
  public init(indices: Tensor, values: Tensor, shape: [Int]) {
    guard values.rank == 1, indices.shape == [values.count, shape.count] else {
      stop(
        "SparseTensor of shape \(shape) expects values [count] and positions [count, "
          + "\(shape.count)]; got \(values.shape) and \(indices.shape).")
    }
    self.indices = indices.cast(to: .int32)
    self.values = values
    self.shape = shape
  }

  /// The whole array, with `fill` where no value stands; of several at one position the last counts.
  public func dense(fill: Double = 0) -> Tensor {
    Tensor.full(shape, fill, dtype: values.dtype).scatterUpdate(indices, values)
  }

  /// The elements in the same order in another shape; one size may be -1 and is computed.
  public func reshape(_ sizes: [Int]) -> SparseTensor {
    let (count, known) = (shape.elementCount, sizes.filter { $0 != -1 }.elementCount)
    let result = sizes.map { $0 == -1 ? count / Swift.max(1, known) : $0 }
    guard sizes.count(where: { $0 == -1 }) <= 1, result.elementCount == count else {
      stop("reshape of a SparseTensor of shape \(shape) to \(sizes) has other elements.")
    }
    return SparseTensor(
      indices: indices.flatPositions(in: shape).positions(in: result), values: values,
      shape: result)
  }

  /// The array with a value in the first element of each row, of the first axis, that has none; the
  /// values are in the order of their rows. How many depends on the positions, which are read.
  ///
  /// - Returns: the array; for each row whether it was empty (bool); for each value of before where
  ///   it is now (int32).
  public func fillEmptyRows(
    _ value: Double
  ) -> (filled: SparseTensor, isEmpty: Tensor, places: Tensor) {
    let rowCount = shape.first ?? 0
    var members = [[Int32]](repeating: [], count: rowCount)
    for (place, row) in indices.narrowed(1, 0, 1).dataSync(as: Int32.self).enumerated() {
      guard members.indices.contains(Int(row)) else {
        stop("fillEmptyRows of \(shape): the value \(place) is in row \(row).")
      }
      members[Int(row)].append(Int32(place))
    }
    // The filling comes after all values, and its position after theirs.
    let count = Int32(values.count)
    var order: [(value: Int32, position: Int32)] = []
    var places = [Int32](repeating: 0, count: values.count)
    for (row, found) in members.enumerated() {
      for (offset, place) in found.enumerated() {
        places[Int(place)] = Int32(order.count + offset)
      }
      order += found.isEmpty ? [(count, count + Int32(row))] : found.map { ($0, $0) }
    }
    let starts = Tensor.iota([rowCount], axis: 0)
      .positions(in: [rowCount] + shape.dropFirst().map { _ in 1 })
    let filling = Tensor.full([1], value, dtype: values.dtype)
    let filled = SparseTensor(
      indices: concatenate([indices, starts]).gather(Tensor(order.map(\.position))),
      values: concatenate([values, filling]).gather(Tensor(order.map(\.value))), shape: shape)
    return (filled, Tensor(members.map(\.isEmpty)), Tensor(places))
  }
}

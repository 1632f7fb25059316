import PlushEngine

// How many elements these results have depends on the values: they read them, which a compiled
// function cannot do.

extension Tensor {
  /// The positions (int32) of what is true, in row-major order: [count, rank].
  public func argWhere() -> Tensor { truePlaces.positions(in: shape) }

  /// The slices where a mask is true: the mask has the shape of the axes from `axis` on, which become
  /// one.
  public func booleanMask(_ mask: Tensor, axis: Int = 0) -> Tensor {
    let axis = self.axis(axis, "booleanMask")
    let end = axis + mask.rank
    guard mask.rank > 0, end <= rank, Array(shape[axis..<end]) == mask.shape else {
      stop("booleanMask from axis \(axis) of \(shape) expects a mask alike; got \(mask.shape).")
    }
    return reshape(shape[..<axis] + [mask.count] + shape[end...])
      .gather(mask.truePlaces, axis: axis)
  }

  /// The different elements, or slices along an axis, in order of first appearance or sorted.
  ///
  /// - Returns: the values; where each first appears; for each element which value it is; how often
  ///   each value occurs. The last three are vectors of int32.
  public func unique(
    axis: Int? = nil, sorted: Bool = false
  ) -> (values: Tensor, indices: Tensor, inverse: Tensor, counts: Tensor) {
    let source = axis == nil ? flatten() : self
    let axis = source.axis(axis ?? 0, "unique")
    var groups: [ArraySlice<UInt8>: Int32] = [:]
    var first: [Int32] = []
    var inverse: [Int32] = []
    for (place, key) in source.keys(along: axis).enumerated() {
      let group = groups[key, default: Int32(first.count)]
      if group == first.count {
        groups[key] = group
        first.append(Int32(place))
      }
      inverse.append(group)
    }
    let indices = Tensor(first)
    let values = source.gather(indices, axis: axis)
    let groupOf = Tensor(inverse)
    let counts = groupOf.bincount(size: first.count)
    if !sorted { return (values, indices, groupOf, counts) }
    let order = values.lexicographicOrder(axis: axis)
    return (
      values.gather(order, axis: axis), indices.gather(order), order.argSort().gather(groupOf),
      counts.gather(order)
    )
  }

  /// The elements of this vector that another lacks, in order, and their indices (int32).
  public func setDifference(_ other: Tensor) -> (values: Tensor, indices: Tensor) {
    guard rank == 1, other.rank == 1 else {
      stop("setDifference expects vectors; got \(shape) and \(other.shape).")
    }
    let known = Set(other.cast(to: dtype).keys(along: 0))
    let places = keys(along: 0).enumerated().filter { !known.contains($0.element) }
    let indices = Tensor(places.map { Int32($0.offset) })
    return (gather(indices), indices)
  }

  /// Row-major places (int32) of what is true.
  private var truePlaces: Tensor {
    let flags = truth.dataSync(as: Bool.self)
    return Tensor(flags.indices.filter { flags[$0] }.map { Int32($0) })
  }

  /// The bytes of each slice along an axis, equal for equal values.
  private func keys(along axis: Int) -> [ArraySlice<UInt8>] {
    // Both zeros are equal.
    let plain = dtype.isFloating ? (self .== 0).select(0, self) : self
    let bytes = plain.moveAxis(axis, to: 0).bytes()
    let size = shape[axis] == 0 ? 0 : bytes.count / shape[axis]
    return (0..<shape[axis]).map { bytes[$0 * size..<($0 + 1) * size] }
  }

  /// The indices that sort the slices along an axis by their first elements, then by the next.
  private func lexicographicOrder(axis: Int) -> Tensor {
    let length = shape[axis]
    let width = length == 0 ? 0 : count / length
    let rows = moveAxis(axis, to: 0).reshape([length, width])
    var order = Tensor.iota([length], axis: 0)
    for column in (0..<width).reversed() {
      order = order.gather(rows.narrowed(1, column, 1).squeeze(axis: 1).gather(order).argSort())
    }
    return order
  }
}

import PlushEngine
import PlushTensor

// Elements by their positions; positions below zero count from the end.

extension ONNXOperators {
  static let indexing: [String: ONNXOperator] = [
    "Gather": { context in
      let x = try context.input(0, rank: 1...16)
      let axis = try context.axis(context.int("axis", 0), rank: x.rank)
      let indices = try context.input(1)
      _ = try context.checked(
        Array(x.shape[..<axis]) + indices.shape + Array(x.shape[(axis + 1)...]))
      return [x.gather(indices.fromFront(x.shape[axis]), axis: axis)]
    },
    "GatherElements": { context in
      let x = try context.input(0, rank: 1...16)
      let axis = try context.axis(context.int("axis", 0), rank: x.rank)
      let indices = try context.input(1)
      return [
        try context.cut(x, to: indices, but: axis)
          .gatherElements(indices.fromFront(x.shape[axis]), axis: axis)
      ]
    },
    "GatherND": { context in
      let x = try context.input(0, rank: 1...16)
      let indices = try context.input(1, rank: 1...16)
      let batch = context.int("batch_dims", 0)
      let length = indices.shape[indices.rank - 1]
      try context.require(
        batch >= 0 && batch < indices.rank && batch + length <= x.rank
          && x.shape[..<batch] == indices.shape[..<batch],
        "indices for \(x.shape)", "shape \(indices.shape), \(batch) batch axes")
      let sizes = Array(x.shape[batch..<batch + length])
      return [x.gatherND(indices.fromFront(sizes), batchAxes: batch)]
    },
    "ScatterElements": { [try scatterElements($0)] },
    "Scatter": { [try scatterElements($0)] },
    "ScatterND": { [try scatterND($0)] },
    "TensorScatter": { [try tensorScatter($0)] },
    "OneHot": { [try oneHot($0)] },
    "NonZero": { context in
      guard let x = try context.readable(0) else { return [] }
      let places = x.cast(to: .float64).dataSync(as: Double.self).enumerated()
        .filter { $0.element != 0 }.map(\.offset)
      let strides = x.shape.rowMajorStrides
      let positions = x.shape.indices.flatMap { axis in
        places.map { Int64($0 / Swift.max(1, strides[axis]) % Swift.max(1, x.shape[axis])) }
      }
      return [Tensor(positions, shape: [x.rank, places.count])]
    },
    "Compress": { context in
      let x = try context.input(0)
      guard let chosen = try context.readable(1) else { return [] }
      let flat = try context.int("axis").map { try context.axis($0, rank: x.rank) }
      let source = flat == nil ? x.flatten() : x
      let axis = flat ?? 0
      let places = chosen.dataSync(as: Bool.self).enumerated()
        .filter { $0.element && $0.offset < source.shape[axis] }.map { Int32($0.offset) }
      return [source.gather(Tensor(places, shape: [places.count]), axis: axis)]
    },
    "Unique": unique,
  ]

  private static func scatterElements(_ context: NodeContext) throws -> Tensor {
    let x = try context.input(0, rank: 1...16)
    let axis = try context.axis(context.int("axis", 0), rank: x.rank)
    let updates = try context.input(2).like(x)
    let indices = try context.input(1).fromFront(x.shape[axis])
    try context.require(
      indices.shape == updates.shape && indices.rank == x.rank
        && x.shape.indices.allSatisfy { $0 == axis || indices.shape[$0] <= x.shape[$0] },
      "an update for each index, within \(x.shape)", "\(indices.shape), \(updates.shape)")
    let reduction = try context.reduction()
    if reduction == nil { return x.scatterUpdateElements(indices, updates, axis: axis) }
    if indices.count == 0 { return x }
    // One index of each line after the other, since several may name one place.
    let positions = Tensor.range(0, x.shape[axis])
      .reshape(x.shape.indices.map { $0 == axis ? -1 : 1 })
    let widths = x.shape.indices.map { $0 == axis ? (0, 0) : (0, x.shape[$0] - indices.shape[$0]) }
    return (0..<indices.shape[axis]).reduce(x) { result, step in
      var part = [AxisIndex](repeating: .all, count: x.rank)
      part[axis] = .stride(from: step, to: step + 1)
      let isHere = indices[part].pad(widths, value: -1) .== positions
      let value = updates[part].pad(widths)
      return isHere.select((reduction ?? { $1 })(result, value), result)
    }
  }

  private static func scatterND(_ context: NodeContext) throws -> Tensor {
    let x = try context.input(0, rank: 1...16)
    let given = try context.input(1, rank: 1...16)
    let updates = try context.input(2).like(x)
    let length = given.shape[given.rank - 1]
    try context.require(
      length <= x.rank
        && updates.shape == Array(given.shape.dropLast()) + x.shape[Swift.min(length, x.rank)...],
      "a slice of \(x.shape) for each position", "\(given.shape), \(updates.shape)")
    let sizes = Array(x.shape[..<length])
    let indices = given.fromFront(sizes)
    guard let reduction = try context.reduction() else { return x.scatterUpdate(indices, updates) }
    let count = given.shape.dropLast().reduce(1, *)
    let rows = x.reshape([sizes.elementCount, -1])
    let strides = Tensor(sizes.rowMajorStrides.map { Int32($0) }, shape: [length])
    let places = (indices.cast(to: .int32) * strides).sum(axis: -1).reshape([count])
    let values = updates.reshape([count, -1])
    let positions = Tensor.range(0, sizes.elementCount).reshape([-1, 1])
    return (0..<count).reduce(rows) { result, step in
      (positions .== places[step]).select(reduction(result, values[step]), result)
    }.reshape(x.shape)
  }

  /// Steps of sequences written into a cache from a place on.
  private static func tensorScatter(_ context: NodeContext) throws -> Tensor {
    let (x, updates) = (try context.input(0, rank: 2...16), try context.input(1))
    let axis = try context.axis(context.int("axis", -2), rank: x.rank)
    let (length, steps) = (x.shape[axis], updates.rank == x.rank ? updates.shape[axis] : 0)
    try context.require(
      axis > 0 && updates.rank == x.rank && steps <= length, "updates within \(x.shape)",
      "\(updates.shape)")
    try context.require(
      x.shape.indices.allSatisfy { $0 == axis || x.shape[$0] == updates.shape[$0] }
        && (context.optional(2)?.count ?? 1) <= x.shape[0], "updates within \(x.shape)",
      "\(updates.shape)")
    let column = [-1] + [Int](repeating: 1, count: x.rank - 1)
    let line = x.shape.indices.map { $0 == axis ? -1 : 1 }
    let start =
      context.optional(2)?.cast(to: .int32).reshape(column) ?? Tensor.zeros([1], dtype: .int32)
    let offset = Tensor.range(0, length).reshape(line) - start
    let isCircular = context.string("mode") == "circular"
    let places = isCircular ? offset.modulo(length) : offset
    let isWritten = (places .>= 0).logicalAnd(places .< steps)
    let source = isWritten.select(places, 0).broadcast(to: x.shape)
    return isWritten.select(updates.gatherElements(source, axis: axis), x)
  }

  private static func oneHot(_ context: NodeContext) throws -> Tensor {
    let depth = try context.integer(1) ?? 0
    let values = try context.input(2)
    try context.require(values.count == 2, "two values, off and on", "\(values.shape)")
    let indices = try context.input(0)
    var axis = context.int("axis", -1)
    if axis < 0 { axis += indices.rank + 1 }
    try context.require(0...indices.rank ~= axis, "an axis within the result", "\(axis)")
    _ = try context.checked(indices.shape + [depth])
    let positions = indices.cast(to: .int64)
    let hot = (positions .< 0).select(positions + depth, positions)
      .oneHot(depth, dtype: .bool).moveAxis(-1, to: axis)
    let flat = values.reshape([2])
    return hot.select(flat[1], flat[0])
  }

  private static let unique: ONNXOperator = { context in
    guard let x = try context.readable(0) else { return [] }
    let axis = try context.int("axis").map { try context.axis($0, rank: x.rank) }
    let rows = axis.map { x.moveAxis($0, to: 0) } ?? x.flatten()
    let count = rows.shape[0]
    let numbers = rows.dataSync(as: Double.self)
    let width = count == 0 ? 0 : numbers.count / count
    let lines = (0..<count).map { Array(numbers[$0 * width..<($0 + 1) * width]) }
    var firsts: [[Double]: Int] = [:]
    for (place, line) in lines.enumerated() where firsts[line] == nil { firsts[line] = place }
    var order = firsts.values.sorted()
    if context.flag("sorted", true) {
      order.sort { lines[$0].lexicographicallyPrecedes(lines[$1]) }
    }
    let ranks = Dictionary(
      order.enumerated().map { (lines[$1], $0) }, uniquingKeysWith: { first, _ in first })
    let inverse = lines.map { Int64(ranks[$0] ?? 0) }
    var counts = [Int64](repeating: 0, count: order.count)
    for rank in inverse { counts[Int(rank)] += 1 }
    let kept = rows.gather(Tensor(order.map { Int32($0) }, shape: [order.count]))
    return [
      axis.map { kept.moveAxis(0, to: $0) } ?? kept,
      Tensor(order.map { Int64($0) }, shape: [order.count]),
      Tensor(inverse, shape: [count]), Tensor(counts, shape: [order.count]),
    ]
  }
}

extension NodeContext {
  /// How several updates of one place come together; nil where the last counts.
  fileprivate func reduction() throws -> ((Tensor, Tensor) -> Tensor)? {
    switch string("reduction") ?? "none" {
    case "none": return nil
    case "add": return { $0 + $1 }
    case "mul": return { $0 * $1 }
    case "max": return { $0.maximum($1) }
    case "min": return { $0.minimum($1) }
    case let name: throw fault(expected: "none, add, mul, max or min", found: name)
    }
  }

  /// The tensor as far as the indices go along the other axes.
  fileprivate func cut(_ x: Tensor, to indices: Tensor, but axis: Int) throws -> Tensor {
    try require(
      indices.rank == x.rank
        && x.shape.indices.allSatisfy { $0 == axis || indices.shape[$0] <= x.shape[$0] },
      "indices within \(x.shape)", "shape \(indices.shape)")
    var sizes = indices.shape
    sizes[axis] = x.shape[axis]
    return x.slice(starts: sizes.map { _ in 0 }, sizes: sizes)
  }
}

extension Tensor {
  /// Positions counted from the front along an axis of this size.
  func fromFront(_ size: Int) -> Tensor { (self .< 0).select(self + size, self) }

  /// Positions counted from the front along axes of these sizes, one in each place of the last axis.
  fileprivate func fromFront(_ sizes: [Int]) -> Tensor {
    let lengths = Tensor(sizes.map { Int64($0) }, shape: [sizes.count])
    let positions = cast(to: .int64)
    return (positions .< 0).select(positions + lengths, positions)
  }
}

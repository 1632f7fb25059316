import PlushEngine
import PlushTensor

// The same elements in other places.

extension ONNXOperators {
  static let movement: [String: ONNXOperator] = [
    "Identity": { [try $0.input(0)] },
    "Reshape": { [try reshape($0)] },
    "Flatten": { context in
      let x = try context.input(0)
      var axis = context.int("axis", 1)
      if axis < 0 { axis += x.rank }
      try context.require(0...x.rank ~= axis, "an axis from 0 to \(x.rank)", "\(axis)")
      return [x.reshape([x.shape[..<axis].reduce(1, *), x.shape[axis...].reduce(1, *)])]
    },
    "Transpose": { context in
      let x = try context.input(0)
      guard let order = context.ints("perm") else { return [x.transpose()] }
      try context.require(
        order.sorted() == Array(x.shape.indices), "each of \(x.rank) axes once", "\(order)")
      return [x.transpose(order)]
    },
    "Squeeze": { context in
      let x = try context.input(0)
      guard let given = try context.axes(since: 13) else { return [x.squeeze()] }
      let axes = try context.axes(given, rank: x.rank)
      try context.require(
        axes.allSatisfy { x.shape[$0] == 1 }, "axes of size 1", "\(axes) of \(x.shape)")
      return [x.squeeze(axes: axes)]
    },
    "Unsqueeze": { context in
      let x = try context.input(0)
      let given = try context.axes(since: 13) ?? []
      let axes = try context.axes(given, rank: x.rank + given.count)
      return [axes.sorted().reduce(x) { $0.expandDims(axis: $1) }]
    },
    "Expand": { context in
      let x = try context.input(0)
      let target = try context.checked(try context.integers(1) ?? [])
      guard let shape = x.shape.broadcast(with: target) else {
        throw context.fault(expected: "shapes that broadcast", found: "\(x.shape) and \(target)")
      }
      return [x.broadcast(to: try context.checked(shape))]
    },
    "Tile": { context in
      let x = try context.input(0)
      let times = try context.integers(1) ?? []
      try context.require(
        times.count == x.rank && times.allSatisfy { 0..<1 << 31 ~= $0 },
        "\(x.rank) repetitions", "\(times)")
      _ = try context.checked(zip(x.shape, times).map { Swift.min($0, 1 << 31) * $1 })
      return [x.tile(times)]
    },
    "Concat": { context in
      let inputs = try context.inputs()
      let axis = try context.axis(context.int("axis", 1), rank: inputs[0].rank)
      func rest(_ tensor: Tensor) -> [Int] {
        tensor.shape.enumerated().filter { $0.offset != axis }.map(\.element)
      }
      try context.require(
        inputs.allSatisfy { $0.rank == inputs[0].rank && rest($0) == rest(inputs[0]) },
        "shapes alike but for axis \(axis)", inputs.map { "\($0.shape)" }.joined(separator: ", "))
      return [concatenate(inputs, axis: axis)]
    },
    "Split": split,
    "Slice": { [try slice($0)] },
    "Pad": { [try pad($0)] },
    "DepthToSpace": { [try depthToSpace($0)] },
    "SpaceToDepth": { context in
      let x = try context.input(0, rank: 4...4)
      let b = try context.blockSize()
      let (n, c, h, w) = (x.shape[0], x.shape[1], x.shape[2], x.shape[3])
      try context.require(h % b == 0 && w % b == 0, "sizes that \(b) divides", "\(x.shape)")
      return [
        x.reshape([n, c, h / b, b, w / b, b])
          .transpose(context.string("mode") == "CRD" ? [0, 1, 3, 5, 2, 4] : [0, 3, 5, 1, 2, 4])
          .reshape([n, c * b * b, h / b, w / b])
      ]
    },
    "Trilu": { context in
      let x = try context.input(0, rank: 2...16)
      let k = Swift.max(-x.count - 1, Swift.min(x.count + 1, try context.integer(1) ?? 0))
      if x.count == 0 { return [x] }
      return [(context.flag("upper", true) ? x.triangularUpper(k) : x.triangularLower(k)).like(x)]
    },
    "ReverseSequence": { [try reverseSequence($0)] },
    "CenterCropPad": { [try centerCropPad($0)] },
  ]

  private static func reshape(_ context: NodeContext) throws -> Tensor {
    let x = try context.input(0)
    var shape = try context.ints("shape") ?? context.integers(1) ?? []
    if !context.flag("allowzero") {
      for axis in shape.indices where shape[axis] == 0 {
        try context.require(
          axis < x.rank, "zeros in the shape at the \(x.rank) axes", "\(shape)")
        shape[axis] = x.shape[axis]
      }
    }
    let open = shape.filter { $0 == -1 }.count
    let known = try context.checked(shape.filter { $0 != -1 }).reduce(1, *)
    let fits = open == 0 ? known == x.count : open == 1 && known > 0 && x.count % known == 0
    let isEmpty = open == 1 && known == 0 && x.count == 0
    try context.require(fits || isEmpty, "a shape of \(x.count) elements", "\(shape)")
    return x.reshape(shape)
  }

  private static let split: ONNXOperator = { context in
    let x = try context.input(0, rank: 1...16)
    let axis = try context.axis(context.int("axis", 0), rank: x.rank)
    let size = x.shape[axis]
    var sizes = try context.ints("split") ?? context.integers(1)
    if sizes == nil {
      let count = context.int("num_outputs", context.node.output.count)
      try context.require(1...65536 ~= count, "at least one output", "\(count)")
      let part = (size + count - 1) / count
      sizes = (0..<count).map { Swift.max(0, Swift.min(part, size - $0 * part)) }
    }
    let parts = sizes ?? []
    try context.require(
      parts.allSatisfy { 0...size ~= $0 } && parts.reduce(0, +) == size,
      "sizes that add up to \(size)", "\(parts)")
    return x.split(sizes: parts, axis: axis)
  }

  private static func slice(_ context: NodeContext) throws -> Tensor {
    let x = try context.input(0, rank: 1...16)
    let starts = try context.ints("starts") ?? context.integers(1) ?? []
    let ends = try context.ints("ends") ?? context.integers(2) ?? []
    let axes = try context.axes(
      try context.ints("axes") ?? context.integers(3) ?? Array(starts.indices), rank: x.rank)
    let steps = try context.integers(4) ?? [Int](repeating: 1, count: starts.count)
    try context.require(
      starts.count == ends.count && starts.count == axes.count && starts.count == steps.count
        && !steps.contains(0),
      "a start, an end, an axis and a step other than 0 for each", "\(starts), \(ends), \(steps)")
    var parts = [AxisIndex](repeating: .all, count: x.rank)
    for (place, axis) in axes.enumerated() {
      let size = x.shape[axis]
      let step = Swift.max(-size - 1, Swift.min(steps[place], size + 1))
      let range = step > 0 ? 0...size : -1...(size - 1)
      func clamped(_ position: Int) -> Int {
        let position = position < 0 ? Swift.max(position, -size - 1) + size : position
        return Swift.min(Swift.max(position, range.lowerBound), range.upperBound)
      }
      let (first, end) = (clamped(starts[place]), clamped(ends[place]))
      let isEmpty = step > 0 ? end <= first : end >= first
      // An end of nil stands before the first element.
      parts[axis] =
        isEmpty
        ? .stride(from: 0, to: 0)
        : .stride(from: first, to: end < 0 ? nil : end, by: step)
    }
    return x[parts]
  }

  private static func pad(_ context: NodeContext) throws -> Tensor {
    let x = try context.input(0)
    let pads =
      try context.ints("pads") ?? context.ints("paddings") ?? context.integers(1) ?? []
    let axes = try context.axes(
      try context.opset >= 18
        ? context.integers(3) ?? Array(x.shape.indices)
        : Array(x.shape.indices), rank: x.rank)
    try context.require(
      pads.count == axes.count * 2 && pads.allSatisfy { abs($0.clampedToInt32) < 1 << 31 },
      "\(axes.count * 2) widths", "\(pads)")
    var (low, high) = (x.shape.map { _ in 0 }, x.shape.map { _ in 0 })
    for (place, axis) in axes.enumerated() {
      (low[axis], high[axis]) = (pads[place], pads[place + axes.count])
    }
    let sizes = x.shape.indices.map { low[$0] + x.shape[$0] + high[$0] }
    _ = try context.checked(sizes)
    // Widths below zero cut elements off.
    let cropped = x.slice(
      starts: low.map { Swift.max(0, -$0) },
      sizes: x.shape.indices.map {
        Swift.max(0, x.shape[$0] + Swift.min(0, low[$0]) + Swift.min(0, high[$0]))
      })
    let widths = x.shape.indices.map { (Swift.max(0, low[$0]), Swift.max(0, high[$0])) }
    switch context.string("mode") ?? "constant" {
    case "constant":
      let value = try context.opset < 11 ? context.float("value", 0) : context.number(2) ?? 0
      return cropped.pad(widths, value: value)
    case "edge":
      try context.requireRoom(cropped, widths) { size in size > 0 ? Int.max : 0 }
      return cropped.pad(widths, mode: .edge)
    case "reflect":
      try context.requireRoom(cropped, widths) { size in size - 1 }
      return cropped.pad(widths, mode: .reflect)
    case "wrap":
      try context.requireRoom(cropped, widths) { size in size > 0 ? Int.max : 0 }
      return cropped.shape.indices.reduce(cropped) { tensor, axis in
        let size = tensor.shape[axis]
        let places = (-widths[axis].0..<size + widths[axis].1).map {
          Int32((($0 % size) + size) % size)
        }
        return tensor.gather(Tensor(places), axis: axis)
      }
    case let mode: throw context.fault(expected: "constant, edge, reflect or wrap", found: mode)
    }
  }

  private static func depthToSpace(_ context: NodeContext) throws -> Tensor {
    let x = try context.input(0, rank: 4...4)
    let b = try context.blockSize()
    let (n, c, h, w) = (x.shape[0], x.shape[1], x.shape[2], x.shape[3])
    try context.require(c % (b * b) == 0, "channels that \(b * b) divides", "\(x.shape)")
    let isColumnFirst = context.string("mode") == "CRD"
    let blocks = isColumnFirst ? [n, c / (b * b), b, b, h, w] : [n, b, b, c / (b * b), h, w]
    return x.reshape(blocks)
      .transpose(isColumnFirst ? [0, 1, 4, 2, 5, 3] : [0, 3, 4, 1, 5, 2])
      .reshape([n, c / (b * b), h * b, w * b])
  }

  private static func reverseSequence(_ context: NodeContext) throws -> Tensor {
    let x = try context.input(0, rank: 2...16)
    let lengths = try context.input(1, rank: 1...1)
    let (time, batch) = (context.int("time_axis", 0), context.int("batch_axis", 1))
    try context.require(
      (time, batch) == (0, 1) || (time, batch) == (1, 0), "axes 0 and 1", "\(time), \(batch)")
    try context.require(
      lengths.count == x.shape[batch], "a length for each sample", "\(lengths.shape)")
    let steps = Tensor.range(0, x.shape[time]).reshape(time == 0 ? [-1, 1] : [1, -1])
    let ends = lengths.cast(to: .int32).reshape(time == 0 ? [1, -1] : [-1, 1])
    let places = (steps .< ends).select(ends - 1 - steps, steps)
    let shape = places.shape + x.shape.dropFirst(2).map { _ in 1 }
    return x.gatherElements(places.reshape(shape).broadcast(to: x.shape), axis: time)
  }

  private static func centerCropPad(_ context: NodeContext) throws -> Tensor {
    let x = try context.input(0)
    let target = try context.checked(try context.integers(1) ?? [])
    let axes = try context.axes(context.ints("axes") ?? Array(x.shape.indices), rank: x.rank)
    try context.require(axes.count == target.count, "\(axes.count) sizes", "\(target)")
    return zip(axes, target).reduce(x) { tensor, change in
      let (axis, wanted) = change
      let size = tensor.shape[axis]
      if wanted <= size {
        let start = (size - wanted) / 2
        var parts = [AxisIndex](repeating: .all, count: tensor.rank)
        parts[axis] = .stride(from: start, to: start + wanted)
        return tensor[parts]
      }
      var widths = [(Int, Int)](repeating: (0, 0), count: tensor.rank)
      widths[axis] = ((wanted - size) / 2, wanted - size - (wanted - size) / 2)
      return tensor.pad(widths)
    }
  }
}

extension NodeContext {
  fileprivate func blockSize() throws -> Int {
    let size = int("blocksize", 1)
    try require(1...65536 ~= size, "a block size above 0", "\(size)")
    return size
  }

  fileprivate func requireRoom(
    _ tensor: Tensor, _ widths: [(Int, Int)], _ most: (Int) -> Int
  ) throws {
    for (size, width) in zip(tensor.shape, widths) where width != (0, 0) {
      try require(
        Swift.max(width.0, width.1) <= most(size), "widths that the tensor can fill",
        "\(width) for \(size) elements")
    }
  }
}

extension Int {
  fileprivate var clampedToInt32: Int { Int(Int32(clamping: self)) }
}

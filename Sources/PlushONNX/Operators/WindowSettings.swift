import PlushTensor

/// How the window of a convolution or pooling moves, as the attributes of a node tell it.
struct WindowSettings {
  var window: [Int]
  var strides: [Int]
  var dilations: [Int]
  var low: [Int]
  var high: [Int]

  /// - Parameter sizes: those of the spatial axes.
  init(_ context: NodeContext, window: [Int]?, sizes: [Int]) throws {
    let rank = sizes.count
    try context.require(1...3 ~= rank, "1 to 3 spatial axes", "\(rank)")
    self.window = try window ?? context.sizes("kernel_shape", count: rank)
    strides = try context.sizes("strides", count: rank)
    dilations = try context.sizes("dilations", count: rank)
    low = [Int](repeating: 0, count: rank)
    high = low
    try context.require(
      self.window.count == rank && self.window.allSatisfy { $0 > 0 },
      "a window of \(rank) sizes", "\(self.window)")
    switch context.string("auto_pad") ?? "NOTSET" {
    case "NOTSET", "":
      let pads = try context.sizes("pads", count: rank * 2, from: 0, standard: 0)
      (low, high) = (Array(pads[..<rank]), Array(pads[rank...]))
    case "VALID": break
    case let mode:
      for axis in 0..<rank {
        let places = (sizes[axis] + strides[axis] - 1) / strides[axis]
        let total = Swift.max(0, (places - 1) * strides[axis] + reach(axis) - sizes[axis])
        low[axis] = mode == "SAME_LOWER" ? total - total / 2 : total / 2
        high[axis] = total - low[axis]
      }
    }
  }

  /// Elements from the first to the last that a window sees.
  func reach(_ axis: Int) -> Int { (window[axis] - 1) * dilations[axis] + 1 }

  var padding: SpatialPadding { .explicit(low: low, high: high) }

  /// How many places the window has over arrays of these sizes.
  func places(_ sizes: [Int]) -> [Int] {
    sizes.indices.map { (sizes[$0] + low[$0] + high[$0] - reach($0)) / strides[$0] + 1 }
  }

  /// Where each element of the window lies at each place, along each axis: [window elements, places].
  func elements(_ places: [Int]) -> [Tensor] {
    func positions(_ sizes: [Int], _ axis: Int) -> Tensor {
      let line = sizes.indices.map { $0 == axis ? -1 : 1 }
      return Tensor.range(0, sizes[axis]).reshape(line).broadcast(to: sizes)
    }
    return window.indices.map { axis in
      let starts = positions(places, axis).reshape([1, -1]) * strides[axis] - low[axis]
      return positions(window, axis).reshape([-1, 1]) * dilations[axis] + starts
    }
  }

  /// Checks that the window has a place.
  func check(_ context: NodeContext, _ sizes: [Int]) throws {
    _ = try context.checked(sizes.indices.map { sizes[$0] + low[$0] + high[$0] })
    for axis in sizes.indices {
      try context.require(
        sizes[axis] + low[axis] + high[axis] >= reach(axis), "a window within the padded input",
        "\(window) over \(sizes)")
    }
  }

  /// Adds to the end what a last, incomplete place needs; nothing for one that lies in the padding.
  mutating func roundUp(_ sizes: [Int]) {
    for axis in sizes.indices {
      let room = sizes[axis] + low[axis] + high[axis] - reach(axis)
      var places = (room + strides[axis] - 1) / strides[axis] + 1
      if (places - 1) * strides[axis] >= sizes[axis] + low[axis] { places -= 1 }
      high[axis] += Swift.max(0, (places - 1) * strides[axis] - room)
    }
  }
}

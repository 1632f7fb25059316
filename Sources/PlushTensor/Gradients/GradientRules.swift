import PlushEngine

/// The gradients of an operation's inputs, as tensors, so that they have gradients in turn.
///
/// What has no gradient (integers, comparisons, rounding, positions) gives nil, which counts as 0.
struct GradientRule {
  let inputs: [Tensor]
  let outputs: [Tensor]
  let gradients: [Tensor?]

  var x: Tensor { inputs[0] }
  var y: Tensor { outputs[0] }
  var g: Tensor { gradients[0] ?? .zeros(like: outputs[0]) }

  /// One for each input.
  func gradients(of op: Op) -> [Tensor?] {
    switch op {
    case .parameter, .fill, .iota, .randomBits: return []
    case .compare, .argReduce, .argsort: return inputs.map { _ in nil }
    case .unary(let operation): return [unary(operation)]
    case .binary(let operation): return binary(operation)
    case .select:
      return [nil, x.select(g, Tensor.zeros(like: g)), x.select(Tensor.zeros(like: g), g)]
    case .cast: return [x.dtype.isFloating ? g.cast(to: x.dtype) : nil]
    case .reduce(let reduction, let axes): return [reduce(reduction, axes)]
    case .scan(let reduction, let axis, let exclusive, let reverse):
      return [scan(reduction, axis, exclusive, reverse)]
    case .reshape: return [g.reshape(x.shape)]
    case .transpose(let order):
      return [g.transpose(order.indices.map { order.firstIndex(of: $0)! })]
    case .broadcast: return [g.summed(to: x.shape)]
    case .slice(let starts, _, let strides): return [slice(starts, strides)]
    case .pad(let low, let high): return pad(low, high)
    case .reverse(let axes): return [g.reverse(axes: axes)]
    case .concatenate(let axis):
      return g.split(sizes: inputs.map { $0.shape[axis] }, axis: axis)
    case .matmul(let transposeA, let transposeB): return matmul(transposeA, transposeB)
    case .convolution(let convolution): return convolve(convolution)
    case .convolutionInputGradient(let convolution, _): return inputGradient(convolution)
    case .convolutionFilterGradient(let convolution, _): return filterGradient(convolution)
    case .pool(let pooling): return [pool(pooling)]
    case .poolGradient(let pooling, _): return poolGradient(pooling)
    case .recurrent(let recurrence): return recurrent(recurrence)
    case .recurrentGradient:
      stop(
        "The gradient of a recurrent layer has no gradient of its own.",
        hint: "Record the steps one by one: a layer RNN(LSTMCell(…)) has gradients of any order.")
    case .solveTriangular(let triangle): return solveTriangular(triangle)
    case .factorize(let factorization): return [factorize(factorization)]
    // The matrix of the transform is symmetric; its adjoint turns the other way.
    case .fft(let inverse): return [.record(.fft(inverse: !inverse), [g])]
    case .gather(let axis):
      return [g.scatterAdd(inputs[1], axis: axis, length: x.shape[axis]), nil]
    case .scatterAdd(let axis, _, _): return [g.gather(inputs[1], axis: axis), nil]
    case .gatherElements(let axis):
      return [g.scatterAddElements(inputs[1], axis: axis, length: x.shape[axis]), nil]
    case .scatterAddElements(let axis, _): return [g.gatherElements(inputs[1], axis: axis), nil]
    case .fused: stop("Only passes fuse; a recorded operation is never fused.")
    }
  }
}

// MARK: - Element by element

extension GradientRule {
  private func unary(_ operation: UnaryOperation) -> Tensor? {
    switch operation {
    case .negate: -g
    case .abs: g * x.sign()
    case .sign, .floor, .ceil, .round, .truncate: nil
    case .exp: g * y
    case .expm1: g * (y + 1)
    case .log: g / x
    case .log1p: g / (x + 1)
    case .sqrt: g * 0.5 / y
    case .rsqrt: g * -0.5 * y / x
    case .reciprocal: -g * y * y
    case .sin: g * x.cos()
    case .cos: -g * x.sin()
    case .tan: g * (y * y + 1)
    case .asin: g * (1 - x * x).rsqrt()
    case .acos: -g * (1 - x * x).rsqrt()
    case .atan: g / (x * x + 1)
    case .sinh: g * x.cosh()
    case .cosh: g * x.sinh()
    case .tanh: g * (1 - y * y)
    case .asinh: g * (x * x + 1).rsqrt()
    case .acosh: g * ((x - 1) * (x + 1)).rsqrt()
    case .atanh: g / (1 - x * x)
    case .sigmoid: g * y * (1 - y)
    case .erf: g * (-x * x).exp() * (2 / Double.pi.squareRoot())
    case .erfInverse: g * (y * y).exp() * (Double.pi.squareRoot() / 2)
    case .isNaN, .isFinite, .isInfinite, .logicalNot, .bitNot: nil
    }
  }

  private func binary(_ operation: BinaryOperation) -> [Tensor?] {
    let (a, b) = (inputs[0], inputs[1])
    switch operation {
    case .add: return [g, g]
    case .subtract: return [g, -g]
    case .multiply: return [g * b, g * a]
    case .divide: return [g / b, -g * y / b]
    case .modulo: return [g, -g * (a / b).floor()]
    case .remainder: return [g, -g * (a / b).truncate()]
    case .power: return power(a, b)
    case .maximum: return chosen(a .> b, b .> a)
    case .minimum: return chosen(a .< b, b .< a)
    case .atan2:
      let square = a * a + b * b
      return [g * b / square, -g * a / square]
    case .floorDivide, .bitAnd, .bitOr, .bitXor, .shiftLeft, .shiftRight: return [nil, nil]
    }
  }

  /// `b a^(b-1)` without 0 · ∞ where b is 0, and `log(a) y`, 0 where the logarithm is no number, as
  /// in TensorFlow.
  private func power(_ a: Tensor, _ b: Tensor) -> [Tensor?] {
    let exponent = (b .== 0).select(1, b - 1)
    let base = (a .<= 0).select(1, a)
    return [g * b * a.pow(exponent), g * base.log() * y]
  }

  /// The gradient goes to the operand that was chosen; equal ones share it.
  private func chosen(_ first: Tensor, _ second: Tensor) -> [Tensor] {
    let half = first.logicalOr(second).select(0, g * 0.5)
    return [first.select(g, half), second.select(g, half)]
  }
}

// MARK: - Along axes

extension GradientRule {
  private func reduce(_ reduction: Reduction, _ axes: [Int]) -> Tensor {
    let spread = g.restoring(axes).broadcast(to: x.shape)
    switch reduction {
    case .sum: return spread
    case .max, .min:
      let chosen = (x .== y.restoring(axes)).cast(to: x.dtype)
      return chosen * (g.restoring(axes) / chosen.sum(axes: axes, keepDims: true))
    case .product: return spread * productOfOthers(axes)
    }
  }

  /// The product of all elements but each itself, right also where some are 0.
  private func productOfOthers(_ axes: [Int]) -> Tensor {
    let kept = x.shape.indices.filter { !axes.contains($0) }
    let order = kept + axes
    let arranged = x.transpose(order)
    let rows = arranged.reshape(kept.map { x.shape[$0] } + [-1])
    let before = rows.cumulativeProduct(exclusive: true)
    let after = rows.cumulativeProduct(exclusive: true, reverse: true)
    let others = (before * after).reshape(arranged.shape)
    return others.transpose(order.indices.map { order.firstIndex(of: $0)! })
  }

  private func scan(
    _ reduction: Reduction, _ axis: Int, _ exclusive: Bool, _ reverse: Bool
  ) -> Tensor {
    switch reduction {
    case .sum: return g.cumulativeSum(axis: axis, exclusive: exclusive, reverse: !reverse)
    case .product, .max, .min:
      if !reverse { return forwardScan(reduction, axis, exclusive, x, g) }
      let gradient = forwardScan(
        reduction, axis, exclusive, x.reverse(axis: axis), g.reverse(axis: axis))
      return gradient.reverse(axis: axis)
    }
  }

  private func forwardScan(
    _ reduction: Reduction, _ axis: Int, _ exclusive: Bool, _ x: Tensor, _ g: Tensor
  ) -> Tensor {
    let g = exclusive ? g.shifted(axis, by: 1, filling: 0) : g
    guard reduction == .product else { return extremes(reduction, axis, x, g) }
    // x_j occurs in the products from j on: in each with all before it and those between.
    let before = x.cumulativeProduct(axis: axis, exclusive: true)
    return before * recurrence(axis, g, x.shifted(axis, by: 1, filling: 0))
  }

  /// s with s_j = b_j + a_j s_(j+1), by doubling: no division, so zeros do no harm.
  private func recurrence(_ axis: Int, _ b: Tensor, _ a: Tensor) -> Tensor {
    var (a, b) = (a, b)
    var distance = 1
    while distance < a.shape[axis] {
      b = b + a * b.shifted(axis, by: distance, filling: 0)
      a = a * a.shifted(axis, by: distance, filling: 0)
      distance *= 2
    }
    return b
  }

  /// The gradient goes to the last element that was the extreme.
  private func extremes(
    _ reduction: Reduction, _ axis: Int, _ x: Tensor, _ g: Tensor
  ) -> Tensor {
    let running = x.scan(reduction, axis, false, false)
    let positions = Tensor.iota(x.shape, axis: axis)
    let source = (x .== running).select(positions, 0).cumulativeMax(axis: axis)
    return g.scatterAddElements(source, axis: axis, length: x.shape[axis])
  }
}

// MARK: - Movement and products

extension GradientRule {
  private func slice(_ starts: [Int], _ strides: [Int]) -> Tensor {
    let spread = strides.indices.reduce(g) { $0.dilated($1, by: strides[$1]) }
    let widths = starts.indices.map { axis in
      (starts[axis], Swift.max(0, x.shape[axis] - starts[axis] - spread.shape[axis]))
    }
    return spread.pad(widths).slice(starts: x.shape.map { _ in 0 }, sizes: x.shape)
  }

  private func pad(_ low: [Int], _ high: [Int]) -> [Tensor] {
    let inside = g.slice(starts: low, sizes: x.shape)
    return [inside, g.sum() - inside.sum()]
  }

  private func matmul(_ transposeA: Bool, _ transposeB: Bool) -> [Tensor] {
    let (a, b) = (inputs[0], inputs[1])
    let product = { (a: Tensor, b: Tensor, transposeA: Bool, transposeB: Bool) in
      PlushTensor.matmul(a, b, transposeA: transposeA, transposeB: transposeB)
    }
    return [
      transposeA ? product(b, g, transposeB, true) : product(g, b, false, !transposeB),
      transposeB ? product(g, a, true, transposeA) : product(a, g, !transposeA, false),
    ]
  }
}

extension Tensor {
  /// The sum over the axes that broadcasting from `shape` repeated.
  func summed(to shape: [Int]) -> Tensor {
    let extra = rank - shape.count
    let axes = self.shape.indices.filter {
      $0 < extra || (shape[$0 - extra] == 1 && self.shape[$0] != 1)
    }
    return axes.isEmpty ? reshape(shape) : sum(axes: axes).reshape(shape)
  }

  /// The elements moved `places` toward the front of an axis.
  fileprivate func shifted(_ axis: Int, by places: Int, filling value: Double) -> Tensor {
    let places = Swift.min(places, shape[axis])
    var widths = shape.map { _ in (0, 0) }
    widths[axis] = (0, places)
    return narrowed(axis, places, shape[axis] - places).pad(widths, value: value)
  }

  /// The elements of an axis with `stride - 1` zeros after each.
  fileprivate func dilated(_ axis: Int, by stride: Int) -> Tensor {
    if stride == 1 { return self }
    var widths = [(Int, Int)](repeating: (0, 0), count: rank + 1)
    widths[axis + 1] = (0, stride - 1)
    var result = shape
    result[axis] *= stride
    return expandDims(axis: axis + 1).pad(widths).reshape(result)
  }
}

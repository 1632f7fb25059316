import PlushConformance
import PlushEngine
import PlushNN
import PlushTensor

/// A case of a golden file: an operator with attributes, inputs, results and gradients.
struct GoldenCase: Sendable, CustomStringConvertible {
  let json: JSON

  var name: String { json["name"]?.string ?? "" }
  var operation: String { json["op"]?.string ?? "" }
  var description: String { name }
  var inputs: [String: Tensor] { tensors("inputs") }
  var gradients: [String: Tensor] { tensors("grads") }
  var outputs: [Tensor] { list("outputs") }
  var cotangents: [Tensor] { list("cotangents") }
  var relative: Double { json["rtol"]?.double ?? 0 }
  var absolute: Double { json["atol"]?.double ?? 0 }

  func attribute(_ name: String) -> JSON? { json["attrs"]?[name] }

  func integers(_ name: String) -> [Int]? { attribute(name)?.integers }

  private func tensors(_ key: String) -> [String: Tensor] {
    (json[key]?.object ?? [:]).mapValues(\.tensor)
  }

  /// Results that have no gradient have `null` for one.
  private func list(_ key: String) -> [Tensor] {
    (json[key]?.array ?? []).filter { !$0.isNull }.map(\.tensor)
  }

  /// All cases of the files with these names.
  static func read(_ groups: [String]) throws -> [GoldenCase] {
    let folder = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast()
      .joined(separator: "/")
    return try groups.flatMap { group in
      let json = try JSON(parsing: try bytes(of: "\(folder)/Golden/\(group).json"))
      return (json["cases"]?.array ?? []).map { GoldenCase(json: $0) }
    }
  }
}

extension JSON {
  fileprivate var tensor: Tensor {
    let shape = self["shape"]?.integers ?? []
    let dtype = DType(name: self["dtype"]?.string ?? "") ?? .float32
    let numbers = (self["data"]?.array ?? []).map(\.number)
    return Tensor(numbers, shape: shape, dtype: .float64).cast(to: dtype)
  }
}

/// Runs the operators of the golden files.
enum GoldenRunner {
  static func run(_ test: GoldenCase, _ inputs: [String: Tensor]) -> [Tensor]? {
    if let results = GoldenLayers.run(test, inputs) ?? GoldenSignal.run(test, inputs)
      ?? GoldenImages.run(test, inputs)
    {
      return results
    }
    if let results = indexing(test, inputs) { return [results] }
    if let x = inputs["x"] {
      return unary(test, x).map { [$0] } ?? reduction(test, x).map { [$0] } ?? movement(test, x)
    }
    if let c = inputs["c"], let a = inputs["a"], let b = inputs["b"] { return [c.select(a, b)] }
    if let a = inputs["a"], let b = inputs["b"] { return binary(test, a, b).map { [$0] } }
    return creation(test).map { [$0] }
  }

  private static func unary(_ test: GoldenCase, _ x: Tensor) -> Tensor? {
    switch test.operation {
    case "abs": x.abs()
    case "neg": -x
    case "exp": x.exp()
    case "expm1": x.expm1()
    case "square": x.square()
    case "sin": x.sin()
    case "cos": x.cos()
    case "tan": x.tan()
    case "atan": x.atan()
    case "sinh": x.sinh()
    case "cosh": x.cosh()
    case "tanh": x.tanh()
    case "asinh": x.asinh()
    case "erf": x.erf()
    case "sigmoid": x.sigmoid()
    case "logSigmoid": x.logSigmoid()
    case "softplus": x.softplus()
    case "softsign": x.softsign()
    case "relu": x.relu()
    case "relu6": x.relu6()
    case "elu": x.elu()
    case "selu": x.selu()
    case "silu": x.silu()
    case "mish": x.mish()
    case "hardSigmoid": x.hardSigmoid()
    case "hardSilu": x.hardSwish()
    case "celu": x.celu()
    case "geluExact": x.gelu()
    case "geluTanh": x.gelu(approximate: true)
    case "leakyRelu": x.leakyRelu(alpha: test.attribute("alpha")?.double ?? 0)
    case "reciprocal": x.reciprocal()
    case "softshrink": x.softShrink()
    case "hardTanh": x.hardTanh()
    case "log": x.log()
    case "log1p": x.log1p()
    case "sqrt": x.sqrt()
    case "rsqrt": x.rsqrt()
    case "asin": x.asin()
    case "acos": x.acos()
    case "atanh": x.atanh()
    case "acosh": x.acosh()
    case "isNaN": x.isNaN()
    case "isInf": x.isInfinite()
    case "isFinite": x.isFinite()
    case "floor": x.floor()
    case "ceil": x.ceil()
    case "round": x.round()
    case "sign": x.sign()
    case "clipByValue":
      x.clip(
        min: test.attribute("min")?.double ?? .nan, max: test.attribute("max")?.double ?? .nan)
    case "logicalNot": x.logicalNot()
    case "cast": x.cast(to: DType(name: test.attribute("dtype")?.string ?? "")!)
    default: nil
    }
  }

  private static func reduction(_ test: GoldenCase, _ x: Tensor) -> Tensor? {
    let axes = test.integers("axis")
    let axis = axes?.first ?? -1
    let keepDims = test.attribute("keepDims")?.bool ?? false
    switch test.operation {
    case "sum": return x.sum(axes: axes, keepDims: keepDims)
    case "mean": return x.mean(axes: axes, keepDims: keepDims)
    case "max": return x.max(axes: axes, keepDims: keepDims)
    case "min": return x.min(axes: axes, keepDims: keepDims)
    case "prod": return x.product(axes: axes, keepDims: keepDims)
    case "variance": return x.variance(axes: axes, keepDims: keepDims)
    case "std": return x.standardDeviation(axes: axes, keepDims: keepDims)
    case "logSumExp": return x.logSumExp(axes: axes, keepDims: keepDims)
    case "norm": return x.norm(axes: axes, keepDims: keepDims)
    case "any": return x.any(axes: axes)
    case "all": return x.all(axes: axes)
    case "argMax": return x.argMax(axis: axis)
    case "argMin": return x.argMin(axis: axis)
    case "cumsum":
      return x.cumulativeSum(
        axis: axis, exclusive: test.attribute("exclusive")?.bool ?? false,
        reverse: test.attribute("reverse")?.bool ?? false)
    case "cumprod": return x.cumulativeProduct(axis: axis)
    case "argsort": return x.argSort(axis: axis)
    case "sort": return x.sort(axis: axis)
    default: return nil
    }
  }

  private static func movement(_ test: GoldenCase, _ x: Tensor) -> [Tensor]? {
    let axis = test.integers("axis")?.first ?? 0
    let widths = (test.attribute("paddings")?.array ?? []).compactMap(\.integers).map {
      ($0[0], $0[1])
    }
    switch test.operation {
    case "topk":
      let (values, indices) = x.topK(test.attribute("k")?.int ?? 1)
      return [values, indices]
    case "unstack": return x.unstack(axis: axis)
    case "split":
      guard let sizes = test.attribute("numOrSizeSplits") else { return nil }
      return sizes.int.map { x.split(count: $0, axis: axis) }
        ?? x.split(sizes: sizes.integers ?? [], axis: axis)
    case "pad": return [x.pad(widths, value: test.attribute("constantValue")?.double ?? 0)]
    case "mirrorPad":
      let isReflect = test.attribute("mode")?.string == "reflect"
      return [x.pad(widths, mode: isReflect ? .reflect : .symmetric)]
    case "slice":
      return [x.slice(starts: test.integers("begin")!, sizes: test.integers("size")!)]
    case "stridedSlice": return [stridedSlice(test, x)]
    case "tile": return [x.tile(test.integers("reps")!)]
    case "repeat": return [x.repeat(test.attribute("repeats")?.int ?? 1, axis: axis)]
    case "transpose": return [x.transpose(test.integers("perm"))]
    case "reverse": return [x.reverse(axes: test.integers("axis"))]
    case "roll": return [x.roll(test.attribute("shift")?.int ?? 0, axis: axis)]
    case "reshape": return [x.reshape(test.integers("shape")!)]
    case "broadcastTo": return [x.broadcast(to: test.integers("shape")!)]
    case "bandPart":
      let k = test.attribute("k")?.int ?? 0
      let isLower = test.attribute("lower")?.bool ?? true
      return [isLower ? x.triangularLower(k) : x.triangularUpper(k)]
    case "diag": return [x.diagonalMatrix()]
    case "diagPart": return [x.diagonal()]
    case "trace":
      return [
        x.trace(axes: (test.attribute("axis1")?.int ?? 0, test.attribute("axis2")?.int ?? 1))
      ]
    case "spaceToDepth": return [x.spaceToDepth(blockSize: 2)]
    case "depthToSpace": return [x.depthToSpace(blockSize: 2)]
    default: return nil
    }
  }

  private static func stridedSlice(_ test: GoldenCase, _ x: Tensor) -> Tensor {
    let starts = test.attribute("begin")?.array ?? []
    let ends = test.attribute("end")?.array ?? []
    let strides = test.attribute("strides")?.array ?? []
    return x[
      starts.indices.map {
        AxisIndex.stride(from: starts[$0].int, to: ends[$0].int, by: strides[$0].int ?? 1)
      }]
  }

  private static func binary(_ test: GoldenCase, _ a: Tensor, _ b: Tensor) -> Tensor? {
    let axis = test.integers("axis")?.first ?? 0
    let flag = { (name: String) in test.attribute(name)?.bool ?? false }
    switch test.operation {
    case "add": return a + b
    case "sub": return a - b
    case "mul": return a * b
    case "div": return a / b
    case "maximum": return a.maximum(b)
    case "minimum": return a.minimum(b)
    case "squaredDifference": return a.squaredDifference(b)
    case "atan2": return a.atan2(b)
    case "pow": return a.pow(b)
    case "mod": return a.modulo(b)
    case "floorDiv": return a.floorDivide(b)
    case "equal": return a .== b
    case "notEqual": return a .!= b
    case "greater": return a .> b
    case "greaterEqual": return a .>= b
    case "less": return a .< b
    case "lessEqual": return a .<= b
    case "logicalAnd": return a.logicalAnd(b)
    case "logicalOr": return a.logicalOr(b)
    case "logicalXor": return a.logicalXor(b)
    case "matMul":
      return matmul(a, b, transposeA: flag("transposeA"), transposeB: flag("transposeB"))
    case "outerProduct": return outer(a, b)
    case "tensordot":
      return tensordot(a, b, axes: (test.integers("axesA")!, test.integers("axesB")!))
    case "einsum": return einsum(test.attribute("equation")?.string ?? "", a, b)
    case "concat": return concatenate([a, b], axis: axis)
    case "stack": return stack([a, b], axis: axis)
    default: return nil
    }
  }

  private static func indexing(_ test: GoldenCase, _ inputs: [String: Tensor]) -> Tensor? {
    let axis = test.integers("axis")?.first ?? 0
    let (x, indices) = (inputs["x"], inputs["indices"])
    switch (test.operation, x, indices) {
    case ("gather", let x?, let indices?): return x.gather(indices, axis: axis)
    case ("takeAlongAxis", let x?, let indices?): return x.gatherElements(indices, axis: axis)
    case ("unsortedSegmentSum", let x?, nil):
      return x.segmentSum(inputs["ids"]!, count: test.integers("numSegments")![0])
    case ("scatterND", nil, let indices?):
      return inputs["updates"]!.scatterND(indices, shape: test.integers("shape")!)
    case ("tensorScatterUpdate", let x?, let indices?):
      return x.scatterUpdate(indices, inputs["updates"]!)
    case ("oneHot", let x?, nil): return x.oneHot(test.integers("depth")![0])
    default: return nil
    }
  }

  private static func creation(_ test: GoldenCase) -> Tensor? {
    let number = { (name: String) in test.attribute(name)?.double ?? 0 }
    switch test.operation {
    case "linspace":
      return .linspace(number("start"), number("stop"), count: Int(number("num")))
    case "range": return .range(number("start"), number("stop"), step: number("step"))
    case "eye": return .eye(Int(number("rows")), Int(number("cols")))
    default: return nil
    }
  }
}

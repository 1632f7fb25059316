import Foundation
import PlushEngine
import PlushNN
import PlushTensor
import Testing

/// Cases recorded from TensorFlow.js's own tests, where the environment tells their folder.
@Suite struct TensorFlowJSTests {
  static let folder = ProcessInfo.processInfo.environment["PLUSH_CONFORMANCE"]

  @Test(.enabled(if: folder != nil)) func agreesWithTensorFlowJS() throws {
    let json = try JSON(parsing: try bytes(of: "\(Self.folder!)/tfjs/core.json"))
    var count = 0
    for test in json["cases"]?.array ?? [] {
      for device in devices {
        withDevice(device) {
          var run = TensorFlowJSRun(test)
          if run.isPossible, run.check() { count += 1 }
        }
      }
    }
    #expect(count > 600 * devices.count)
  }
}

/// One case: constants, steps that name their operands, expected values.
private struct TensorFlowJSRun {
  let json: JSON
  var tensors: [String: Tensor] = [:]

  init(_ json: JSON) {
    self.json = json
    for (name, constant) in json["consts"]?.object ?? [:] {
      guard let shape = constant["shape"]?.integers, let numbers = constant["data"]?.array,
        let dtype = DType(name: constant["dtype"]?.string ?? ""),
        numbers.count == shape.elementCount
      else { continue }
      tensors[name] = Tensor(numbers.map(\.number), shape: shape, dtype: .float64)
        .cast(to: dtype)
    }
  }

  var steps: [JSON] { json["steps"]?.array ?? [] }
  var name: String { "\(json["file"]?.string ?? ""): \(json["name"]?.string ?? "")" }

  /// Whether all constants are numbers and all operators ours.
  var isPossible: Bool {
    tensors.count == (json["consts"]?.object ?? [:]).count
      && steps.allSatisfy { TensorFlowJSOperators.names.contains($0["op"]?.string ?? "") }
      && steps.flatMap { $0["outs"]?.array ?? [] }.allSatisfy {
        DType(name: $0["dtype"]?.string ?? "") != nil
      }
  }

  /// Runs the steps and compares; false if a step uses what we do not have.
  mutating func check() -> Bool {
    for step in steps {
      guard let results = run(step) else { return false }
      for (out, result) in zip(step["outs"]?.array ?? [], results) {
        tensors[out["id"]?.string ?? ""] = result
      }
    }
    for expected in json["asserts"]?.array ?? [] {
      guard let tensor = tensors[expected["tensor"]?.string ?? ""],
        let shape = expected["shape"]?.integers
      else { continue }
      let numbers = expected["expected"].map { $0.array ?? [$0] } ?? []
      guard numbers.count == shape.elementCount else { continue }
      expectClose(
        tensor, Tensor(numbers.map(\.number), shape: shape, dtype: .float64),
        absolute: expected["eps"]?.double ?? 1e-3, "\(defaultDevice.name) \(name)")
    }
    return true
  }

  private func run(_ step: JSON) -> [Tensor]? {
    guard step["op"]?.string == "$grad" else {
      return TensorFlowJSOperators(step["args"]?.array ?? [], tensors)
        .run(step["op"]?.string ?? "")
    }
    guard let y = tensors[step["y"]?.string ?? ""] else { return nil }
    let xs = (step["xs"]?.array ?? []).compactMap { tensors[$0.string ?? ""] }
    guard (xs + [y]).allSatisfy(\.dtype.isFloating) else { return nil }
    return gradients(of: y, withRespectTo: xs, seed: tensors[step["dy"]?.string ?? ""])
  }
}

/// TensorFlow.js's operators with their positional arguments.
private struct TensorFlowJSOperators {
  let arguments: [JSON]
  let tensors: [String: Tensor]

  init(_ arguments: [JSON], _ tensors: [String: Tensor]) {
    self.arguments = arguments
    self.tensors = tensors
  }

  static let names: Set<String> = [
    "$grad", "clone", "matMul", "reshape", "notEqual", "slice", "greaterEqual", "onesLike",
    "gather", "greater", "stridedSlice", "lessEqual", "square", "equal", "add", "norm", "sub",
    "tile", "pow", "less", "zerosLike", "sum", "max", "mul", "div", "min", "einsum", "relu",
    "unstack", "logicalAnd", "transpose", "cast", "logicalNot", "where", "atan2", "topk", "maximum",
    "mod", "expandDims", "mean", "cumsum", "any", "argMin", "squaredDifference", "minimum",
    "concat3d", "logicalOr", "prod", "abs", "all", "argMax", "concat", "stack", "mirrorPad",
    "acosh",
    "logicalXor", "clipByValue", "erf", "logSigmoid", "softplus", "acos", "ceil", "concat1d",
    "floor", "logSoftmax", "dot", "pad2d", "reverse2d", "reverse3d", "reverse4d", "selu", "softmax",
    "asin", "atanh", "squeeze", "cumprod", "eye", "logSumExp", "reciprocal", "round", "sigmoid",
    "split", "sqrt", "asinh", "atan", "concat2d", "cos", "exp", "expm1", "isNaN", "leakyRelu",
    "log1p", "log", "neg", "pad1d", "rsqrt", "sign", "slice1d", "tan", "tanh", "cosh", "diag",
    "isInf", "pad", "sin", "sinh", "elu", "floorDiv", "isFinite", "relu6", "reverse1d", "slice3d",
    "depthToSpace", "pad4d", "reverse", "slice2d", "slice4d", "bitwiseAnd", "broadcastTo",
    "euclideanNorm", "outerProduct", "pad3d",
  ]

  func run(_ name: String) -> [Tensor]? {
    if name == "einsum" { return einsum().map { [$0] } }
    if name == "eye" { return [.eye(integer(0)!, integer(1))] }
    if name.hasPrefix("concat"), let list = list(0) {
      return [concatenate(list, axis: name == "concat1d" ? 0 : integer(1) ?? 0)]
    }
    if name == "stack", let list = list(0) { return [stack(list, axis: integer(1) ?? 0)] }
    guard let x = tensor(0) else { return nil }
    if let y = tensor(1), let result = binary(name, x, y) { return [result] }
    return unary(name, x).map { [$0] } ?? alongAxes(name, x).map { [$0] } ?? several(name, x)
  }

  private func argument(_ index: Int) -> JSON? {
    guard arguments.indices.contains(index), !arguments[index].isNull else { return nil }
    return arguments[index]
  }

  private func integer(_ index: Int) -> Int? { argument(index)?.int }
  private func integers(_ index: Int) -> [Int]? { argument(index)?.integers }
  private func flag(_ index: Int) -> Bool { argument(index)?.bool ?? false }
  private func tensor(_ index: Int) -> Tensor? { argument(index).flatMap(tensor) }

  private func tensor(_ json: JSON) -> Tensor? {
    if let name = json["$t"]?.string { return tensors[name] }
    return json.double.map { Tensor($0, dtype: .float32) }
  }

  private func list(_ index: Int) -> [Tensor]? {
    let values = argument(index)?.array ?? []
    let tensors = values.compactMap(tensor)
    return tensors.isEmpty || tensors.count < values.count ? nil : tensors
  }

  private func einsum() -> Tensor? {
    guard let equation = argument(0)?.string, let a = tensor(1) else { return nil }
    guard let b = tensor(2) else { return PlushTensor.einsum(equation, a) }
    guard let c = tensor(3) else { return PlushTensor.einsum(equation, a, b) }
    return PlushTensor.einsum(equation, a, b, c)
  }

  private func binary(_ name: String, _ a: Tensor, _ b: Tensor) -> Tensor? {
    switch name {
    case "add": a + b
    case "sub": a - b
    case "mul": a * b
    case "div": a / b
    case "pow": a.pow(b)
    case "mod": a.modulo(b)
    case "floorDiv": a.floorDivide(b)
    case "maximum": a.maximum(b)
    case "minimum": a.minimum(b)
    case "atan2": a.atan2(b)
    case "squaredDifference": a.squaredDifference(b)
    case "equal": a .== b
    case "notEqual": a .!= b
    case "less": a .< b
    case "lessEqual": a .<= b
    case "greater": a .> b
    case "greaterEqual": a .>= b
    case "logicalAnd": a.logicalAnd(b)
    case "logicalOr": a.logicalOr(b)
    case "logicalXor": a.logicalXor(b)
    case "bitwiseAnd": a.bitwiseAnd(b)
    case "matMul": matmul(a, b, transposeA: flag(2), transposeB: flag(3))
    case "dot": dot(a, b)
    case "outerProduct": outer(a, b)
    case "where": tensor(2).map { a.select(b, $0) }
    case "gather": (integer(3) ?? 0) == 0 ? a.gather(b, axis: integer(2) ?? 0) : nil
    default: nil
    }
  }

  private func unary(_ name: String, _ x: Tensor) -> Tensor? {
    switch name {
    case "clone": x.stopGradient().count > 0 ? x * Tensor.ones([]).cast(to: x.dtype) : x
    case "onesLike": .ones(like: x)
    case "zerosLike": .zeros(like: x)
    case "square": x.square()
    case "relu": x.relu()
    case "relu6": x.relu6()
    case "cast": argument(1)?.string.flatMap(DType.init(name:)).map { x.cast(to: $0) }
    case "abs": x.abs()
    case "acos": x.acos()
    case "acosh": x.acosh()
    case "asin": x.asin()
    case "asinh": x.asinh()
    case "atan": x.atan()
    case "atanh": x.atanh()
    case "ceil": x.ceil()
    case "cos": x.cos()
    case "cosh": x.cosh()
    case "erf": x.erf()
    case "exp": x.exp()
    case "expm1": x.expm1()
    case "floor": x.floor()
    case "isFinite": x.isFinite()
    case "isInf": x.isInfinite()
    case "isNaN": x.isNaN()
    case "log": x.log()
    case "log1p": x.log1p()
    case "logSigmoid": x.logSigmoid()
    case "logicalNot": x.logicalNot()
    case "neg": -x
    case "reciprocal": x.reciprocal()
    case "round": x.round()
    case "rsqrt": x.rsqrt()
    case "selu": x.selu()
    case "elu": x.elu()
    case "sigmoid": x.sigmoid()
    case "sign": x.sign()
    case "sin": x.sin()
    case "sinh": x.sinh()
    case "softplus": x.softplus()
    case "sqrt": x.sqrt()
    case "tan": x.tan()
    case "tanh": x.tanh()
    case "leakyRelu": x.leakyRelu(alpha: argument(1)?.double ?? 0.2)
    case "clipByValue": x.clip(min: argument(1)!.number, max: argument(2)!.number)
    case "diag": x.flatten().diagonalMatrix().reshape(x.shape + x.shape)
    default: nil
    }
  }

  private func alongAxes(_ name: String, _ x: Tensor) -> Tensor? {
    let axes = integers(1)
    switch name {
    case "sum": return x.sum(axes: axes, keepDims: flag(2))
    case "mean": return x.mean(axes: axes, keepDims: flag(2))
    case "max": return x.max(axes: axes, keepDims: flag(2))
    case "min": return x.min(axes: axes, keepDims: flag(2))
    case "prod": return x.product(axes: axes, keepDims: flag(2))
    case "any": return x.any(axes: axes, keepDims: flag(2))
    case "all": return x.all(axes: axes, keepDims: flag(2))
    case "logSumExp": return x.logSumExp(axes: axes, keepDims: flag(2))
    case "norm", "euclideanNorm":
      guard argument(1) == nil || argument(1)?.string == "euclidean" else { return nil }
      return x.norm(axes: integers(2), keepDims: flag(3))
    case "argMax": return x.rank == 0 ? nil : x.argMax(axis: integer(1) ?? 0)
    case "argMin": return x.rank == 0 ? nil : x.argMin(axis: integer(1) ?? 0)
    case "softmax": return x.softmax(axis: integer(1) ?? -1)
    case "logSoftmax": return x.logSoftmax(axis: integer(1) ?? -1)
    case "cumsum":
      return x.cumulativeSum(axis: integer(1) ?? 0, exclusive: flag(2), reverse: flag(3))
    case "cumprod":
      return x.cumulativeProduct(axis: integer(1) ?? 0, exclusive: flag(2), reverse: flag(3))
    case "reshape": return x.reshape(integers(1) ?? [])
    case "transpose": return x.transpose(axes)
    case "expandDims": return x.expandDims(axis: integer(1) ?? 0)
    case "squeeze": return x.squeeze(axes: axes?.isEmpty == true ? nil : axes)
    case "tile": return axes.map { x.tile($0) }
    case "broadcastTo": return axes.map { x.broadcast(to: $0) }
    case "reverse": return x.reverse(axes: axes)
    case "reverse1d": return x.reverse()
    case "reverse2d", "reverse3d", "reverse4d": return x.reverse(axes: axes)
    case "depthToSpace":
      return argument(2)?.string == "NCHW" ? nil : x.depthToSpace(blockSize: integer(1)!)
    default: return movement(name, x)
    }
  }

  private func movement(_ name: String, _ x: Tensor) -> Tensor? {
    switch name {
    case "slice", "slice1d", "slice2d", "slice3d", "slice4d":
      let starts = integers(1) ?? []
      let sizes = integers(2) ?? []
      let all = { (values: [Int], rest: Int) in
        values + [Int](repeating: rest, count: x.rank - values.count)
      }
      return x.slice(starts: all(starts, 0), sizes: all(sizes, -1))
    case "stridedSlice": return stridedSlice(x)
    case "pad", "pad1d", "pad2d", "pad3d", "pad4d":
      let value = argument(2)?.double ?? 0
      if let pair = integers(1), pair.count == 2 {
        return x.pad([(pair[0], pair[1])], value: value)
      }
      return x.pad(pairs(1), value: value)
    case "mirrorPad":
      return x.pad(pairs(1), mode: argument(2)?.string == "reflect" ? .reflect : .symmetric)
    default: return nil
    }
  }

  private func pairs(_ index: Int) -> [(Int, Int)] {
    (argument(index)?.array ?? []).compactMap(\.integers).map { ($0[0], $0[1]) }
  }

  private func stridedSlice(_ x: Tensor) -> Tensor? {
    guard let starts = integers(1), let ends = integers(2) else { return nil }
    let strides = integers(3) ?? starts.map { _ in 1 }
    let masks = (4...8).map { integer($0) ?? 0 }
    guard masks[2] == 0, masks[3] == 0, masks[4] == 0, strides.count == starts.count else {
      return nil
    }
    return x[
      starts.indices.map { axis in
        .stride(
          from: masks[0] >> axis & 1 == 1 ? nil : starts[axis],
          to: masks[1] >> axis & 1 == 1 ? nil : ends[axis], by: strides[axis])
      }]
  }

  private func several(_ name: String, _ x: Tensor) -> [Tensor]? {
    switch name {
    case "unstack": return x.unstack(axis: integer(1) ?? 0)
    case "split":
      let axis = integer(2) ?? 0
      if let count = integer(1) { return x.split(count: count, axis: axis) }
      return integers(1).map { x.split(sizes: $0, axis: axis) }
    case "topk":
      let (values, indices) = x.topK(integer(1) ?? 1)
      return [values, indices]
    default: return nil
    }
  }
}

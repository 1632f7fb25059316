import PlushEngine
import PlushNN
import PlushTensor

/// A case recorded from TensorFlow.js's own tests: constants, steps that name their operands, and
/// expected values.
package struct TensorFlowJSCase: ConformanceCase {
  private let json: JSON

  /// All cases of a file.
  ///
  /// - Throws: `JSONError` if the file's content has no list of cases.
  package static func all(in file: JSON) throws -> [TensorFlowJSCase] {
    try file.get("cases", \.array).map(TensorFlowJSCase.init)
  }

  private init(_ json: JSON) { self.json = json }

  package var name: String { json["name"]?.string ?? "" }

  private var steps: [JSON] { json["steps"]?.array ?? [] }
  private var asserts: [JSON] { json["asserts"]?.array ?? [] }

  package func run() -> ConformanceOutcome {
    let operators = steps.compactMap { $0["op"]?.string }
    if let reason = TensorFlowJSExceptions.reason(toSkip: name, operators) {
      return .skipped(reason)
    }
    let outcome = replay()
    // Integers have a gradient in TensorFlow.js; here their copies of type float32.
    return outcome == .skipped(TensorFlowJSError.noGradient.message)
      ? replay(differentiatingIntegers: true) : outcome
  }

  private func replay(differentiatingIntegers: Bool = false) -> ConformanceOutcome {
    do {
      let values = try results(differentiatingIntegers)
      for (number, expected) in asserts.enumerated() {
        if let difference = try check(expected, values) {
          return .failed("assertion \(number + 1): \(difference)")
        }
      }
      return asserts.isEmpty ? .skipped("the case expects nothing") : .passed
    } catch let error as TensorFlowJSError {
      return error.isGap ? .skipped(error.message) : .failed(error.message)
    } catch {
      return .failed("\(error)")
    }
  }

  private func results(
    _ differentiatingIntegers: Bool
  ) throws -> [String: TensorFlowJSValue] {
    var values = try (json["consts"]?.object ?? [:]).mapValues(TensorFlowJSValue.init(constant:))
    if differentiatingIntegers {
      let names = steps.flatMap { $0["xs"]?.array ?? [] }.compactMap(\.string)
      for name in Set(names) where values[name] != nil {
        values[name] = try values[name].map { .tensor(try $0.tensor.cast(to: .float32)) }
      }
    }
    for step in steps {
      let outs = step["outs"]?.array ?? []
      let results = try run(step, values)
      guard results.count >= outs.count else {
        throw TensorFlowJSError(
          "\(step["op"]?.string ?? "") gives \(results.count) results instead of \(outs.count)")
      }
      for (out, result) in zip(outs, results) { values[out["id"]?.string ?? ""] = result }
    }
    return values
  }

  private func run(
    _ step: JSON, _ values: [String: TensorFlowJSValue]
  ) throws -> [TensorFlowJSValue] {
    let operation = try step.get("op", \.string)
    if operation == "$grad" { return try gradient(step, values) }
    if operation == "$layer" { return try TensorFlowJSLayer(step).run(values) }
    guard let run = TensorFlowJSOperators.all[operation] else {
      throw TensorFlowJSError(gap: "operator \(operation) is not known")
    }
    return try run(TensorFlowJSArguments(operation, step["args"]?.array ?? [], values))
  }

  private func gradient(
    _ step: JSON, _ values: [String: TensorFlowJSValue]
  ) throws -> [TensorFlowJSValue] {
    func tensor(_ json: JSON?) throws -> Tensor? {
      guard let name = json?.string else { return nil }
      guard let value = values[name] else {
        throw TensorFlowJSError("the gradient names '\(name)', which no step makes")
      }
      return try value.tensor
    }
    guard let y = try tensor(step["y"]) else { throw TensorFlowJSError("a gradient of nothing") }
    let xs = try (step["xs"]?.array ?? []).compactMap(tensor)
    // What has no gradient counts as 0.
    let real = y.dtype.isFloating ? xs.filter(\.dtype.isFloating) : []
    let seed = try tensor(step["dy"])
    var known = real.isEmpty ? [] : gradients(of: y, withRespectTo: real, seed: seed)[...]
    return xs.map { x in
      y.dtype.isFloating && x.dtype.isFloating
        ? .tensor(known.removeFirst()) : .noGradient(.zeros(x.shape))
    }
  }

  /// What differs, or nil.
  private func check(
    _ expected: JSON, _ values: [String: TensorFlowJSValue]
  ) throws -> String? {
    guard let value = values[expected["tensor"]?.string ?? ""] else {
      throw TensorFlowJSError("the expectation names a tensor that no step makes")
    }
    let shape = try expected.get("shape", \.integers)
    if let dtype = expected["dtype"]?.string, value.dtype != dtype {
      return "type \(value.dtype) instead of \(dtype)"
    }
    if value.shape != shape { return "shape \(value.shape) instead of \(shape)" }
    let numbers = expected["expected"].map { $0.array ?? [$0] } ?? []
    let actual = value.elements
    guard numbers.count == actual.count else {
      throw TensorFlowJSError(gap: "the expectation has \(numbers.count) numbers")
    }
    let tolerance = expected["kind"]?.string == "equal" ? 0 : expected["eps"]?.double ?? 1e-3
    for (index, (a, e)) in zip(actual, numbers.map(\.number)).enumerated() {
      // What was expected is itself rounded to float32.
      let rounding = abs(e) * 0x1p-23
      let isClose = a == e || abs(a - e) <= tolerance + rounding || (a.isNaN && e.isNaN)
      if isClose { continue }
      if value.isNoGradient { throw TensorFlowJSError.noGradient }
      return "element \(index) is \(a) instead of \(e)"
    }
    return nil
  }
}

extension JSON {
  /// One integer or several; nil if any is none.
  package var integers: [Int]? {
    if let int { return [int] }
    guard let array else { return nil }
    let integers = array.compactMap(\.int)
    return integers.count == array.count ? integers : nil
  }

  /// The number, also those that JSON has no way to write.
  package var number: Double {
    switch self {
    case .bool(let value): value ? 1 : 0
    case .string("Infinity"), .string("inf"): .infinity
    case .string("-Infinity"), .string("-inf"): -.infinity
    default: double ?? .nan
    }
  }
}

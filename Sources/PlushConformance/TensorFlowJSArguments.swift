import PlushEngine
import PlushNN
import PlushTensor

/// The positional arguments of a recorded call, in the order of TensorFlow.js.
struct TensorFlowJSArguments {
  let operation: String
  private let json: [JSON]
  private let values: [String: TensorFlowJSValue]

  init(_ operation: String, _ json: [JSON], _ values: [String: TensorFlowJSValue]) {
    self.operation = operation
    self.json = json
    self.values = values
  }

  /// The argument, unless it is missing or null.
  func given(_ index: Int) -> JSON? {
    guard json.indices.contains(index), !json[index].isNull else { return nil }
    return json[index]
  }

  func int(_ index: Int) -> Int? { given(index)?.int }
  func double(_ index: Int) -> Double? { given(index)?.double }
  func string(_ index: Int) -> String? { given(index)?.string }
  func flag(_ index: Int) -> Bool { given(index)?.bool ?? false }
  func integers(_ index: Int) -> [Int]? { given(index)?.integers }

  /// Required arguments.
  func requiredInt(_ index: Int) throws -> Int {
    if given(index)?.object != nil { return try tensor(index).item(as: Int.self) }
    return try required(index, given(index)?.int)
  }

  func requiredDouble(_ index: Int) throws -> Double {
    if given(index)?.object != nil { return try tensor(index).item(as: Double.self) }
    return try required(index, given(index)?.double)
  }

  func requiredIntegers(_ index: Int) throws -> [Int] {
    try required(index, given(index)?.integers)
  }

  /// Pairs of integers; one pair may stand alone.
  func pairs(_ index: Int) throws -> [(Int, Int)] {
    if let pair = given(index)?.integers, pair.count == 2 { return [(pair[0], pair[1])] }
    let pairs = (given(index)?.array ?? []).compactMap(\.integers)
    guard pairs.allSatisfy({ $0.count == 2 }) else { return try required(index, nil) }
    return pairs.map { ($0[0], $0[1]) }
  }

  /// A tensor, by its name or as nested lists of numbers.
  func tensor(_ index: Int) throws -> Tensor { try value(index).tensor }

  func optionalTensor(_ index: Int) throws -> Tensor? {
    try given(index) == nil ? nil : tensor(index)
  }

  func value(_ index: Int) throws -> TensorFlowJSValue {
    try value(try required(index, given(index)))
  }

  /// Several tensors.
  func list(_ index: Int) throws -> [TensorFlowJSValue] {
    try required(index, given(index)?.array).map(value)
  }

  func tensors(_ index: Int) throws -> [Tensor] { try list(index).map { try $0.tensor } }

  /// The arguments that follow, as tensors.
  func tensors(from index: Int) throws -> [Tensor] {
    try json.dropFirst(index).map { try value($0).tensor }
  }

  /// A call with one object has its members as arguments.
  func members(_ names: [String]) throws -> TensorFlowJSArguments {
    let object = try required(0, given(0)?.object)
    return TensorFlowJSArguments(operation, names.map { object[$0] ?? .null }, values)
  }

  private func value(_ json: JSON) throws -> TensorFlowJSValue {
    if let name = json["$t"]?.string {
      guard let value = values[name] else {
        throw TensorFlowJSError("\(operation) names '\(name)', which no step makes")
      }
      return value
    }
    var numbers: [Double] = []
    let shape = try shape(of: json, &numbers)
    let isBool = !numbers.isEmpty && isTruth(json)
    return .tensor(
      Tensor(numbers, shape: shape, dtype: .float64).cast(to: isBool ? .bool : .float32))
  }

  /// The sizes of nested lists, whose numbers are appended.
  private func shape(of json: JSON, _ numbers: inout [Double]) throws -> [Int] {
    guard let elements = json.array else {
      if json.string.map({ $0.isEmpty || JSON.string($0).number.isNaN && $0 != "NaN" }) ?? false
        || json.object != nil
      {
        throw TensorFlowJSError(gap: "\(operation) of texts")
      }
      numbers.append(json.number)
      return []
    }
    let shapes = try elements.map { try shape(of: $0, &numbers) }
    guard shapes.allSatisfy({ $0 == shapes[0] }) else {
      throw TensorFlowJSError("\(operation) of nested lists of different lengths")
    }
    return [elements.count] + (shapes.first ?? [])
  }

  private func isTruth(_ json: JSON) -> Bool {
    json.array.map { $0.first.map(isTruth) ?? false } ?? (json.bool != nil)
  }

  private func required<Value>(_ index: Int, _ value: Value?) throws -> Value {
    guard let value else {
      throw TensorFlowJSError(
        "\(operation) cannot take \(json.indices.contains(index) ? json[index].summary : "nothing") "
          + "as argument \(index + 1)")
    }
    return value
  }
}

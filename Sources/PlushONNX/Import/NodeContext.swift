import PlushEngine
import PlushTensor

/// An operator of ONNX: gives the values of a node's outputs.
typealias ONNXOperator = @Sendable (NodeContext) throws -> [Tensor]

/// A node about to be computed: its operands and settings, read with checks.
struct NodeContext {
  let node: ONNXNodeProto
  /// Version of the set of operators that the node means.
  let opset: Int
  /// The operands; nil where one is left out.
  let values: [ONNXValue?]
  let evaluation: Evaluation
  let scope: Scope

  /// Whether the model is being trained.
  var isTraining: Bool { evaluation.isTraining }

  /// An error that names the node.
  func fault(expected: String, found: String, hint: String? = nil) -> ONNXError {
    ONNXError(node: node.label(opset: opset), expected: expected, found: found, hint: hint)
  }

  /// Throws the error unless a condition holds.
  func require(
    _ condition: Bool, _ expected: @autoclosure () -> String, _ found: @autoclosure () -> String
  ) throws {
    if !condition { throw fault(expected: expected(), found: found()) }
  }

  // MARK: Operands

  /// An operand that may be left out.
  func optionalValue(_ index: Int) -> ONNXValue? { index < values.count ? values[index] : nil }

  func value(_ index: Int) throws -> ONNXValue {
    guard let value = optionalValue(index) else {
      throw fault(expected: "at least \(index + 1) inputs", found: "input \(index) left out")
    }
    return value
  }

  func input(_ index: Int) throws -> Tensor { try value(index).tensor }

  func optional(_ index: Int) -> Tensor? { optionalValue(index)?.tensor }

  /// All operands, none of which may be left out.
  func inputs() throws -> [Tensor] {
    try require(!values.isEmpty, "at least one input", "none")
    return try values.indices.map { try input($0) }
  }

  /// An operand of at least some axes.
  func input(_ index: Int, rank: ClosedRange<Int>) throws -> Tensor {
    let tensor = try input(index)
    try require(
      rank.contains(tensor.rank), "\(rank.lowerBound) to \(rank.upperBound) axes of input \(index)",
      "shape \(tensor.shape)")
    return tensor
  }

  /// Whether somebody uses an output.
  func wants(_ output: Int) -> Bool {
    output < node.output.count && !node.output[output].isEmpty
  }

  /// A tensor whose elements may be looked at.
  func readable(_ index: Int) throws -> Tensor? {
    guard let value = optionalValue(index) else { return nil }
    if let variable = value.variable { return untraced { variable.value } }
    if value.isKnown || evaluation.readsValues { return try [value.tensor].computed()[0] }
    throw fault(
      expected: "an input \(index) that does not depend on the inputs of the model",
      found: "one that does", hint: "compute such a model with run(_:)")
  }

  /// The elements of an operand of integers; nil if it is left out.
  func integers(_ index: Int) throws -> [Int]? {
    guard let tensor = try readable(index) else { return nil }
    try require(tensor.count <= 1 << 24, "few numbers in input \(index)", "\(tensor.count)")
    return tensor.dataSync(as: Int64.self).map { Int($0) }
  }

  /// The elements of an operand as real numbers; nil if it is left out.
  func numbers(_ index: Int) throws -> [Double]? {
    guard let tensor = try readable(index) else { return nil }
    return tensor.dataSync(as: Double.self)
  }

  /// The only element of an operand; nil if it is left out.
  func number(_ index: Int) throws -> Double? {
    guard let numbers = try numbers(index) else { return nil }
    try require(numbers.count == 1, "one number as input \(index)", "\(numbers.count)")
    return numbers[0]
  }

  func integer(_ index: Int) throws -> Int? {
    guard let integers = try integers(index) else { return nil }
    try require(integers.count == 1, "one number as input \(index)", "\(integers.count)")
    return integers[0]
  }

  // MARK: Attributes

  func attribute(_ name: String) -> ONNXAttributeProto? {
    node.attribute.first { $0.name == name }
  }

  func int(_ name: String) -> Int? { attribute(name).map { Int($0.i) } }
  func int(_ name: String, _ standard: Int) -> Int { int(name) ?? standard }
  func flag(_ name: String, _ standard: Bool = false) -> Bool {
    int(name).map { $0 != 0 } ?? standard
  }
  func ints(_ name: String) -> [Int]? { attribute(name).map { $0.ints.map { Int($0) } } }
  func float(_ name: String) -> Double? { attribute(name).map { Double($0.f) } }
  func float(_ name: String, _ standard: Double) -> Double { float(name) ?? standard }
  func floats(_ name: String) -> [Double]? { attribute(name).map { $0.floats.map { Double($0) } } }
  func string(_ name: String) -> String? {
    attribute(name).map { String(decoding: $0.s, as: UTF8.self) }
  }
  func strings(_ name: String) -> [String]? {
    attribute(name).map { $0.strings.map { String(decoding: $0, as: UTF8.self) } }
  }

  /// A graph that the node runs.
  func graph(_ name: String) throws -> ONNXGraphProto {
    guard let attribute = attribute(name), attribute.hasG else {
      throw fault(expected: "a graph '\(name)'", found: "none")
    }
    return attribute.g
  }

  /// A tensor among the settings.
  func tensor(_ name: String) throws -> (tensor: Tensor, element: ElementType)? {
    guard let attribute = attribute(name) else { return nil }
    do {
      return try attribute.t.read()
    } catch var error as ONNXError {
      error.node = node.label(opset: opset)
      throw error
    }
  }

  /// Sizes, strides and the like, one for each of so many axes, in a range that arithmetic bears.
  func sizes(
    _ name: String, count: Int, from least: Int = 1, standard: Int = 1
  ) throws -> [Int] {
    let sizes = ints(name) ?? [Int](repeating: standard, count: count)
    try require(
      sizes.count == count && sizes.allSatisfy { $0 >= least && $0 < 1 << 31 },
      "\(count) numbers from \(least) as '\(name)'", "\(sizes)")
    return sizes
  }

  // MARK: Shapes

  /// An axis counted from the front.
  func axis(_ axis: Int, rank: Int) throws -> Int {
    try require(
      axis >= -rank && axis < rank, "an axis from \(-rank) to \(rank - 1)", "\(axis)")
    return axis < 0 ? axis + rank : axis
  }

  /// Different axes counted from the front.
  func axes(_ axes: [Int], rank: Int) throws -> [Int] {
    let result = try axes.map { try axis($0, rank: rank) }
    try require(Set(result).count == result.count, "different axes", "\(axes)")
    return result
  }

  /// Axes that are an attribute before some version and an input since.
  func axes(since version: Int, input: Int = 1) throws -> [Int]? {
    if let axes = ints("axes") { return axes }
    return opset >= version ? try integers(input) : nil
  }

  /// A shape that memory can hold.
  func checked(_ shape: [Int]) throws -> [Int] {
    var count = 1
    for size in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: size)
      guard size >= 0, !overflow, product <= Limits.elements else {
        throw fault(expected: "a result that memory can hold", found: "the shape \(shape)")
      }
      count = product
    }
    return shape
  }

  /// The shape that several broadcast to.
  func broadcast(_ tensors: [Tensor]) throws -> [Int] {
    var shape: [Int] = []
    for tensor in tensors {
      guard let next = shape.broadcast(with: tensor.shape) else {
        let shapes = tensors.map { "\($0.shape)" }.joined(separator: ", ")
        throw fault(expected: "shapes that broadcast", found: shapes)
      }
      shape = next
    }
    return try checked(shape)
  }
}

extension [Tensor] {
  /// The tensors with their values, which may show that a node cannot be computed, such as an index
  /// out of range.
  ///
  /// - Throws: `ExecutionError` where reading the tensors would stop the program.
  func computed() throws -> [Tensor] {
    let recorded = self
    return try untraced { try Compiled { _ in recorded }([]) }
  }
}

extension ONNXNodeProto {
  /// The node in errors: its name or first output, operator and version.
  func label(opset: Int) -> String {
    let name = name.isEmpty ? output.first { !$0.isEmpty } ?? "" : name
    let domain = domain.isEmpty ? "" : "\(domain)::"
    return "'\(name)' (\(domain)\(opType), opset \(opset))"
  }
}

import PlushTensor

/// A value between nodes.
struct ONNXValue {
  /// The value; of a weight that of now.
  var tensor: Tensor { variable?.value ?? fixed }
  /// The type that the file gives the elements.
  var element: ElementType
  /// Whether it depends on no input and no weight, so that its elements may be looked at while the
  /// model is traced.
  var isKnown: Bool
  /// The weight that it is.
  var variable: Variable?
  private let fixed: Tensor

  init(_ tensor: Tensor, _ element: ElementType? = nil, isKnown: Bool) {
    fixed = tensor
    self.element = element ?? ElementType(tensor.dtype)
    self.isKnown = isKnown
  }

  /// A weight; whoever looks at its elements sees those of the file.
  init(_ variable: Variable) {
    self.init(variable.value, isKnown: false)
    self.variable = variable
  }
}

/// The values of a graph by their names; those of the graph around it are seen too.
final class Scope {
  private var values: [String: ONNXValue]
  private let outer: Scope?

  init(_ values: [String: ONNXValue] = [:], inside outer: Scope? = nil) {
    self.values = values
    self.outer = outer
  }

  subscript(name: String) -> ONNXValue? {
    get { values[name] ?? outer?[name] }
    set { values[name] = newValue }
  }
}

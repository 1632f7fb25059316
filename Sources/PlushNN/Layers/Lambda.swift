import PlushEngine
import PlushTensor

/// Applies a function of tensors.
///
/// ```swift
/// Lambda { $0.square() }
/// ```
///
/// A function has no form in files: for a model that is to be loaded, register the function under a
/// name and use the layer by it.
///
/// ```swift
/// Lambda.register("square") { $0.square() }
/// let model = Sequential { Lambda("square", inputShape: [3]) }
/// ```
///
/// The shape of the output is found by a call on zeros.
public final class Lambda: Layer {
  /// A function of a tensor [batch, …].
  public typealias Function = @Sendable (Tensor) throws -> Tensor

  private let function: Function?
  private let functionName: String?

  /// Creates the layer from a function; the model cannot be loaded from files.
  public init(
    inputShape: [Int?]? = nil, name: String? = nil, _ function: @escaping Function
  ) {
    self.function = function
    functionName = nil
    super.init(name: name, inputShape: inputShape)
  }

  /// Creates the layer from the name of a registered function.
  public init(_ functionName: String, inputShape: [Int?]? = nil, name: String? = nil) {
    self.functionName = functionName
    function = LambdaRegistry.shared[functionName]
    super.init(name: name, inputShape: inputShape)
  }

  /// Lets files and layers name a function.
  public static func register(_ name: String, _ function: @escaping Function) {
    LambdaRegistry.shared[name] = function
  }

  public required init(config: JSON) throws {
    functionName = config["function"]?.string
    function = functionName.flatMap { LambdaRegistry.shared[$0] }
    guard function != nil else { throw Lambda.unknown(functionName) }
    try super.init(config: config)
  }

  private static func unknown(_ name: String?) -> ModelError {
    ModelError(
      expected: "the name of a registered function", found: name.map { "'\($0)'" } ?? "none",
      hint: "call Lambda.register(\"\(name ?? "square")\") { … } first, and make the layer by name")
  }

  public override var config: JSON {
    var config = super.config
    config["function"] = functionName.map(JSON.string) ?? .null
    config["arguments"] = [:]
    return config
  }

  public override func outputShape(for inputShape: Shape) throws -> Shape {
    try outputShapesByCall(for: [inputShape])[0]
  }

  public override var supportsMasking: Bool { true }

  public override func call(_ input: Tensor, training: Bool) throws -> Tensor {
    guard let function else { throw Lambda.unknown(functionName) }
    return try function(input)
  }
}

/// Functions by name.
private final class LambdaRegistry: @unchecked Sendable {
  static let shared = LambdaRegistry()
  private let lock = Lock()
  private var functions: [String: Lambda.Function] = [:]

  subscript(name: String) -> Lambda.Function? {
    get { lock.withLock { functions[name] } }
    set { lock.withLock { functions[name] = newValue } }
  }
}

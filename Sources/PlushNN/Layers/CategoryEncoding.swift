import PlushTensor

/// Turns the numbers of categories into ones in their places or into counts, see `CategoryOutput`.
///
/// Shapes: with `.multiHot` or `.count` [batch, n] gives [batch, tokens]; with `.oneHot` [batch, …]
/// gives [batch, …, tokens]. Numbers below 0 or from `tokens` on leave no trace.
public final class CategoryEncoding: Layer {
  private let tokens: Int
  private let output: CategoryOutput

  /// Creates the layer.
  ///
  /// - Parameters:
  ///   - tokens: how many categories there are.
  ///   - output: the form, `.multiHot`, `.oneHot` or `.count`.
  public init(
    _ tokens: Int, output: CategoryOutput = .multiHot, inputShape: [Int?]? = nil,
    name: String? = nil
  ) {
    self.tokens = tokens
    self.output = output
    super.init(name: name, inputShape: inputShape)
  }

  public required init(config: JSON) throws {
    tokens = try config.get("num_tokens", \.int)
    output = try CategoryOutput(config: config["output_mode"], default: .multiHot)
    try super.init(config: config)
  }

  public override var config: JSON {
    var config = super.config
    config["num_tokens"] = .int(tokens)
    config["output_mode"] = .string(output.rawValue)
    return config
  }

  public override func outputShape(for inputShape: Shape) throws -> Shape {
    guard tokens > 0 else { throw shapeError(expected: "at least one token", found: "\(tokens)") }
    guard ![.int, .tfIDF].contains(output) else {
      throw shapeError(
        expected: "the output mode multi_hot, one_hot or count", found: output.rawValue)
    }
    return try outputShape(of: output, for: inputShape, depth: tokens)
  }

  public override func call(_ input: Tensor, training: Bool) throws -> Tensor {
    output.encode(input.cast(to: .int32), depth: tokens)
  }
}

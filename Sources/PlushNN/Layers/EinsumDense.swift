import PlushTensor

/// `activation(einsum(equation, input, kernel) + bias)`: a dense layer over any axes.
///
/// Shapes: as the equation says. With "abc,cd->abd", outputShape [nil, 64] and biasAxes "d" an
/// input [batch, a, c] gives [batch, a, 64]. "..." stands for axes that stay, before or after the
/// others.
public final class EinsumDense: Layer {
  private let equation: String
  private let partialShape: Shape
  private let activation: Activation
  private let biasAxes: String?
  private let activityRegularizer: Regularizer?
  private var weighting: KernelAndBias

  /// Creates the layer; defaults are those of Keras 3.
  ///
  /// - Parameters:
  ///   - equation: letters of axes as `einsum` takes them: those of the input, of the kernel and of
  ///     the output.
  ///   - outputShape: the shape of the output without the axis of samples and those that "..."
  ///     stands for; nil where it follows from the input.
  ///   - activation: applied to the output.
  ///   - biasAxes: the letters of the output along which a bias has values of its own; nil for no
  ///     bias.
  public init(
    _ equation: String, outputShape: [Int?], activation: Activation = .linear,
    biasAxes: String? = nil, kernelInitializer: Initializer = .glorotUniform,
    biasInitializer: Initializer = .zeros, kernelRegularizer: Regularizer? = nil,
    biasRegularizer: Regularizer? = nil, activityRegularizer: Regularizer? = nil,
    kernelConstraint: Constraint? = nil, biasConstraint: Constraint? = nil,
    inputShape: [Int?]? = nil, name: String? = nil, trainable: Bool = true
  ) {
    self.equation = equation
    partialShape = outputShape
    self.activation = activation
    self.biasAxes = biasAxes
    self.activityRegularizer = activityRegularizer
    weighting = KernelAndBias(
      kernelInitializer: kernelInitializer, biasInitializer: biasInitializer,
      kernelRegularizer: kernelRegularizer, biasRegularizer: biasRegularizer,
      kernelConstraint: kernelConstraint, biasConstraint: biasConstraint)
    super.init(name: name, trainable: trainable, inputShape: inputShape)
  }

  public required init(config: JSON) throws {
    equation = try config.get("equation", \.string)
    partialShape = try config.get("output_shape") { $0.int.map { [$0] } ?? Shape($0) }
    activation = try Activation(config: config["activation"])
    biasAxes = config["bias_axes"]?.string
    activityRegularizer = try Regularizer.read(config: config["activity_regularizer"])
    weighting = try KernelAndBias(config: config)
    try super.init(config: config)
  }

  public override var config: JSON {
    var config = super.config
    config["equation"] = .string(equation)
    config["output_shape"] = partialShape.json
    config["activation"] = activation.config
    config["bias_axes"] = biasAxes.map(JSON.string) ?? .null
    config["activity_regularizer"] = activityRegularizer?.config ?? .null
    weighting.write(to: &config)
    return config
  }

  public override func outputShape(for inputShape: Shape) throws -> Shape {
    let shape = try DenseEquation(equation, partialShape, inputShape).outputShape
    return try outputShape(of: activation, for: shape)
  }

  public override func build(inputShape: Shape) throws {
    let equation = try DenseEquation(equation, partialShape, inputShape)
    let shape = try equation.kernelShape
    let inputs = equation.inputAxes.reduce(1) { $0 * shape[$1] }
    let outputs = equation.outputAxes.reduce(1) { $0 * shape[$1] }
    weighting.build(
      for: self, shape: shape, inputs: inputs, outputs: outputs,
      biasShape: try biasAxes.map(equation.biasShape))
  }

  public override var outputActivation: Activation? {
    activityRegularizer == nil ? activation : nil
  }

  public override func call(_ input: Tensor, training: Bool) throws -> Tensor {
    let output = activation(try callBeforeActivation(input, training: training))
    addLoss(activityRegularizer, on: output, training: training)
    return output
  }

  public override func callBeforeActivation(_ input: Tensor, training: Bool) throws -> Tensor {
    guard let kernel = weighting.kernel else {
      throw shapeError(expected: "a built layer", found: "none")
    }
    let text = try DenseEquation(equation, partialShape, input.shape).text
    let product = einsum(text, input, kernel.value)
    return weighting.bias.map { product + $0.value } ?? product
  }
}

/// The equation of an `EinsumDense` for an input of some shape.
private struct DenseEquation {
  private var input: [Character]
  private var kernel: [Character]
  private var output: [Character]
  private let sizes: [Character: Int?]
  let outputShape: Shape
  private let trailing: Int

  /// - Throws: `ModelError` if the equation has another form or does not fit the shapes.
  init(_ equation: String, _ partialShape: Shape, _ inputShape: Shape) throws {
    let expected = "an equation [X],[Y]->[Z], ...[X],[Y]->...[Z] or [X]...,[Y]->[Z]... of letters"
    let sides = equation.filter { $0 != " " }.split(separator: ",", maxSplits: 1)
      .flatMap { $0.split(separator: "->", maxSplits: 1) }.map { Array($0) }
    guard sides.count == 3 else { throw ModelError(expected: expected, found: equation) }
    let dots = Array("...")
    let parts = sides.map { side in side.filter { $0 != "." } }
    (input, kernel, output) = (parts[0], parts[1], parts[2])
    let isLeft = sides[0] == dots + input && sides[2] == dots + output
    let isRight = sides[0] == input + dots && sides[2] == output + dots
    guard isLeft || isRight || (sides[0] == input && sides[2] == output), sides[1] == kernel,
      parts.allSatisfy({ !$0.isEmpty && $0.allSatisfy { $0.isLetter && $0.isASCII } })
    else { throw ModelError(expected: expected, found: equation) }
    let elided = inputShape.count - input.count
    guard elided == 0 || (elided > 0 && (isLeft || isRight)) else {
      throw ModelError(expected: "an input with the axes of \(equation)", found: inputShape.text)
    }
    let free = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".filter { letter in
      !parts.joined().contains(letter)
    }
    let extra = Array(free.prefix(elided))
    var shape: Shape = [inputShape[0]]
    if isLeft { shape += inputShape.prefix(elided).dropFirst() }
    shape += partialShape
    if isRight { shape += inputShape.suffix(elided) }
    input = isLeft ? extra + input : input + extra
    output = isLeft ? extra + output : output + extra
    trailing = isRight ? elided : 0
    guard shape.count == output.count else {
      throw ModelError(
        expected: "an output shape with the axes of \(equation) after that of the samples",
        found: partialShape.text)
    }
    (outputShape, sizes) = try DenseEquation.resolve(
      equation, Array(zip(input, inputShape)), Array(zip(output, shape)), kernel)
  }

  /// The sizes of all letters, and the shape of the output with what follows from the input.
  private static func resolve(
    _ equation: String, _ input: [(Character, Int?)], _ output: [(Character, Int?)],
    _ kernel: [Character]
  ) throws -> (Shape, [Character: Int?]) {
    var sizes = Dictionary(input, uniquingKeysWith: { first, _ in first })
    let given = Set(input.map(\.0))
    for (letter, size) in output {
      guard given.contains(letter) || kernel.contains(letter) else {
        throw ModelError(
          expected: "letters of the output that the input or the kernel has", found: equation)
      }
      if given.contains(letter) {
        let known = sizes[letter].flatMap { $0 }
        guard known == nil || size == nil || known == size else {
          throw ModelError(
            expected: "the size \(known!) of axis '\(letter)' of \(equation), as in the input",
            found: "\(size!)")
        }
        if known == nil { sizes[letter] = size }
      } else {
        sizes[letter] = size
      }
    }
    return (output.map { sizes[$0.0]! }, sizes)
  }

  /// The equation without "...".
  var text: String { "\(String(input)),\(String(kernel))->\(String(output))" }

  var kernelShape: [Int] {
    get throws {
      try kernel.map { letter in
        guard let size = sizes[letter].flatMap({ $0 }) else {
          throw ModelError(
            expected: "a known size of axis '\(letter)' of the kernel in \(text)", found: "none",
            hint: "give it in inputShape or outputShape")
        }
        return size
      }
    }
  }

  /// The axes of the kernel that are summed.
  var inputAxes: [Int] { kernel.indices.filter { !output.contains(kernel[$0]) } }
  /// The axes of the kernel that the output has.
  var outputAxes: [Int] { kernel.indices.filter { output.contains(kernel[$0]) } }

  func biasShape(_ letters: String) throws -> [Int] {
    let places = letters.compactMap { output.firstIndex(of: $0) }
    guard places.count == letters.count, let first = places.min() else {
      throw ModelError(
        expected: "bias axes of the output \(String(output))", found: "'\(letters)'")
    }
    return try (first..<output.count).map { place in
      guard letters.contains(output[place]) else { return 1 }
      guard let size = outputShape[place] else {
        throw ModelError(
          expected: "a known size of axis '\(output[place])' of the bias", found: "none",
          hint: "give it in outputShape")
      }
      return size
    }
  }
}

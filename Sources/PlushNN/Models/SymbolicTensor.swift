import PlushEngine

/// A value that a model will compute: the outputs of layers before there are numbers.
///
/// ```swift
/// let input = Input(shape: [784])
/// let output = Dense(10, activation: .softmax)(Dense(32, activation: .relu)(input))
/// let model = try Model(inputs: input, outputs: output)
/// ```
public struct SymbolicTensor {
  /// The shape, the axis of samples first.
  public let shape: Shape
  /// The call that computes it.
  let node: Node
  /// Which output of that call.
  let index: Int
}

/// Where values enter a model, as in `Input(shape: [28, 28, 1])`.
public typealias Input = SymbolicTensor

extension SymbolicTensor {
  /// A value to be given to the model.
  ///
  /// - Parameters:
  ///   - shape: the shape of one sample; nil for an axis of any size.
  ///   - dtype: the type that values are converted to.
  ///   - name: the name of the input.
  public init(shape: [Int?], dtype: DType = .float32, name: String? = nil) {
    self = Node(input: InputLayer(shape: shape, dtype: dtype, name: name)).outputs[0]
  }
}

/// A call of a layer on symbolic tensors.
final class Node {
  let layer: Layer
  let inputs: [SymbolicTensor]
  private let outputShapes: [Shape]
  /// What is wrong with the call; thrown when a model is made of it.
  let error: (any Error)?

  init(input layer: InputLayer) {
    self.layer = layer
    inputs = []
    outputShapes = [layer.batchShape]
    error = nil
  }

  init(_ layer: Layer, _ inputs: [SymbolicTensor]) {
    self.layer = layer
    self.inputs = inputs
    // After a first error further ones would only follow from it.
    if let earlier = inputs.lazy.compactMap(\.node.error).first {
      (outputShapes, error) = ([[]], earlier)
      return
    }
    do {
      (outputShapes, error) = (try layer.checkedOutputShapes(for: inputs.map(\.shape)), nil)
    } catch let caught {
      (outputShapes, error) = ([[]], caught)
    }
  }

  var inputShapes: [Shape] { layer is InputLayer ? outputShapes : inputs.map(\.shape) }

  var outputs: [SymbolicTensor] {
    outputShapes.enumerated().map { SymbolicTensor(shape: $1, node: self, index: $0) }
  }
}

extension Layer {
  /// The output for a symbolic input; an error is thrown by the `Model` made of it.
  public func callAsFunction(_ input: SymbolicTensor) -> SymbolicTensor {
    Node(self, [input]).outputs[0]
  }

  /// The output for symbolic inputs; an error is thrown by the `Model` made of it.
  public func callAsFunction(_ inputs: [SymbolicTensor]) -> SymbolicTensor {
    Node(self, inputs).outputs[0]
  }

  /// All outputs for symbolic inputs; an error is thrown by the `Model` made of them.
  public func outputs(of inputs: [SymbolicTensor]) -> [SymbolicTensor] {
    Node(self, inputs).outputs
  }
}

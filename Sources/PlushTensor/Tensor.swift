import PlushEngine

/// An array of numbers of one type with any number of axes.
///
/// An operator on tensors records what to compute and returns at once; reading a value (`data()`,
/// `item()`, `print()`) computes it. Tensors never change.
///
/// Operators on two tensors take them in one shape and one type. Shapes *broadcast* as in NumPy:
/// counted from the right, axes must be equal, or one of them is 1 or missing and is repeated.
/// Types meet as `DType.promoted(with:)` tells; a Swift number takes the type of the tensor, but a
/// fraction makes integers float32. Axes may be counted from the end: -1 is the last. What cannot
/// work stops the program with a message that tells what was expected and what came.
///
/// ```swift
/// let x = Tensor([[1.0, 2, 3], [4, 5, 6]])  // [2, 3]
/// (x - x.mean(axis: 0)).print()             // [2, 3] - [3]
/// ```
public struct Tensor: Sendable {
  var node: Node
  private let token: Node.Token

  init(node: Node, token: Node.Token) {
    self.node = node
    self.token = token
  }

  /// Sizes of the axes, outermost first; empty for a scalar.
  public var shape: [Int] { node.type.shape }
  /// Type of the elements.
  public var dtype: DType { node.type.dtype }
  /// Number of axes.
  public var rank: Int { shape.count }
  /// Number of elements.
  public var count: Int { node.type.count }
  /// Shape and element type.
  public var type: TensorType { node.type }
}

extension Tensor {
  /// A tensor whose value is in memory; the buffer must not change any more.
  public init(buffer: Buffer, type: TensorType) {
    self = Node(.value, [], [type], buffer: buffer).tensor
  }

  /// Records an operation of one result.
  static func record(_ op: Op, _ inputs: [Tensor] = []) -> Tensor {
    let types = orStop { try op.resultTypes(inputs.map(\.type)) }
    return Node(.operation(op), inputs.map(\.node), types).tensor
  }

  /// Records an operation of several results.
  static func recordAll(_ op: Op, _ inputs: [Tensor]) -> [Tensor] {
    let types = orStop { try op.resultTypes(inputs.map(\.type)) }
    return Node(.operation(op), inputs.map(\.node), types).projections
  }

  /// The same value in every element.
  static func fill(_ value: Scalar, _ type: TensorType) -> Tensor {
    record(.fill(value.cast(to: type.dtype), type))
  }

  /// The number of the user's code that this stands for. Constants of any other origin stay what they
  /// are when they are cast, broadcast or reshaped: somebody may want the gradient at them.
  var number: Scalar? {
    if case .number(let value) = node.kind { value } else { nil }
  }

  /// The number that every element of a constant is.
  var constant: Scalar? {
    switch node.kind {
    case .number(let value), .operation(.fill(let value, _)): value
    default: nil
    }
  }

  /// An axis counted from the front.
  func axis(_ axis: Int, _ operation: String) -> Int {
    let position = axis < 0 ? axis + rank : axis
    guard shape.indices.contains(position) else {
      stop(
        "\(operation) along axis \(axis): the tensor has \(rank) axes, shape \(shape).",
        hint: rank == 0 ? nil : "Axes go from \(-rank) to \(rank - 1).")
    }
    return position
  }

  /// Different axes counted from the front, in order; all of them for nil.
  func axes(_ axes: [Int]?, _ operation: String) -> [Int] {
    guard let axes else { return Array(shape.indices) }
    let positions = axes.map { axis($0, operation) }.sorted()
    guard Set(positions).count == positions.count else {
      stop("\(operation) expects different axes; got \(axes) for shape \(shape).")
    }
    return positions
  }
}

extension Node {
  /// A tensor for each result.
  var projections: [Tensor] {
    if types.count == 1 { return [tensor] }
    return types.indices.map { Node(.projection($0), [self], [types[$0]]).tensor }
  }
}

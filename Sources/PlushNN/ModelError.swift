import PlushEngine

/// What is wrong with a model or a layer: which layer, what it expected, what came and how to mend
/// it.
public struct ModelError: PlushError, Hashable {
  /// The layer, as in `dense_1 (Dense)`; nil if the fault is not one layer's.
  public var layer: String?
  /// What was expected.
  public let expected: String
  /// What came.
  public let found: String
  /// The likely fix.
  public let hint: String?

  /// Creates an error.
  public init(layer: String? = nil, expected: String, found: String, hint: String? = nil) {
    self.layer = layer
    self.expected = expected
    self.found = found
    self.hint = hint
  }

  /// What was expected and what came, where.
  public var message: String {
    let place = layer.map { "layer \($0): " } ?? ""
    return "\(place)expected \(expected), got \(found)"
  }
}

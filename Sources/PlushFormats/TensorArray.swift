import PlushTensor

extension NamedArray {
  /// The value of a tensor under a name.
  public init(_ name: String, _ tensor: Tensor) {
    self.init(name, tensor.dtype, shape: tensor.shape, bytes: tensor.bytes()[...])
  }

  /// The array as a tensor.
  public var tensor: Tensor {
    bytes.withUnsafeBytes { Tensor(bytes: $0, shape: shape, dtype: dtype) }
  }
}

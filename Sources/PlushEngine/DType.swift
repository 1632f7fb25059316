import PlushKernels

/// The type of a tensor's elements.
///
/// Operators on different types first convert both sides to `promoted(with:)`.
public enum DType: UInt8, Sendable, Hashable, CaseIterable, Codable {
  /// IEEE 754 single precision, the default of everything.
  case float32
  /// IEEE 754 half precision; arithmetic happens in float32.
  case float16
  /// The upper half of a float32; arithmetic happens in float32.
  case bfloat16
  /// IEEE 754 double precision.
  case float64
  /// Signed, 32 bits; arithmetic wraps.
  case int32
  /// Signed, 64 bits; arithmetic wraps.
  case int64
  /// Unsigned, 8 bits; arithmetic wraps.
  case uint8
  /// One byte, 0 or 1.
  case bool

  /// Bytes of one element.
  public var byteCount: Int { plush_type_size(kernelType) }

  /// The name, as NumPy and TensorFlow.js write it.
  public var name: String { "\(self)" }

  /// Whether the type has fractions.
  public var isFloating: Bool {
    switch self {
    case .float32, .float16, .bfloat16, .float64: true
    case .int32, .int64, .uint8, .bool: false
    }
  }

  /// The type with this name, or nil.
  public init?(name: String) {
    guard let type = DType.allCases.first(where: { $0.name == name }) else { return nil }
    self = type
  }

  /// The type in which both operands of a binary operator meet.
  ///
  /// bool < uint8 < int32 < int64 < float16, bfloat16 < float32 < float64: the later of the two,
  /// except that float16 with bfloat16 gives float32. Integers with any floating type take the
  /// floating type, whatever their size (as JAX and Keras do), so a model's precision is never
  /// widened by an index.
  public func promoted(with other: DType) -> DType {
    if self == other { return self }
    if rank == other.rank { return .float32 }
    return rank > other.rank ? self : other
  }

  private var rank: Int {
    switch self {
    case .bool: 0
    case .uint8: 1
    case .int32: 2
    case .int64: 3
    case .float16, .bfloat16: 4
    case .float32: 5
    case .float64: 6
    }
  }

  var kernelType: PlushType { PlushType(rawValue: UInt32(rawValue)) }
}

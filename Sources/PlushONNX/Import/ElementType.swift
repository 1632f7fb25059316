import PlushEngine
import PlushTensor

/// The types of elements that ONNX names, by its numbers.
///
/// Integers that tensors do not have are kept in the next larger type and wrapped around to their
/// own range after each node.
enum ElementType: Int32, Sendable {
  case float = 1
  case uint8 = 2
  case int8 = 3
  case uint16 = 4
  case int16 = 5
  case int32 = 6
  case int64 = 7
  case bool = 9
  case float16 = 10
  case double = 11
  case uint32 = 12
  case uint64 = 13
  case bfloat16 = 16

  /// The type of the tensor that holds such elements.
  var dtype: DType {
    switch self {
    case .float: .float32
    case .uint8: .uint8
    case .int8, .uint16, .int16, .int32: .int32
    case .int64, .uint32, .uint64: .int64
    case .bool: .bool
    case .float16: .float16
    case .double: .float64
    case .bfloat16: .bfloat16
    }
  }

  init(_ dtype: DType) {
    switch dtype {
    case .float32: self = .float
    case .float16: self = .float16
    case .bfloat16: self = .bfloat16
    case .float64: self = .double
    case .int32: self = .int32
    case .int64: self = .int64
    case .uint8: self = .uint8
    case .bool: self = .bool
    }
  }

  /// Bits and sign of an integer that tensors do not have.
  private var narrow: (bits: Int, isSigned: Bool)? {
    switch self {
    case .int8: (8, true)
    case .int16: (16, true)
    case .uint16: (16, false)
    case .uint32: (32, false)
    default: nil
    }
  }

  /// Whether an integer may be below 0.
  var isSigned: Bool { [.int8, .int16, .int32, .int64].contains(self) }

  /// Bits of an integer.
  var bitCount: Int {
    switch self {
    case .int8, .uint8: 8
    case .int16, .uint16: 16
    case .int64, .uint64: 64
    default: 32
    }
  }

  /// The least and largest value of an integer of 8 or 16 bits.
  var range: (Double, Double)? {
    switch self {
    case .uint8: (0, 255)
    case .int8: (-128, 127)
    case .uint16: (0, 65535)
    case .int16: (-32768, 32767)
    default: nil
    }
  }

  /// Elements that arithmetic carried beyond the range brought back into it.
  func wrapped(_ tensor: Tensor) -> Tensor {
    guard let (bits, isSigned) = narrow, tensor.dtype == dtype else { return tensor }
    let low = tensor.bitwiseAnd((1 << bits) - 1)
    guard isSigned else { return low }
    return (low .>= 1 << (bits - 1)).select(low - (1 << bits), low)
  }

  /// The type with this number.
  ///
  /// - Throws: `ONNXError` for texts, complex numbers and types of less than a byte.
  init(number: Int32, of name: String) throws {
    guard let type = ElementType(rawValue: number) else {
      let names: [Int32: String] = [
        0: "none", 8: "string", 14: "complex64", 15: "complex128", 17: "float8e4m3fn",
        18: "float8e4m3fnuz", 19: "float8e5m2", 20: "float8e5m2fnuz", 21: "uint4", 22: "int4",
        23: "float4e2m1",
      ]
      throw ONNXError(
        expected: "elements of float, double, half, bfloat16, an integer or bool in '\(name)'",
        found: names[number] ?? "type number \(number)",
        hint: "convert the model so that it does without this type")
    }
    self = type
  }
}

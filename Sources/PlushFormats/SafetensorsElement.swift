import PlushData
import PlushEngine

/// The element types of the safetensors format.
///
/// Integers that have no type here are widened: 8 and 16 bits become int32, unsigned 32 and 64 bits
/// int64. The two floating types of 8 bits become float32.
enum SafetensorsElement: String, CaseIterable {
  case float64 = "F64"
  case float32 = "F32"
  case float16 = "F16"
  case bfloat16 = "BF16"
  case float8e4m3 = "F8_E4M3"
  case float8e5m2 = "F8_E5M2"
  case int64 = "I64"
  case int32 = "I32"
  case int16 = "I16"
  case int8 = "I8"
  case uint64 = "U64"
  case uint32 = "U32"
  case uint16 = "U16"
  case uint8 = "U8"
  case bool = "BOOL"

  /// The type that stores another as it is.
  init(_ dtype: DType) {
    self =
      switch dtype {
      case .float32: .float32
      case .float16: .float16
      case .bfloat16: .bfloat16
      case .float64: .float64
      case .int32: .int32
      case .int64: .int64
      case .uint8: .uint8
      case .bool: .bool
      }
  }

  /// The type of the elements in memory.
  var dtype: DType {
    switch self {
    case .float64: .float64
    case .float32, .float8e4m3, .float8e5m2: .float32
    case .float16: .float16
    case .bfloat16: .bfloat16
    case .int64, .uint64, .uint32: .int64
    case .int32, .int16, .int8, .uint16: .int32
    case .uint8: .uint8
    case .bool: .bool
    }
  }

  /// Bytes of one element in the file.
  var storedSize: Int {
    switch self {
    case .int64, .uint64, .float64: 8
    case .int32, .uint32, .float32: 4
    case .int16, .uint16, .float16, .bfloat16: 2
    case .int8, .uint8, .bool, .float8e4m3, .float8e5m2: 1
    }
  }

  /// Elements of the file as those of `dtype`; nil if one does not fit.
  func widened(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
    switch self {
    case .int8: wide(bytes, Int8.self, Int32.self)
    case .int16: wide(bytes, Int16.self, Int32.self)
    case .uint16: wide(bytes, UInt16.self, Int32.self)
    case .uint32: wide(bytes, UInt32.self, Int64.self)
    // The last byte of each number has its highest bit.
    case .uint64:
      stride(from: 7, to: bytes.count, by: 8).allSatisfy { bytes[bytes.startIndex + $0] < 0x80 }
        ? bytes : nil
    case .float8e4m3: floats(bytes) { Self.float(e4m3: $0) }
    case .float8e5m2: floats(bytes) { PlushFormats.float(fromHalf: UInt16($0) << 8) }
    default: bytes
    }
  }

  private func floats(
    _ bytes: ArraySlice<UInt8>, _ float: (UInt8) -> Float
  ) -> ArraySlice<UInt8> {
    let table = (0...255).map { float(UInt8($0)).bitPattern.littleEndianBytes }
    return bytes.flatMap { table[Int($0)] }[...]
  }

  /// Four bits of exponent and three of fraction, without infinities (Micikevicius et al., "FP8
  /// formats for deep learning", 2022).
  private static func float(e4m3 bits: UInt8) -> Float {
    let sign: Float = bits & 0x80 == 0 ? 1 : -1
    let exponent = Int(bits >> 3 & 0xF)
    let fraction = Float(bits & 7)
    if bits & 0x7F == 0x7F { return .nan }
    if exponent == 0 { return sign * fraction * 0x1p-9 }
    return sign * (1 + fraction / 8) * Float(sign: .plus, exponent: exponent - 7, significand: 1)
  }
}

/// One number: exact for every integer of 64 bits and every double.
///
/// Equality and hashing go by bits, so NaN equals itself and 0 differs from -0: equal programs
/// compute equal values.
public enum Scalar: Sendable, CustomStringConvertible {
  /// A value of an integer or boolean type.
  case integer(Int64)
  /// A value of a floating type.
  case real(Double)

  /// The value as a double, rounded if it is a large integer.
  public var real: Double {
    switch self {
    case .integer(let value): Double(value)
    case .real(let value): value
    }
  }

  /// The value as an integer: toward zero, saturating; NaN gives 0.
  public var integer: Int64 {
    switch self {
    case .integer(let value): value
    case .real(let value): Int64(saturating: value)
    }
  }

  /// The same number as a value that `dtype` can hold.
  public func cast(to dtype: DType) -> Scalar {
    switch dtype {
    case .float64: .real(real)
    case .float32: .real(Double(Float(real)))
    case .float16: .real(Double(HalfPrecision.float(HalfPrecision.bits(Float(real)))))
    case .bfloat16: .real(Double(BrainFloat.float(BrainFloat.bits(Float(real)))))
    case .int64: .integer(integer)
    case .int32: .integer(Int64(Int32(clampedOrWrapped: self)))
    case .uint8: .integer(Int64(UInt8(truncatingIfNeeded: integer)))
    case .bool: .integer(isZero ? 0 : 1)
    }
  }

  private var isZero: Bool {
    switch self {
    case .integer(let value): value == 0
    case .real(let value): value == 0
    }
  }

  public var description: String {
    switch self {
    case .integer(let value): "\(value)"
    case .real(let value): "\(value)"
    }
  }
}

extension Scalar: Hashable {
  public static func == (left: Scalar, right: Scalar) -> Bool {
    switch (left, right) {
    case (.integer(let a), .integer(let b)): a == b
    case (.real(let a), .real(let b)): a.bitPattern == b.bitPattern
    default: false
    }
  }

  public func hash(into hasher: inout Hasher) {
    switch self {
    case .integer(let value):
      hasher.combine(0)
      hasher.combine(value)
    case .real(let value):
      hasher.combine(1)
      hasher.combine(value.bitPattern)
    }
  }
}

extension Int64 {
  /// Toward zero; beyond the range its nearest end; NaN gives 0.
  init(saturating value: Double) {
    if value.isNaN {
      self = 0
    } else if value >= 9.223372036854775807e18 {
      self = .max
    } else if value <= -9.223372036854775808e18 {
      self = .min
    } else {
      self = Int64(value)
    }
  }
}

extension Int32 {
  /// Reals saturate, integers keep their low bits.
  init(clampedOrWrapped scalar: Scalar) {
    switch scalar {
    case .integer(let value): self = Int32(truncatingIfNeeded: value)
    case .real(let value): self = Int32(clamping: Int64(saturating: value))
    }
  }
}

/// Conversion between float32 and IEEE half precision, in integer arithmetic: Swift's Float16 does
/// not exist on every platform.
public enum HalfPrecision {
  /// The half nearest to `value`, ties to even.
  public static func bits(_ value: Float) -> UInt16 {
    let bits = value.bitPattern
    let sign = UInt16(truncatingIfNeeded: bits >> 16) & 0x8000
    let magnitude = bits & 0x7fff_ffff
    if magnitude >= 0x7f80_0000 {
      return sign | 0x7c00 | (magnitude > 0x7f80_0000 ? 0x0200 : 0)
    }
    if magnitude >= 0x477f_f000 { return sign | 0x7c00 }
    if magnitude < 0x3880_0000 {
      // Subnormal: adding 0.5 lines the fraction up and rounds it to nearest even.
      let shifted = Float(bitPattern: magnitude) + 0.5
      return sign | UInt16(truncatingIfNeeded: shifted.bitPattern &- Float(0.5).bitPattern)
    }
    let odd = (magnitude >> 13) & 1
    let rounded = magnitude &- 0x3800_0000 &+ 0x0fff &+ odd
    return sign | UInt16(truncatingIfNeeded: rounded >> 13)
  }

  /// The value of a half.
  public static func float(_ bits: UInt16) -> Float {
    let sign: Float = bits & 0x8000 == 0 ? 1 : -1
    let exponent = Int(bits >> 10) & 31
    let fraction = Float(bits & 0x3ff)
    switch exponent {
    case 0: return sign * fraction * 0x1p-24
    case 31: return fraction == 0 ? sign * .infinity : .nan
    default:
      return sign * Float(sign: .plus, exponent: exponent - 15, significand: 1 + fraction * 0x1p-10)
    }
  }
}

/// Conversion between float32 and bfloat16.
public enum BrainFloat {
  /// The bfloat16 nearest to `value`, ties to even.
  public static func bits(_ value: Float) -> UInt16 {
    let bits = value.bitPattern
    if value.isNaN { return UInt16(truncatingIfNeeded: bits >> 16) | 0x40 }
    return UInt16(truncatingIfNeeded: (bits &+ 0x7fff &+ ((bits >> 16) & 1)) >> 16)
  }

  /// The value of a bfloat16.
  public static func float(_ bits: UInt16) -> Float { Float(bitPattern: UInt32(bits) << 16) }
}

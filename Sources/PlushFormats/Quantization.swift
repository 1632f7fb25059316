import PlushData
import PlushEngine
import PlushNN

/// How TensorFlow.js keeps an array in fewer bytes: as float16, or as small whole numbers `q`
/// that stand for `q * scale + minimum`.
struct Quantization {
  enum Stored: String {
    case uint8
    case uint16
    case float16

    /// A type as wide as the stored values.
    var dtype: DType { self == .uint8 ? .uint8 : .float16 }
  }

  let stored: Stored
  private var scale: Float = 1
  private var minimum: Float = 0

  init(_ json: JSON, of dtype: DType, _ place: FileError.Place, _ path: String) throws {
    guard let name = json["dtype"]?.string, let stored = Stored(rawValue: name) else {
      throw FileError(
        .unsupported, path, at: place, expected: "quantization to uint8, uint16 or float16",
        found: json["dtype"]?.summary ?? "no 'dtype'")
    }
    guard dtype == .float32 || (dtype == .int32 && stored != .float16) else {
      throw FileError(
        .unsupported, path, at: place, expected: "quantized values of float32 or int32",
        found: dtype.name)
    }
    self.stored = stored
    if stored == .float16 { return }
    guard let scale = json["scale"]?.double, let minimum = json["min"]?.double else {
      throw FileError(
        .corrupt, path, at: place, expected: "a quantization with 'scale' and 'min'",
        found: json.summary)
    }
    self.scale = Float(scale)
    self.minimum = Float(minimum)
  }

  /// The values in full, as little-endian bytes of float32 or int32.
  func expand(_ bytes: ArraySlice<UInt8>, to dtype: DType) -> [UInt8] {
    let values = bytes.withUnsafeBytes { raw in
      switch stored {
      case .uint8: raw.map { Float($0) * scale + minimum }
      case .uint16: raw.elements(of: UInt16.self).map { Float($0) * scale + minimum }
      case .float16: raw.elements(of: UInt16.self).map(float(fromHalf:))
      }
    }
    return [UInt8](unsafeUninitializedCapacity: 4 * values.count) { buffer, count in
      let target = UnsafeMutableRawBufferPointer(buffer)
      for (place, value) in values.enumerated() {
        let bits = dtype == .float32 ? value.bitPattern : UInt32(bitPattern: rounded(value))
        target.storeBytes(of: bits.littleEndian, toByteOffset: 4 * place, as: UInt32.self)
      }
      count = 4 * values.count
    }
  }
}

/// The nearest whole number, halves upwards as JavaScript rounds; the nearest bound beyond.
private func rounded(_ value: Float) -> Int32 {
  let whole = (value + 0.5).rounded(.down)
  return Int32(exactly: whole) ?? (whole < 0 ? .min : .max)
}

/// The float that an IEEE 754 half-precision number stands for.
func float(fromHalf half: UInt16) -> Float {
  let sign: Float = half & 0x8000 == 0 ? 1 : -1
  let exponent = Int(half >> 10 & 0x1F)
  let fraction = Float(half & 0x3FF)
  switch exponent {
  case 0: return sign * fraction * 0x1p-24
  case 31: return fraction == 0 ? sign * .infinity : .nan
  default:
    let power = Float(sign: .plus, exponent: exponent - 15, significand: 1)
    return sign * (1 + fraction * 0x1p-10) * power
  }
}

import PlushData
import PlushEngine
import PlushNN
import PlushTensor

/// In what fewer bits weights of float32 are kept, by the rule of TensorFlow.js.
public enum WeightQuantization: String, Sendable, Hashable, CaseIterable {
  /// 8 bits: 256 steps from the least to the largest value of an array.
  case uint8
  /// 16 bits: 65536 steps.
  case uint16
  /// Half precision.
  case float16

  /// Little-endian values of float32 in fewer bits, and what a manifest says of them.
  func pack(_ bytes: ArraySlice<UInt8>) -> (bytes: [UInt8], description: JSON) {
    let values = bytes.withUnsafeBytes { raw in
      raw.elements(of: UInt32.self).map(Float.init(bitPattern:))
    }
    let name = JSON.string(rawValue)
    if self == .float16 {
      let halves = Tensor(values, shape: [values.count]).cast(to: .float16).bytes()
      return (halves, ["dtype": name, "original_dtype": "float32"])
    }
    let steps: Float = self == .uint8 ? 255 : 65535
    let finite = values.filter(\.isFinite)
    var least = finite.min() ?? 0
    let largest = finite.max() ?? 0
    let scale = largest > least ? (largest - least) / steps : 1
    // Zero stays zero.
    if least <= 0, largest >= 0 { least = (least / scale).rounded() * scale }
    let numbers = values.map { value -> UInt16 in
      let step = ((value - least) / scale).rounded()
      return step.isNaN ? 0 : UInt16(Swift.min(Swift.max(step, 0), steps))
    }
    let packed =
      self == .uint8 ? numbers.map { UInt8($0) } : numbers.flatMap(\.littleEndianBytes)
    return (
      packed,
      [
        "dtype": name, "scale": .double(Double(scale)), "min": .double(Double(least)),
        "original_dtype": "float32",
      ]
    )
  }
}

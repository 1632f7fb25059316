import PlushEngine
import PlushTensor

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

// Windows of sequences.

extension ONNXOperators {
  static let signals: [String: ONNXOperator] = [
    "HannWindow": window { 0.5 - 0.5 * cos($0) },
    "HammingWindow": window { 25.0 / 46 - 21.0 / 46 * cos($0) },
    "BlackmanWindow": window { 0.42 - 0.5 * cos($0) + 0.08 * cos(2 * $0) },
  ]

  /// A function of angles that go once around.
  private static func window(_ body: @escaping @Sendable (Double) -> Double) -> ONNXOperator {
    { context in
      let size = try context.integer(0) ?? 0
      _ = try context.checked([size])
      let element = try ElementType(
        number: Int32(clamping: context.int("output_datatype", 1)), of: "output_datatype")
      let length = context.flag("periodic", true) ? size : Swift.max(1, size - 1)
      let values = (0..<size).map { body(2 * Double.pi * Double($0) / Double(length)) }
      return [Tensor(values, shape: [size], dtype: .float64).cast(to: element.dtype)]
    }
  }
}

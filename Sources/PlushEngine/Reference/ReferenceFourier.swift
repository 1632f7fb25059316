#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

extension ReferenceArray {
  /// The sum that defines the transform, for each line of pairs.
  func fourierTransform(inverse: Bool) -> ReferenceValue {
    let length = shape[shape.count - 2]
    let sign: Double = inverse ? 1 : -1
    var result = [Double](repeating: 0, count: count)
    for line in 0..<(length == 0 ? 0 : count / (2 * length)) {
      let start = line * length * 2
      for k in 0..<length {
        for j in 0..<length {
          // The angle is small, however long the line.
          let angle = sign * 2 * Double.pi * Double(j * k % length) / Double(length)
          let (re, im) = (reals[start + 2 * j], reals[start + 2 * j + 1])
          result[start + 2 * k] += re * cos(angle) - im * sin(angle)
          result[start + 2 * k + 1] += re * sin(angle) + im * cos(angle)
        }
      }
    }
    return .real(result)
  }
}

import PlushEngine
import PlushTensor

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

// Windows of sequences, and their spectra: complex numbers are pairs in a last axis.

extension ONNXOperators {
  static let signals: [String: ONNXOperator] = [
    "HannWindow": window { 0.5 - 0.5 * cos($0) },
    "HammingWindow": window { 25.0 / 46 - 21.0 / 46 * cos($0) },
    "BlackmanWindow": window { 0.42 - 0.5 * cos($0) + 0.08 * cos(2 * $0) },
    "DFT": { [try transform($0)] },
    "STFT": { [try framesTransformed($0)] },
    "MelWeightMatrix": { [try melWeights($0)] },
  ]

  private static func transform(_ context: NodeContext) throws -> Tensor {
    let x = try context.input(0, rank: 2...16)
    let signal = try context.complex(x)
    let given = context.opset < 20 ? context.int("axis", 1) : try context.integer(2) ?? -2
    let axis = try context.axis(given, rank: x.rank)
    try context.require(axis < x.rank - 1, "an axis before that of the parts", "\(given)")
    let (isInverse, isHalf) = (context.flag("inverse"), context.flag("onesided"))
    let own = x.shape[axis]
    let length = try context.integer(1) ?? (isInverse && isHalf ? 2 * (own - 1) : own)
    try context.require(1..<1 << 24 ~= length && own > 0, "a length above 0", "\(length)")
    if isInverse, isHalf {
      let half = signal.map { $0.moveAxis(axis, to: -1) }.irfft(length: length)
      return half.moveAxis(-1, to: axis).expandDims(axis: -1).like(x)
    }
    let fitted = signal.map { $0.resized(length, axis: axis) }
    let result = isInverse ? fitted.ifft(axis: axis) : fitted.fft(axis: axis)
    return (isHalf ? result.half(axis) : result).pairs.like(x)
  }

  private static func framesTransformed(_ context: NodeContext) throws -> Tensor {
    let x = try context.input(0, rank: 3...3)
    let signal = try context.complex(x)
    let step = try context.integer(1) ?? 0
    let window = context.optional(2)
    let length = try context.integer(3) ?? window?.count ?? x.shape[1]
    try context.require(
      step > 0 && 1...Swift.max(1, x.shape[1]) ~= length
        && window.map({ $0.shape == [length] }) ?? true,
      "a step above 0 and a window of \(length) elements within the signal",
      "\(step), \(window?.shape ?? []), \(x.shape)")
    let frames = signal.map { part in
      let frames = part.frame(length: length, step: step)
      return window.map { frames * $0.like(frames) } ?? frames
    }
    let result = frames.fft()
    return (context.flag("onesided", true) ? result.half(2) : result).pairs.like(x)
  }

  /// Triangles that weigh the bins of a spectrum, their corners on whole bins.
  private static func melWeights(_ context: NodeContext) throws -> Tensor {
    let count = try context.integer(0) ?? 0
    let length = try context.integer(1) ?? 0
    let rate = try context.number(2) ?? 0
    let edges = (try context.number(3) ?? 0, try context.number(4) ?? 0)
    try context.require(
      1..<1 << 16 ~= count && 1..<1 << 24 ~= length && rate > 0 && edges.0 >= 0
        && edges.0 < edges.1 && edges.1 <= rate / 2, "bands within the spectrum",
      "\(count) bands, length \(length), rate \(rate), \(edges)")
    let bins = try context.checked([length / 2 + 1, count])[0]
    let element = try ElementType(
      number: Int32(clamping: context.int("output_datatype", 1)), of: "output_datatype")
    func mel(_ frequency: Double) -> Double { 2595 * log10(1 + frequency / 700) }
    let step = (mel(edges.1) - mel(edges.0)) / Double(count + 2)
    let corners = (0..<count + 2).map { corner -> Int in
      let frequency = 700 * (pow(10, (mel(edges.0) + Double(corner) * step) / 2595) - 1)
      return Int((Double(length + 1) * frequency / rate).rounded(.down))
    }
    var weights = [Double](repeating: 0, count: bins * count)
    for band in 0..<count {
      let (low, middle, high) = (corners[band], corners[band + 1], corners[band + 2])
      for bin in low...high where bin < bins && (bin < high || bin == middle) {
        let (rise, fall) = (Double(bin - low), Double(high - bin))
        weights[bin * count + band] =
          bin < middle
          ? rise / Double(middle - low) : bin == middle ? 1 : fall / Double(high - middle)
      }
    }
    return Tensor(weights, shape: [bins, count], dtype: .float64).cast(to: element.dtype)
  }

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

extension NodeContext {
  /// Numbers whose last axis has the real or both parts.
  fileprivate func complex(_ x: Tensor) throws -> ComplexTensor {
    let parts = x.shape[x.rank - 1]
    try require(1...2 ~= parts && x.dtype.isFloating, "a last axis of 1 or 2 parts", "\(x.shape)")
    if parts == 1 { return ComplexTensor(x[..., 0]) }
    return ComplexTensor(real: x[..., 0], imaginary: x[..., 1])
  }
}

extension ComplexTensor {
  /// Real and imaginary parts in a new last axis.
  fileprivate var pairs: Tensor { stack([real, imaginary], axis: -1) }

  /// The spectrum along an axis without the half that mirrors it.
  fileprivate func half(_ axis: Int) -> ComplexTensor {
    map { $0.resized($0.shape[axis] / 2 + 1, axis: axis) }
  }
}

extension Tensor {
  /// Cut or filled with zeros to so many elements of an axis.
  fileprivate func resized(_ length: Int, axis: Int) -> Tensor {
    var sizes = shape
    sizes[axis] = Swift.min(length, shape[axis])
    let kept = slice(starts: shape.map { _ in 0 }, sizes: sizes)
    return kept.pad(shape.indices.map { $0 == axis ? (0, length - sizes[axis]) : (0, 0) })
  }
}

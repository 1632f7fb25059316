import PlushEngine

// Fourier transforms, signs and scales as NumPy has them: the inverse divides by the length.

extension ComplexTensor {
  /// The discrete Fourier transform along an axis, `Σ xₙ exp(-2πi kn / N)`. The shape stays.
  public func fft(axis: Int = -1) -> ComplexTensor { transformed(axis, inverse: false) }

  /// The inverse discrete Fourier transform along an axis, `1/N Σ xₖ exp(2πi kn / N)`. The shape
  /// stays.
  public func ifft(axis: Int = -1) -> ComplexTensor {
    let scale = 1 / Double(shape[real.axis(axis, "ifft")])
    return transformed(axis, inverse: true).map { $0 * scale }
  }

  /// The real signals of which this, [batch…, length / 2 + 1], is the `rfft`.
  ///
  /// - Parameter length: of the signals; even, `2 (n - 1)`, without one.
  public func irfft(length: Int? = nil) -> Tensor {
    let half = shape[real.axis(-1, "irfft")]
    let length = length ?? 2 * (half - 1)
    guard length > 0 else { stop("irfft expects a length above 0; got \(length).") }
    let kept = resized(length / 2 + 1)
    // Of a real signal the second half mirrors the first.
    let mirrored = kept.map { $0.narrowed(rank - 1, 1, (length - 1) / 2).reverse(axis: -1) }
    return concatenate([kept, mirrored.conjugate()], axis: -1).ifft().real
  }

  /// Cut or filled with zeros to so many elements of the last axis.
  private func resized(_ length: Int) -> ComplexTensor { map { $0.resized(length) } }

  private func transformed(_ axis: Int, inverse: Bool) -> ComplexTensor {
    let axis = real.axis(axis, "fft")
    let moved = map { $0.moveAxis(axis, to: -1).precise }
    let pairs = stack([moved.real, moved.imaginary], axis: -1)
    let result = Tensor.record(.fft(inverse: inverse), [pairs])
    return ComplexTensor(
      real: result[..., 0].moveAxis(-1, to: axis), imaginary: result[..., 1].moveAxis(-1, to: axis))
  }
}

extension Tensor {
  /// The discrete Fourier transform of real signals along the last axis, [batch…, length], without
  /// the half that mirrors it: [batch…, length / 2 + 1].
  ///
  /// - Parameter length: signals are cut or filled with zeros to it; their own without one.
  public func rfft(length: Int? = nil) -> ComplexTensor {
    let length = length ?? shape[axis(-1, "rfft")]
    guard length > 0 else { stop("rfft expects a length above 0; got \(length).") }
    let signal = resized(length).precise
    if length % 2 == 0 { return signal.evenRFFT(half: length / 2) }
    return ComplexTensor(signal).fft().map { $0.narrowed(rank - 1, 0, length / 2 + 1) }
  }

  /// Even and odd elements as real and imaginary parts take one transform of half the length, from
  /// which both are told apart (Cooley, Lewis and Welch, 1970).
  private func evenRFFT(half: Int) -> ComplexTensor {
    let pairs = Tensor.record(.fft(inverse: false), [reshape(shape.dropLast() + [half, 2])])
    let first = concatenate([pairs, pairs.narrowed(rank - 1, 0, 1)], axis: -2)
    let last = first.reverse(axis: -2)
    let (re, im, mirroredRe, mirroredIm) = (
      first[..., 0], first[..., 1], last[..., 0], last[..., 1]
    )
    let angle = Tensor.iota([half + 1], axis: 0).cast(to: .float64) * (Double.pi / Double(half))
    let (cosine, sine) = (angle.cos().cast(to: dtype), angle.sin().cast(to: dtype))
    let (oddRe, oddIm) = (im + mirroredIm, mirroredRe - re)
    return ComplexTensor(
      real: (re + mirroredRe + oddRe * cosine + oddIm * sine) * 0.5,
      imaginary: (im - mirroredIm + oddIm * cosine - oddRe * sine) * 0.5)
  }

  /// Cut or filled with zeros to so many elements of the last axis.
  fileprivate func resized(_ length: Int) -> Tensor {
    let own = shape[rank - 1]
    if own >= length { return narrowed(rank - 1, 0, length) }
    return pad(shape.indices.map { $0 == rank - 1 ? (0, length - own) : (0, 0) })
  }
}

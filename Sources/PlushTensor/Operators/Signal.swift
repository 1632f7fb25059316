import PlushEngine

extension Tensor {
  /// Frames of signals along the last axis, a `step` apart: [batch…, length] gives
  /// [batch…, frames, frameLength].
  ///
  /// - Parameters:
  ///   - frameLength: the elements of a frame.
  ///   - step: how far from frame to frame.
  ///   - padEnd: also frames that reach beyond the end.
  ///   - padValue: what fills these.
  public func frame(
    length frameLength: Int, step: Int, padEnd: Bool = false, padValue: Double = 0
  ) -> Tensor {
    let axis = self.axis(-1, "frame")
    let isTooShort = shape[axis] < frameLength && !padEnd
    guard frameLength > 0, step > 0 || isTooShort else {
      stop("frame expects a length and a step above 0; got \(frameLength) and \(step).")
    }
    let count =
      isTooShort
      ? 0 : padEnd ? (shape[axis] + step - 1) / step : (shape[axis] - frameLength) / step + 1
    let missing = Swift.max(0, (count - 1) * step + frameLength - shape[axis])
    let padded = pad(
      shape.indices.map { $0 == axis ? (0, missing) : (0, 0) }, value: padValue)
    let starts = Tensor.iota([count, frameLength], axis: 0) * step
    return padded.gather(starts + .iota([count, frameLength], axis: 1), axis: axis)
  }

  /// `0.5 - 0.5 cos(2πi / n)` for n = `length`, or one less if `length` is odd or the window is not
  /// periodic.
  public static func hannWindow(_ length: Int, periodic: Bool = true) -> Tensor {
    cosineWindow(length, 0.5, 0.5, periodic)
  }

  /// `0.54 - 0.46 cos(2πi / n)` for n = `length`, or one less if `length` is odd or the window is
  /// not periodic.
  public static func hammingWindow(_ length: Int, periodic: Bool = true) -> Tensor {
    cosineWindow(length, 0.54, 0.46, periodic)
  }

  private static func cosineWindow(
    _ length: Int, _ base: Double, _ height: Double, _ periodic: Bool
  ) -> Tensor {
    if length == 1 { return .ones([1]) }
    let period = periodic && length % 2 == 0 ? length : length - 1
    let angles = Tensor.range(0, length, dtype: .float64) * (2 * Double.pi / Double(period))
    return (base - angles.cos() * height).cast(to: .float32)
  }

  /// The short-time Fourier transform of signals, [batch…, length]: of each frame times the window,
  /// [batch…, frames, fftLength / 2 + 1].
  ///
  /// - Parameters:
  ///   - frameLength: the elements of a frame.
  ///   - frameStep: how far from frame to frame.
  ///   - fftLength: the frame filled with zeros; the next power of two without one.
  ///   - window: [frameLength]; Hann's without one.
  ///   - center: mirror the ends, so that frame t has its middle at `t · frameStep`, and windows the
  ///     middle of `fftLength`, as Keras does; else frames begin there, as in TensorFlow.js.
  public func stft(
    frameLength: Int, frameStep: Int, fftLength: Int? = nil, window: Tensor? = nil,
    center: Bool = false
  ) -> ComplexTensor {
    let window = window ?? .hannWindow(frameLength)
    let fftLength = fftLength ?? Swift.max(1, frameLength).nextPowerOfTwo
    guard window.shape == [frameLength] else {
      stop("stft expects a window [\(frameLength)]; got \(window.shape).")
    }
    if !center {
      return (floating.frame(length: frameLength, step: frameStep) * window).rfft(length: fftLength)
    }
    guard fftLength >= frameLength else {
      stop("stft expects fftLength >= frameLength; got \(fftLength) and \(frameLength).")
    }
    let half = fftLength / 2
    let padded = floating.pad(
      shape.indices.map { $0 == rank - 1 ? (half, half) : (0, 0) }, mode: .reflect)
    let before = (fftLength - frameLength) / 2
    let wide = window.pad([(before, fftLength - frameLength - before)])
    return (padded.frame(length: fftLength, step: frameStep) * wide).rfft()
  }

  /// Triangles, equally wide on the mel scale, that weigh the bins of a spectrum: [binCount,
  /// melCount], for a product with spectra from the left.
  ///
  /// The mel scale is that of HTK, 1127 log(1 + f / 700); the bin of frequency 0 counts nowhere.
  ///
  /// - Parameters:
  ///   - melCount: how many bands.
  ///   - binCount: of the spectrum, `fftLength / 2 + 1`.
  ///   - sampleRate: of the signals, in Hz.
  ///   - lowFrequency: the lower edge of the first band, in Hz.
  ///   - highFrequency: the upper edge of the last band, in Hz.
  public static func melFilterBank(
    melCount: Int, binCount: Int, sampleRate: Double, lowFrequency: Double = 125,
    highFrequency: Double = 3800
  ) -> Tensor {
    let frequencies = linspace(0, sampleRate / 2, count: binCount, dtype: .float64)
    let bins = mel(frequencies).reshape([binCount, 1])
    let ends = mel(Tensor([lowFrequency, highFrequency], dtype: .float64))
    let places = linspace(0, 1, count: melCount + 2, dtype: .float64)
    let edges = ends[0] + (ends[1] - ends[0]) * places
    let (lower, middle, upper) = (
      edges.narrowed(0, 0, melCount), edges.narrowed(0, 1, melCount),
      edges.narrowed(0, 2, melCount)
    )
    let rising = (bins - lower) / (middle - lower)
    let falling = (upper - bins) / (upper - middle)
    let weights = rising.minimum(falling).maximum(0)
    return (frequencies.reshape([binCount, 1]) .== 0).select(0, weights).cast(to: .float32)
  }

  private static func mel(_ frequency: Tensor) -> Tensor { (frequency / 700).log1p() * 1127 }

  /// The power of signals, [batch…, length], in bands of the mel scale over time: [batch…, mels,
  /// frames].
  ///
  /// - Parameters:
  ///   - fftLength: the samples of a frame.
  ///   - frameStep: samples from frame to frame; frames are centred.
  ///   - filterBank: [fftLength / 2 + 1, mels], as of `melFilterBank`.
  ///   - topDecibels: in decibels, cut so far below the largest; nil for plain power.
  public func melSpectrogram(
    fftLength: Int, frameStep: Int, filterBank: Tensor, topDecibels: Double? = 80
  ) -> Tensor {
    let spectrum = stft(frameLength: fftLength, frameStep: frameStep, center: true)
    let power = spectrum.real.square() + spectrum.imaginary.square()
    let bands = power.matmul(filterBank).swapAxes(-1, -2)
    guard let topDecibels else { return bands }
    let decibels = bands.maximum(1e-10).log() * (10 / 2.302585092994046)
    return decibels.maximum(decibels.max() - topDecibels)
  }
}

extension Int {
  /// The smallest power of two that is no less.
  fileprivate var nextPowerOfTwo: Int {
    self <= 1 ? 1 : 1 << (Int.bitWidth - (self - 1).leadingZeroBitCount)
  }
}

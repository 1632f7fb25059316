import PlushConformance
import PlushNN
import PlushTensor

/// Fourier transforms and spectra of the golden files.
enum GoldenSignal {
  static func run(_ test: GoldenCase, _ inputs: [String: Tensor]) -> [Tensor]? {
    if let re = inputs["re"], let im = inputs["im"] {
      let x = ComplexTensor(real: re, imaginary: im)
      switch test.operation {
      case "fft": return parts(x.fft())
      case "irfft": return [x.irfft(length: test.integers("n")![0])]
      default: return nil
      }
    }
    guard let x = inputs["x"] else { return nil }
    switch test.operation {
    case "rfft": return parts(x.rfft(length: test.integers("fftLength")![0]))
    case "stft":
      let length = test.integers("frameLength")![0]
      let isHann = test.attribute("window")?.string?.hasPrefix("hann") == true
      return parts(
        x.stft(
          frameLength: length, frameStep: test.integers("frameStep")![0],
          fftLength: test.integers("fftLength")![0],
          window: isHann ? .hannWindow(length) : .hammingWindow(length),
          center: test.attribute("center")?.bool ?? false))
    case "MelSpectrogram": return [melSpectrogram(test.json["config"]!, x)]
    default: return nil
    }
  }

  private static func parts(_ x: ComplexTensor) -> [Tensor] { [x.real, x.imaginary] }

  private static func melSpectrogram(_ config: JSON, _ x: Tensor) -> Tensor {
    let length = config["fft_length"]!.int!
    return x.melSpectrogram(
      fftLength: length, frameStep: config["sequence_stride"]!.int!,
      filterBank: .melFilterBank(
        melCount: config["num_mel_bins"]!.int!, binCount: length / 2 + 1,
        sampleRate: config["sampling_rate"]!.double!, lowFrequency: config["min_freq"]!.double!,
        highFrequency: config["max_freq"]!.double!),
      topDecibels: config["top_db"]!.double!)
  }
}

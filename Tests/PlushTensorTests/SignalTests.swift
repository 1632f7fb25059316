import PlushEngine
import PlushKernels
import PlushTensor
import Testing

@Suite struct SignalTests {
  private func random(_ shape: [Int], _ dtype: DType = .float64, seed: Int = 1) -> Tensor {
    withRandomKey(seed: seed) { Tensor.randomNormal(shape, dtype: dtype) }
  }

  private func onEachDevice(_ body: () -> Void) {
    for device in devices { withDevice(device, body) }
  }

  private func random(_ shape: [Int], _ dtype: DType = .float64) -> ComplexTensor {
    ComplexTensor(real: random(shape, dtype), imaginary: random(shape, dtype, seed: 2))
  }

  /// Powers of two, products of small factors, primes, and lengths with a large prime factor.
  @Test(arguments: [1, 2, 3, 4, 5, 8, 12, 13, 17, 31, 60, 64, 66, 97, 128, 143, 210])
  func transformsAgreeWithTheSum(_ length: Int) {
    for rows in [1, 3, 11] {
      let x: ComplexTensor = random([rows, length])
      let expected = withDevice(ReferenceDevice()) { x.fft() }
      realize([expected.real, expected.imaginary])
      for isa in [PLUSH_ISA_PORTABLE, PLUSH_ISA_AVX2] {
        let before = plush_matrix_isa()
        plush_set_isa(isa)
        defer { plush_set_isa(before) }
        let actual = x.fft()
        for (a, e) in [(actual.real, expected.real), (actual.imaginary, expected.imaginary)] {
          expectClose(a, e, relative: 1e-12, absolute: 1e-12, "\(rows) of \(length)")
        }
      }
    }
  }

  @Test(arguments: [1000, 1009, 4096, 65536]) func inversesGiveBack(_ length: Int) {
    for dtype in [DType.float32, .float64] {
      let x: ComplexTensor = random([2, length], dtype)
      let back = x.fft().ifft()
      let tolerance = dtype == .float32 ? 1e-5 : 1e-12
      expectClose(back.real, x.real, relative: 0, absolute: tolerance)
      expectClose(back.imaginary, x.imaginary, relative: 0, absolute: tolerance)
    }
  }

  @Test func transformsRunAlongAnyAxis() {
    onEachDevice {
      let x: ComplexTensor = random([4, 3, 5])
      for axis in 0..<3 {
        let moved = x.map { $0.moveAxis(axis, to: -1) }.fft().map { $0.moveAxis(-1, to: axis) }
        expectClose(x.fft(axis: axis).imaginary, moved.imaginary)
      }
    }
  }

  @Test(arguments: [7, 8]) func realTransformsAreHalfOfTheWhole(_ length: Int) {
    onEachDevice {
      let x: Tensor = random([2, length])
      let half = x.rfft()
      let whole = ComplexTensor(x).fft()
      #expect(half.shape == [2, length / 2 + 1])
      expectClose(half.real, whole.real[..., 0..<length / 2 + 1])
      expectClose(half.irfft(length: length), x, relative: 0, absolute: 1e-12)
      let longer = x.rfft(length: length + 3)
      expectClose(longer.irfft(length: length + 3)[..., 0..<length], x)
    }
  }

  @Test func complexArithmetic() {
    onEachDevice {
      let a = ComplexTensor(real: Tensor([1.0, 3]), imaginary: Tensor([2.0, -4]))
      let b = ComplexTensor(real: Tensor([0.5, 1]), imaginary: Tensor([-1.0, 1]))
      expectClose((a * b).real, Tensor([2.5, 7]))
      expectClose((a * b).imaginary, Tensor([0.0, -1]))
      let back = a * b / b
      expectClose(back.real, a.real)
      expectClose(back.imaginary, a.imaginary)
      expectClose(a.abs(), Tensor([Float(5).squareRoot(), 5]))
      expectClose(a.angle(), Tensor([1.1071487, -0.9272952]))
      let sum = concatenate([-a, a.conjugate(), a - b + b], axis: 0)
      expectClose(sum.real, Tensor([-1.0, -3, 1, 3, 1, 3]))
      expectClose(sum.imaginary, Tensor([-2.0, 4, -2, 4, 2, -4]))
      let zero = ComplexTensor(.zeros([1])).abs()
      #expect(zero.dataSync() == [0])
    }
  }

  @Test func framesOverlap() {
    onEachDevice {
      let x = Tensor([[1.0, 2, 3, 4, 5]])
      #expect(x.frame(length: 3, step: 2).dataSync() == [1, 2, 3, 3, 4, 5])
      let padded = x.frame(length: 3, step: 2, padEnd: true, padValue: -1)
      #expect(padded.shape == [1, 3, 3])
      #expect(padded.dataSync() == [1, 2, 3, 3, 4, 5, 5, -1, -1])
      #expect(x.frame(length: 6, step: 1).shape == [1, 0, 6])
    }
  }

  @Test func windows() {
    onEachDevice {
      expectClose(Tensor.hannWindow(4), Tensor([0.0, 0.5, 1, 0.5]))
      expectClose(Tensor.hannWindow(4, periodic: false), Tensor([0.0, 0.75, 0.75, 0]))
      expectClose(Tensor.hannWindow(3), Tensor([0.0, 1, 0]))
      expectClose(Tensor.hammingWindow(4), Tensor([0.08, 0.54, 1, 0.54]))
      expectClose(Tensor.hannWindow(1), Tensor([1.0]))
    }
  }

  /// The band edges are 100, 538.7, 1218.2, 2270.4 and 3900 Hz, the bins 1000 Hz apart.
  @Test func melBands() {
    onEachDevice {
      let bank = Tensor.melFilterBank(
        melCount: 3, binCount: 5, sampleRate: 8000, lowFrequency: 100, highFrequency: 3900)
      let expected = [
        [0, 0, 0], [0.27630491, 0.72369509, 0], [0, 0.21839601, 0.78160399], [0, 0, 0.49788132],
        [0, 0, 0],
      ]
      expectClose(bank, Tensor(expected))
    }
  }
}

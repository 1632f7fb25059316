import PlushEngine
import PlushTensor
import Testing

@Suite struct RandomTests {
  func moments(_ tensor: Tensor) -> (
    mean: Double, deviation: Double, skew: Double, kurtosis: Double
  ) {
    let values = tensor.dataSync(as: Double.self)
    let mean = values.mean
    let variance = values.map { ($0 - mean) * ($0 - mean) }.mean
    let scaled = values.map { ($0 - mean) / variance.squareRoot() }
    return (
      mean, variance.squareRoot(), scaled.map { $0 * $0 * $0 }.mean,
      scaled.map { $0 * $0 * $0 * $0 }.mean
    )
  }

  @Test func distributionsHaveTheirMoments() {
    withRandomKey(seed: 7) {
      let count = 100_000
      let uniform = moments(.randomUniform([count], low: -1, high: 3))
      #expect(abs(uniform.mean - 1) < 0.02)
      #expect(abs(uniform.deviation - 4 / 12.0.squareRoot()) < 0.01)
      let normal = moments(.randomNormal([count], mean: 2, standardDeviation: 3))
      #expect(abs(normal.mean - 2) < 0.05)
      #expect(abs(normal.deviation - 3) < 0.05)
      #expect(abs(normal.skew) < 0.05)
      #expect(abs(normal.kurtosis - 3) < 0.1)
      let truncated = Tensor.truncatedNormal([count])
      #expect(abs(moments(truncated).deviation - 0.8796) < 0.01)
      #expect(truncated.abs().max().item() <= 2)
      let double = moments(.randomNormal([count], dtype: .float64))
      #expect(abs(double.kurtosis - 3) < 0.1)
      let coins = Tensor.bernoulli([count], probability: 0.3)
      #expect(coins.dtype == .bool)
      #expect(abs(coins.mean().item() - 0.3) < 0.01)
    }
  }

  @Test func integersCoverTheirRange() {
    withRandomKey(seed: 3) {
      let values = Set(
        Tensor.randomUniform([1000], low: -2, high: 3, dtype: .int32).dataSync(as: Int32.self))
      #expect(values == [-2, -1, 0, 1, 2])
    }
  }

  @Test func permutationsHaveEachNumberOnce() {
    withRandomKey(seed: 3) {
      let order = Tensor.randomPermutation(1000).dataSync(as: Int32.self)
      #expect(order.sorted() == (0..<1000).map(Int32.init))
      #expect(order != order.sorted())
    }
  }

  @Test func unitNumbersStayBelowOne() {
    for dtype in [DType.float16, .bfloat16, .float32, .float64] {
      let numbers = Tensor.randomUniform([50_000], dtype: dtype)
      #expect(numbers.dtype == dtype)
      #expect((numbers .< 1).all().item() == 1)
      #expect((numbers .>= 0).all().item() == 1)
    }
  }

  @Test func seedsRepeat() {
    let draw = {
      withRandomKey(seed: 42) {
        (Tensor.randomNormal([5]).dataSync(), Tensor.randomNormal([5]).dataSync())
      }
    }
    let (first, again) = (draw(), draw())
    #expect(first == again)
    #expect(first.0 != first.1)
    #expect(withRandomKey(seed: 42, counter: 1) { Tensor.randomNormal([5]).dataSync() } == first.1)
  }

  @Test func devicesDrawTheSame() {
    let draws = devices.map { device in
      withDevice(device) { withRandomKey(seed: 1) { Tensor.randomUniform([100]).dataSync() } }
    }
    #expect(draws.allSatisfy { $0 == draws[0] })
  }

  @Test func compiledFunctionsDrawAnew() throws {
    let f = Compiled { _ in [Tensor.randomUniform([4]), Tensor.randomUniform([4])] }
    let draw = { try f([]).map { $0.dataSync() } }
    let (first, second) = (try draw(), try draw())
    #expect(first[0] != first[1])
    #expect(first != second)
    let fixed = { try withRandomKey(seed: 9, counter: 4) { try draw() } }
    #expect(try fixed() == fixed())
  }
}

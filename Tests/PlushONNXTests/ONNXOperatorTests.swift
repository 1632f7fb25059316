import Foundation
import Plush
import PlushONNX
import Testing

/// Operators of ONNX against their definitions, in double precision.
@Suite struct ONNXOperatorTests {
  private func expectClose(
    _ result: Tensor, _ expected: Tensor, _ tolerance: Double = 1e-5,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(result.shape == expected.shape, sourceLocation: sourceLocation)
    let difference = (result.cast(to: .float64) - expected.cast(to: .float64)).abs().max()
    #expect(difference.item(as: Double.self) <= tolerance, sourceLocation: sourceLocation)
  }

  @Test(arguments: ["linear", "cubic", "nearest"], [0, 1])
  func gridsThatAreIdentitiesChangeNothing(_ mode: String, _ touches: Int) throws {
    let x = Tensor.randomNormal([2, 3, 4, 5])
    let theta = Tensor([[1.0, 0, 0], [0, 1, 0]]).expandDims(axis: 0).repeat(2, axis: 0)
    let sizes = Tensor([2, 3, 4, 5]).cast(to: .int64)
    let corners = ONNXFile.Setting.int(touches)
    let grid = try ONNXFile.compute("AffineGrid", [theta, sizes], ["align_corners": corners])[0]
    #expect(grid.shape == [2, 4, 5, 2])
    let y = try ONNXFile.compute(
      "GridSample", [x, grid], ["align_corners": corners, "mode": .text(mode)])[0]
    expectClose(y, x)
  }

  @Test(arguments: [
    ("zeros", [0.5, 1.5, 0, 0]), ("border", [1, 1.5, 4, 4]), ("reflection", [1, 1.5, 4, 3]),
  ]) func placesOutsideOfArrays(_ mode: String, _ expected: [Double]) throws {
    let x = Tensor([1.0, 2, 3, 4]).reshape([1, 1, 1, 4])
    // A grid counts from the outer edge of the first element, -0.5, to that of the last, 3.5.
    let columns = Tensor([-0.5, 0.5, 4, 5].map { ($0 + 0.5) / 2 - 1 })
    let grid = stack([columns, .zeros([4])], axis: 1).reshape([1, 1, 4, 2])
    let y = try ONNXFile.compute("GridSample", [x, grid], ["padding_mode": .text(mode)])[0]
    expectClose(y.flatten(), Tensor(expected))
  }

  @Test(arguments: [0, 2]) func regionsAreMeansOfTheirCells(_ ratio: Int) throws {
    // Of a plane every mean is the element in the middle.
    let rows = Tensor.range(0, 8, dtype: .float32).reshape([8, 1])
    let columns = Tensor.range(0, 10, dtype: .float32)
    let x = stack([columns + rows * 10, columns * 2 - rows]).expandDims(axis: 0)
    let regions = Tensor([[1.0, 2, 5, 6], [2, 1, 8, 4]])
    let y = try ONNXFile.compute(
      "RoiAlign", [x, regions, Tensor.zeros([2], dtype: .int64)],
      ["output_height": .int(2), "output_width": .int(2), "sampling_ratio": .int(ratio)])[0]
    #expect(y.shape == [2, 2, 2, 2])
    for (region, (left, top, width, height)) in [(1.0, 2.0, 4.0, 4.0), (2, 1, 6, 3)].enumerated() {
      for row in 0..<2 {
        for column in 0..<2 {
          let down = top - 0.5 + height * (Double(row) + 0.5) / 2
          let right = left - 0.5 + width * (Double(column) + 0.5) / 2
          let cell = y[[.single(region), .all, .single(row), .single(column)]]
          expectClose(cell, Tensor([right + 10 * down, 2 * right - down], dtype: .float64), 1e-4)
        }
      }
    }
  }

  @Test func windowsThatMoveByWholeElements() throws {
    let x = Tensor.randomNormal([2, 4, 6, 6])
    let w = Tensor.randomNormal([4, 2, 3, 3])
    let bias = Tensor([0.1, 0.2, 0.3, 0.4])
    let settings: [String: ONNXFile.Setting] = ["group": .int(2), "pads": .ints([1, 1, 1, 1])]
    let plain = try ONNXFile.compute("Conv", [x, w, bias], settings)[0]
    let still = try ONNXFile.compute(
      "DeformConv", [x, w, .zeros([2, 36, 6, 6]), bias],
      settings.merging(["offset_group": .int(2)]) { $1 })[0]
    expectClose(still, plain)
    // One row down, at half weight; above the first row is padding for the one, a row for the other.
    let down = stack([Tensor.ones([2, 9, 6, 6]), .zeros([2, 9, 6, 6])], axis: 2)
      .reshape([2, 18, 6, 6])
    let moved = try ONNXFile.compute(
      "DeformConv", [x, w, down, nil, Tensor.full([2, 9, 6, 6], 0.5)], settings)[0]
    let shifted = x[[.all, .all, .stride(from: 1)]].pad([(0, 0), (0, 0), (0, 1), (0, 0)])
    let seen = try ONNXFile.compute("Conv", [shifted, w], settings)[0]
    let below: [AxisIndex] = [.all, .all, .stride(from: 1)]
    expectClose(moved[below], seen[below] * 0.5)
  }

  @Test func windowsAddUpWhereTheyOverlap() throws {
    let sizes = Tensor([4, 5]).cast(to: .int64)
    let window = Tensor([2, 3]).cast(to: .int64)
    let y = try ONNXFile.compute("Col2Im", [Tensor.ones([1, 12, 9]), sizes, window])[0]
    let counts = Tensor([1.0, 2, 2, 1]).reshape([4, 1]) * Tensor([1.0, 2, 3, 2, 1])
    expectClose(y, stack([counts, counts]).expandDims(axis: 0))
  }

  @Test func spectraAreSumsOfWaves() throws {
    let x = Tensor.randomNormal([2, 6, 2])
    let y = try ONNXFile.compute("DFT", [x])[0]
    let numbers = x.dataSync(as: Double.self)
    var expected: [Double] = []
    for batch in 0..<2 {
      for wave in 0..<6 {
        var sum = (0.0, 0.0)
        for place in 0..<6 {
          let angle = -2 * Double.pi * Double(wave * place) / 6
          let (re, im) = (
            numbers[(batch * 6 + place) * 2], numbers[(batch * 6 + place) * 2 + 1]
          )
          sum.0 += re * cos(angle) - im * sin(angle)
          sum.1 += re * sin(angle) + im * cos(angle)
        }
        expected += [sum.0, sum.1]
      }
    }
    expectClose(y, Tensor(expected, shape: [2, 6, 2], dtype: .float64))
    expectClose(try ONNXFile.compute("DFT", [y], ["inverse": .int(1)])[0], x)
    let signal = Tensor.randomNormal([2, 7, 3, 1])
    let (length, axis) = (Tensor(7).cast(to: .int64), Tensor(1).cast(to: .int64))
    let half = try ONNXFile.compute("DFT", [signal, nil, axis], ["onesided": .int(1)])[0]
    #expect(half.shape == [2, 4, 3, 2])
    let back = try ONNXFile.compute(
      "DFT", [half, length, axis], ["onesided": .int(1), "inverse": .int(1)])[0]
    expectClose(back, signal)
  }

  @Test func framesAreTransformedEach() throws {
    let x = Tensor.randomNormal([2, 10, 1])
    let window = Tensor([0.5, 1, 1, 0.25])
    let step = Tensor(3).cast(to: .int64)
    let y = try ONNXFile.compute("STFT", [x, step, window])[0]
    #expect(y.shape == [2, 3, 3, 2])
    for frame in 0..<3 {
      let part = x[[.all, .stride(from: frame * 3, to: frame * 3 + 4)]] * window.reshape([4, 1])
      let expected = try ONNXFile.compute("DFT", [part], ["onesided": .int(1)])[0]
      expectClose(y[[.all, .single(frame)]], expected)
    }
  }

  @Test func bandsOfTheMelScale() throws {
    let numbers = [8, 64].map { Tensor($0).cast(to: .int64) as Tensor? }
    let rates = [8000.0, 0, 4000].map { Tensor($0) as Tensor? }
    let weights = try ONNXFile.compute("MelWeightMatrix", numbers + rates)[0]
    #expect(weights.shape == [33, 8])
    #expect(weights.min().item() == 0)
    // Each band has one bin that counts whole, and these rise.
    #expect(weights.max(axis: 0).dataSync() == [Float](repeating: 1, count: 8))
    let peaks = weights.argMax(axis: 0).dataSync(as: Int32.self)
    #expect(zip(peaks, peaks.dropFirst()).allSatisfy(<))
  }

  @Test func statesRecallSums() throws {
    let (q, k) = (Tensor.randomNormal([2, 5, 8]), Tensor.randomNormal([2, 5, 4]))
    let v = Tensor.randomNormal([2, 5, 6])
    let heads: [String: ONNXFile.Setting] = ["q_num_heads": .int(4), "kv_num_heads": .int(2)]
    let results = try ONNXFile.compute(
      "LinearAttention", [q, k, v], heads.merging(["update_rule": .text("linear")]) { $1 },
      outputs: 2, opset: 27)
    func apart(_ x: Tensor, _ heads: Int) -> Tensor {
      x.reshape([2, 5, heads, -1]).transpose([0, 2, 1, 3]).repeat(4 / heads, axis: 1)
    }
    let products = apart(q, 4).matmul(apart(k, 2), transposeB: true).triangularLower()
    let expected = products.matmul(apart(v, 2)) * 0.5.squareRoot()
    expectClose(results[0], expected.transpose([0, 2, 1, 3]).reshape([2, 5, 12]))
    #expect(results[1].shape == [2, 2, 2, 3])
    // A state that fades by exp(0) is the same.
    let still = try ONNXFile.compute(
      "LinearAttention", [q, k, v, nil, Tensor.zeros([2, 5, 2])],
      heads.merging(["update_rule": .text("gated")]) { $1 }, opset: 27)
    expectClose(still[0], results[0])
  }

  @Test func correctionsReplaceWhatAKeyRecalls() throws {
    let key = Tensor([1.0, 0]).reshape([1, 1, 2]).repeat(3, axis: 1)
    let values = Tensor([[1.0, 2], [3, 4], [5, 6]]).expandDims(axis: 0)
    let y = try ONNXFile.compute(
      "LinearAttention", [key, key, values, nil, nil, Tensor.ones([1, 3, 1])],
      [
        "q_num_heads": .int(1), "kv_num_heads": .int(1), "update_rule": .text("delta"),
        "scale": .float(1),
      ], opset: 27)
    expectClose(y[0], values)
  }

  @Test func drawsOfClasses() throws {
    let logits = Tensor([[0.2, 0.8, 0], [0, 0, 1]]).log()
    let draws = try ONNXFile.compute("Multinomial", [logits], ["sample_size": .int(4000)])[0]
    #expect(draws.shape == [2, 4000])
    #expect(draws.dtype == .int32)
    let shares = draws.bincount(size: 3).dataSync().map { $0 / 4000 }
    #expect(zip(shares, [0.2, 0.8, 0, 0, 0, 1] as [Float]).allSatisfy { abs($0 - $1) < 0.03 })
  }

  @Test func bytesReadAsAnotherType() throws {
    let y = try ONNXFile.compute("BitCast", [Tensor([1.0, -2])], ["to": .int(6)], opset: 26)[0]
    #expect(y.dataSync(as: Int32.self) == [0x3f80_0000, -0x4000_0000])
  }

  @Test func filtersHaveZerosOfTheirOwn() throws {
    let x = Tensor.range(2, 11).cast(to: .uint8).reshape([1, 1, 3, 3])
    let w = Tensor.ones([2, 1, 2, 2], dtype: .uint8)
    let zeros = [Tensor(1).cast(to: .uint8), Tensor([0, 3]).cast(to: .uint8)]
    let y = try ONNXFile.compute("ConvInteger", [x, w] + zeros)[0]
    #expect(y.dataSync(as: Int32.self) == [12, 16, 24, 28, -24, -32, -48, -56])
  }
}

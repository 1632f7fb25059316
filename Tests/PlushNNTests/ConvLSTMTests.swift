import Foundation
import PlushNN
import PlushTensor
import Testing

/// LSTMs whose products are convolutions.
@Suite struct ConvLSTMTests {
  @Test func layers() throws {
    try checkLayer(
      { ConvLSTM1D(2, kernelSize: 3, strides: 2, padding: .same, returnSequences: true) },
      [[2, 3, 5, 2]], gives: [2, 3, 3, 2], parameters: 3 * 8 * (2 + 2) + 8)
    try checkLayer(
      { ConvLSTM2D(2, kernelSize: [2, 3]) }, [[2, 2, 3, 4, 1]], gives: [2, 2, 2, 2],
      parameters: 6 * 8 * (1 + 2) + 8)
    try checkLayer(
      {
        ConvLSTM2D(
          3, kernelSize: 2, channelsFirst: true, dilationRate: 2, useBias: false,
          goBackwards: true)
      }, [[1, 2, 2, 4, 3]], gives: [1, 3, 2, 1], parameters: 4 * 12 * (2 + 3))
    try checkLayer(
      { ConvLSTM3D(1, kernelSize: 2, padding: .same) }, [[1, 2, 2, 2, 3, 1]],
      gives: [1, 2, 2, 3, 1], parameters: 8 * 4 * (1 + 1) + 4)
  }

  @Test func statesAreInputs() throws {
    try checkLayer(
      { ConvLSTM2D(1, kernelSize: 2) }, [[2, 2, 3, 3, 1], [2, 2, 2, 1], [2, 2, 2, 1]],
      gives: [2, 2, 2, 1], parameters: 4 * 4 * 2 + 4)
  }

  // MARK: The definition

  /// Numbers in double precision at [row, column, channel].
  private struct Picture {
    var rows: Int
    var columns: Int
    var channels: Int
    var values: [Double]

    subscript(row: Int, column: Int, channel: Int) -> Double {
      guard (0..<rows).contains(row), (0..<columns).contains(column) else { return 0 }
      return values[(row * columns + column) * channels + channel]
    }

    /// A product [row, column, 4 · filters] with windows of `size` · `size`, the first of which begins
    /// `before` elements before the picture.
    func convolved(
      _ kernel: [Float], size: Int, filters: Int, rows: Int, columns: Int, stride: Int,
      dilation: Int, before: Int
    ) -> Picture {
      let outputs = 4 * filters
      var result = Picture(rows: rows, columns: columns, channels: outputs, values: [])
      for row in 0..<rows {
        for column in 0..<columns {
          for output in 0..<outputs {
            var sum = 0.0
            for i in 0..<size {
              for j in 0..<size {
                for channel in 0..<channels {
                  let weight = kernel[((i * size + j) * channels + channel) * outputs + output]
                  let at = (
                    row * stride + i * dilation - before, column * stride + j * dilation - before
                  )
                  sum += Double(weight) * self[at.0, at.1, channel]
                }
              }
            }
            result.values.append(sum)
          }
        }
      }
      return result
    }
  }

  /// Windows of 3 by 3; the input's move `stride` or have holes, the state's keep its size.
  @Test(arguments: [(1, 1), (2, 1), (1, 2)]) func agreesWithDefinition(
    stride: Int, dilation: Int
  ) throws {
    let (steps, side, channels, filters) = (3, 7, 2, 2)
    let layer = ConvLSTM2D(
      filters, kernelSize: 3, strides: SpatialSizes(stride),
      dilationRate: SpatialSizes(dilation), returnSequences: true, returnState: true,
      options: RecurrentOptions(biasInitializer: .randomNormal()))
    let x = Tensor.randomNormal([1, steps, side, side, channels])
    let found = try layer([x]).map { $0.dataSync() }
    let (kernel, recurrent) = (
      layer.weights[0].value.dataSync(), layer.weights[1].value.dataSync()
    )
    let bias = layer.weights[2].value.dataSync().map(Double.init)
    let inputs = x.dataSync().map(Double.init)
    let places = (side - 2 * dilation - 1) / stride + 1
    let count = places * places * filters
    var h = Picture(
      rows: places, columns: places, channels: filters, values: [Double](repeating: 0, count: count)
    )
    var c = h.values
    var sequence: [Double] = []
    for step in 0..<steps {
      let size = side * side * channels
      let input = Picture(
        rows: side, columns: side, channels: channels,
        values: Array(inputs[step * size..<(step + 1) * size]))
      let fromInput = input.convolved(
        kernel, size: 3, filters: filters, rows: places, columns: places, stride: stride,
        dilation: dilation, before: 0)
      let fromState = h.convolved(
        recurrent, size: 3, filters: filters, rows: places, columns: places, stride: 1,
        dilation: 1, before: 1)
      for place in 0..<places * places {
        for filter in 0..<filters {
          let gates = (0..<4).map { gate in
            let index = place * 4 * filters + gate * filters + filter
            return fromInput.values[index] + fromState.values[index]
              + bias[gate * filters + filter]
          }
          let index = place * filters + filter
          c[index] = sigmoid(gates[1]) * c[index] + sigmoid(gates[0]) * tanh(gates[2])
          h.values[index] = sigmoid(gates[3]) * tanh(c[index])
        }
      }
      sequence += h.values
    }
    for (found, expected) in zip(found, [sequence, h.values, c]) {
      #expect(found.count == expected.count)
      let error = zip(found, expected).map { abs(Double($0) - $1) }.max() ?? 1
      #expect(error < 1e-5)
    }
  }

  private func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }

  // MARK: Keras

  /// sin(0), sin(step), sin(2 · step) and so on.
  private func wave(_ shape: [Int], _ step: Float) -> Tensor {
    (Tensor.range(0, shape.reduce(1, *)).cast(to: .float32) * step).sin().reshape(shape)
  }

  /// What Keras gives for the layers below.
  private enum Golden {
    static let row: [Float] = [
      -0.01095478, 0.06320702, -0.04118233, -0.1701709, 0.06790502, 0.09187359, 0.004396465,
      -0.11615, -0.2030314, -0.08643995, -0.03945063, -0.1758772, -0.1979527, -0.1823346,
      0.001307846, -0.0777432, -0.1396709, -0.08568804,
    ]
    static let film: [Float] = [
      0.006170969, -0.107091, 0.01428566, -0.02105894, 0.01602791, -0.04042344, 0.005497736,
      -0.04849325, -0.02159047, -0.08972246, -0.1319164, -0.1449396,
    ]
    static let filmCells: [Float] = [
      0.01795886, -0.3038719, 0.02477844, -0.04361282, 0.03599782, -0.1080687, 0.008206758,
      -0.07963271, -0.03945923, -0.1810979, -0.2271549, -0.2206962,
    ]
    static let channelsFirst: [Float] = [
      0.003122964, 0.06186906, 0.1127516, -0.3455485, -0.2381446, -0.02487489, 0.002880734,
      0.1337099, -0.01139235, -0.345707, -0.02776256, 0.02354906,
    ]
    static let volume: [Float] = [
      0.08812634, 0.1083003, 0.1993752, -0.0160227, -0.06709124, -0.08205556, -0.1073866,
      0.1106281,
    ]
  }

  /// The outputs with waves as inputs and weights.
  private func outputs(_ layer: ConvLSTM, _ shape: [Int]) throws -> [[Float]] {
    let x = wave(shape, 0.9)
    _ = try layer([x])
    for (place, weight) in layer.weights.enumerated() {
      weight.value = wave(weight.shape, 0.7 + 0.1 * Float(place)) * 0.5
    }
    return try layer([x]).map { $0.dataSync() }
  }

  private func expect(_ found: [[Float]], _ expected: [[Float]]) {
    #expect(found.map(\.count) == expected.map(\.count))
    for (found, expected) in zip(found.joined(), expected.joined()) {
      #expect(abs(found - expected) < 1e-5)
    }
  }

  /// Numbers of Keras 3.15.
  @Test func agreesWithKeras() throws {
    expect(
      try outputs(
        ConvLSTM1D(2, kernelSize: 3, strides: 2, padding: .same, returnSequences: true),
        [1, 3, 5, 2]), [Golden.row])
    expect(
      try outputs(ConvLSTM2D(2, kernelSize: [2, 3], returnState: true), [1, 3, 4, 4, 2]),
      [Golden.film, Golden.film, Golden.filmCells])
    expect(
      try outputs(
        ConvLSTM2D(
          2, kernelSize: 2, channelsFirst: true, dilationRate: 2,
          recurrentActivation: .hardSigmoid, goBackwards: true), [1, 2, 2, 4, 5]),
      [Golden.channelsFirst])
    expect(
      try outputs(
        ConvLSTM3D(1, kernelSize: 2, padding: .same, useBias: false), [1, 2, 2, 2, 2, 1]),
      [Golden.volume])
  }

  // MARK: As other recurrent layers

  @Test func masksSkipSteps() throws {
    let layer = ConvLSTM2D(2, kernelSize: 2)
    let x = Tensor.randomNormal([1, 4, 3, 3, 1])
    let mask = Tensor([1, 0, 1, 0], shape: [1, 4]).cast(to: .bool)
    let found = try layer([x], masks: [mask])[0]
    let kept = concatenate([x[.all, 0..<1], x[.all, 2..<3]], axis: 1)
    #expect(isClose(found, try layer(kept)))
    #expect(!isClose(found, try layer(x)))
  }

  @Test func statesLast() throws {
    let plain = ConvLSTM1D(2, kernelSize: 2, inputShape: [nil, 3, 1])
    let stateful = ConvLSTM1D(2, kernelSize: 2, stateful: true)
    let x = Tensor.randomNormal([2, 4, 3, 1])
    let expected = try plain(x)
    _ = try stateful(x)
    stateful.resetStates()
    for (from, to) in zip(plain.weights, stateful.weights) { to.value = from.value }
    _ = try stateful(x[.all, 0..<2])
    #expect(isClose(try stateful(x[.all, 2..<4]), expected))
    stateful.resetStates()
    #expect(!isClose(try stateful(x[.all, 2..<4]), expected))
  }

  @Test func dropsTheSameAtAllSteps() throws {
    let options = RecurrentOptions(
      kernelInitializer: .ones, biasInitializer: .zeros, dropout: 0.5)
    let layer = ConvLSTM1D(
      1, kernelSize: 1, activation: .linear, recurrentActivation: .linear, useBias: false,
      returnSequences: true, options: options)
    let x = Tensor.ones([1, 2, 64, 1])
    let steps = try layer([x], masks: nil, training: true)[0].dataSync()
    let dropped = (0..<64).map { steps[$0] == 0 }
    #expect(dropped == (64..<128).map { steps[$0] == 0 })
    #expect(dropped.contains(true) && dropped.contains(false))
    let state = ConvLSTM1D(2, kernelSize: 1, options: RecurrentOptions(recurrentDropout: 0.5))
    let y = Tensor.randomNormal([1, 3, 64, 1])
    let expected = try state(y)
    #expect(!isClose(try state([y], masks: nil, training: true)[0], expected))
  }

  @Test func cells() throws {
    let layer = ConvLSTM2D(2, kernelSize: 2, recurrentActivation: .hardSigmoidLegacy)
    let x = Tensor.randomNormal([1, 3, 4, 4, 1])
    let expected = try layer(x)
    let cell = ConvLSTM2DCell(2, kernelSize: 2, recurrentActivation: .hardSigmoidLegacy)
    let around = RNN(cell)
    _ = try around(x)
    for (from, to) in zip(layer.weights, around.weights) { to.value = from.value }
    #expect(isClose(try around(x), expected))
    try checkLayer(
      { RNN(ConvLSTM1DCell(2, kernelSize: 2)) }, [[2, 2, 4, 1]], gives: [2, 3, 2],
      parameters: 2 * 8 * (1 + 2) + 8)
    try checkLayer(
      { try Bidirectional(ConvLSTM1D(2, kernelSize: 2)) }, [[2, 2, 4, 1]], gives: [2, 3, 4],
      parameters: 2 * (2 * 8 * (1 + 2) + 8))
  }

  @Test func configuration() throws {
    let layer = ConvLSTM2D(4, kernelSize: [3, 2], strides: 2, channelsFirst: true)
    #expect(ConvLSTM2D.className.snakeCase == "conv_lstm2d")
    let config = layer.config
    #expect(config["filters"]?.int == 4)
    #expect(config["units"] == nil)
    #expect(config["cell"] == nil)
    #expect(config["kernel_size"] == [3, 2])
    #expect(config["strides"] == [2, 2])
    #expect(config["data_format"]?.string == "channels_first")
    #expect(config["recurrent_activation"]?.string == "sigmoid")
    #expect(config["unit_forget_bias"]?.bool == true)
    _ = try layer(Tensor.zeros([1, 1, 2, 5, 5]))
    #expect(layer.weights.map(\.shape) == [[3, 2, 2, 16], [3, 2, 4, 16], [16]])
    let zeros = [Float](repeating: 0, count: 4)
    #expect(layer.weights[2].value.dataSync() == zeros + [1, 1, 1, 1] + zeros + zeros)
  }

  @Test func refusesOtherShapes() throws {
    let layer = ConvLSTM2D(2, kernelSize: 3)
    #expect(throws: ModelError.self) { try layer.outputShapes(for: [[nil, 3, 8, 1]]) }
    #expect(throws: ModelError.self) { try layer.outputShapes(for: [[nil, 3, 2, 8, 1]]) }
    #expect(throws: ModelError.self) {
      try ConvLSTM2D(0, kernelSize: 3).outputShapes(for: [[nil, 3, 8, 8, 1]])
    }
    #expect(throws: ModelError.self) {
      try ConvLSTM2D(2, kernelSize: [3, 3, 3]).outputShapes(for: [[nil, 3, 8, 8, 1]])
    }
    _ = try layer(Tensor.zeros([1, 1, 4, 4, 1]))
    #expect(throws: ModelError.self) { try layer.outputShapes(for: [[nil, 3, 8, 8, 2]]) }
  }
}

import PlushNN
import PlushTensor
import Testing

/// The layers that take sequences step by step.
@Suite struct RecurrentLayerTests {
  private let sequences = [3, 4, 2]

  @Test func simpleRNN() throws {
    try checkLayer({ SimpleRNN(5) }, [sequences], gives: [3, 5], parameters: 10 + 25 + 5)
    try checkLayer(
      { SimpleRNN(3, activation: .relu, useBias: false, returnSequences: true) }, [sequences],
      gives: [3, 4, 3], parameters: 6 + 9)
  }

  @Test func lstm() throws {
    try checkLayer({ LSTM(3) }, [sequences], gives: [3, 3], parameters: 4 * (6 + 9 + 3))
    try checkLayer(
      { LSTM(3, returnSequences: true, goBackwards: true) }, [sequences], gives: [3, 4, 3],
      parameters: 4 * (6 + 9 + 3))
    try checkLayer(
      { LSTM(2, activation: .elu, recurrentActivation: .softsign, useBias: false) }, [sequences],
      gives: [3, 2], parameters: 4 * (4 + 4))
  }

  @Test func gru() throws {
    try checkLayer({ GRU(3) }, [sequences], gives: [3, 3], parameters: 3 * (6 + 9 + 6))
    try checkLayer(
      { GRU(3, resetAfter: false, returnSequences: true) }, [sequences], gives: [3, 4, 3],
      parameters: 3 * (6 + 9 + 3))
  }

  @Test func statesAreInputs() throws {
    try checkLayer(
      { LSTM(3, returnSequences: true) }, [sequences, [3, 3], [3, 3]], gives: [3, 4, 3],
      parameters: 4 * (6 + 9 + 3))
    try checkLayer(
      { GRU(3, resetAfter: false) }, [sequences, [3, 3]], gives: [3, 3],
      parameters: 3 * (6 + 9 + 3))
  }

  @Test func stackedCells() throws {
    try checkLayer(
      { RNN([LSTMCell(3), GRUCell(2)], returnSequences: true) }, [sequences], gives: [3, 4, 2],
      parameters: 4 * (6 + 9 + 3) + 3 * (6 + 4 + 4))
  }

  @Test func bothDirections() throws {
    try checkLayer(
      { try Bidirectional(LSTM(3, returnSequences: true)) }, [sequences], gives: [3, 4, 6],
      parameters: 8 * (6 + 9 + 3))
    for mode in [Bidirectional.MergeMode.sum, .mul, .ave] {
      try checkLayer(
        { try Bidirectional(SimpleRNN(3), mergeMode: mode) }, [sequences], gives: [3, 3],
        parameters: 2 * (6 + 9 + 3))
    }
  }

  /// Other readers put the direction before the name that they find.
  @Test func directionsAreNotSavedInNames() throws {
    let layer = try Bidirectional(LSTM(3, name: "reader"))
    #expect(layer.forwardLayer.name == "forward_reader")
    #expect(layer.config["layer"]?["config"]?["name"] == "reader")
    #expect(layer.config["backward_layer"]?["config"]?["name"] == "reader")
    let copy = try Bidirectional(config: layer.config)
    #expect(copy.backwardLayer.name == "backward_reader")
  }

  /// All gates, with and without masks, backwards and with states: the one operation against steps one
  /// by one.
  @Test(arguments: [false, true], [false, true]) func oneByOne(
    isMasked: Bool, goesBackwards: Bool
  ) throws {
    let x = Tensor.randomNormal([3, 5, 2], mean: 0, standardDeviation: 1)
    let mask = Tensor([1, 1, 0, 0, 0, 0, 1, 0, 1, 1, 0, 0, 0, 0, 0], shape: [3, 5]).cast(to: .bool)
    let cells: [RecurrentCell] = [
      SimpleRNNCell(4), LSTMCell(4, recurrentActivation: .hardSigmoid), GRUCell(4),
      GRUCell(4, recurrentActivation: .hardSigmoidLegacy, resetAfter: false),
    ]
    for cell in cells {
      let whole = RNN(
        cell, returnSequences: true, returnState: true, goBackwards: goesBackwards)
      let single = RNN(
        [cell], returnSequences: true, returnState: true, goBackwards: goesBackwards)
      let count = try cell.stateShapes(for: [3, 2]).count
      let states = (0..<count).map { _ in
        Tensor.randomNormal([3, 4], mean: 0, standardDeviation: 1)
      }
      for inputs in [[x], [x] + states] {
        let masks = [isMasked ? mask : nil] + inputs.dropFirst().map { _ in nil }
        let expected = try single(inputs, masks: masks)
        for (found, expected) in zip(try whole(inputs, masks: masks), expected) {
          #expect(isClose(found, expected), "\(cell.label)")
        }
      }
    }
  }

  /// Where nearly all weights between steps are dropped, training sees the last step alone; without
  /// training they all work.
  @Test func weightDropout() throws {
    let x = Tensor.randomNormal([3, 5, 2], mean: 0, standardDeviation: 1)
    let options = RecurrentOptions(weightDropout: 0.999_999)
    for cell in [SimpleRNNCell(4, options: options), LSTMCell(4, options: options)] {
      for layer in [RNN(cell), RNN([cell])] {
        let kept = try layer(x)
        #expect(!isClose(kept, try layer(x, training: true)), "\(cell.label)")
      }
    }
    let simple = RNN(SimpleRNNCell(4, options: options))
    let last = try simple(x.slice(starts: [0, 4, 0], sizes: [3, 1, 2]))
    #expect(isClose(try simple(x, training: true), last))
    let copy = try LSTMCell(config: LSTMCell(4, options: options).config)
    #expect(copy.config["weight_dropout"] == 0.999_999)
  }

  /// States and gradients of a layer that computes steps a second time are those of one that does
  /// not, to the last bit; products of very few rows may add up in another order.
  @Test(arguments: [1, 4, 10, 50], [6, 96]) func recompute(steps: Int, units: Int) throws {
    let x = Tensor.randomNormal([4, 23, units - 1], mean: 0, standardDeviation: 1)
    let mask = Tensor.randomUniform([4, 23], low: 0, high: 1) .> 0.3
    realize([x, mask])
    let again = RecurrentOptions(recompute: steps)
    let pairs: [(RNN, RNN)] = [
      (SimpleRNN(units), SimpleRNN(units, options: again)),
      (
        LSTM(units, returnSequences: true, returnState: true),
        LSTM(units, returnSequences: true, returnState: true, options: again)
      ),
      (
        GRU(units, returnState: true, goBackwards: true),
        GRU(units, returnState: true, goBackwards: true, options: again)
      ),
      (
        GRU(units, useBias: false, resetAfter: false, returnSequences: true),
        GRU(units, useBias: false, resetAfter: false, returnSequences: true, options: again)
      ),
    ]
    for ((plain, again), mask) in zip(pairs, [nil, mask, nil, mask]) {
      _ = try (plain([x]), again([x]))
      for (from, to) in zip(plain.weights, again.weights) { to.value = from.value }
      let expected = try results(plain, x, mask)
      let found = try results(again, x, mask)
      #expect(found.count == 2 + plain.weights.count)
      if steps > 1 {
        #expect(found == expected, "\(plain.label)")
      } else {
        let pairs = zip(found, expected).map { (Tensor($0), Tensor($1)) }
        #expect(pairs.allSatisfy { isClose($0, $1, tolerance: 1e-4) }, "\(plain.label)")
      }
    }
  }

  /// Outputs in training, and gradients at the input and all weights.
  private func results(_ layer: RNN, _ x: Tensor, _ mask: Tensor?) throws -> [[Float]] {
    let points = [x] + layer.weights.map(\.value)
    let saved = layer.weights.map(\.value)
    let (value, gradients) = try valueAndGradient(at: points) { values in
      for (variable, value) in zip(layer.weights, values.dropFirst()) { variable.value = value }
      var loss = Tensor.zeros([])
      for output in try layer([values[0]], masks: [mask], training: true) {
        let numbers = Tensor.range(0, output.count).cast(to: .float32).reshape(output.shape)
        loss = loss + (output * (numbers * 0.7).sin()).sum()
      }
      return loss
    }
    for (variable, value) in zip(layer.weights, saved) { variable.value = value }
    return [value.dataSync()] + gradients.map { $0.dataSync() }
  }

  @Test func recomputeIsOfOneStepAtLeast() throws {
    #expect(throws: ModelError.self) {
      try GRU(3, options: RecurrentOptions(recompute: 0)).outputShapes(for: [[nil, 4, 2]])
    }
    let layer = LSTM(3, options: RecurrentOptions(recompute: 7))
    #expect(layer.config["recompute"]?.int == 7)
    #expect(LSTM(3).config["recompute"] == nil)
    try checkLayer(
      { LSTM(3, options: RecurrentOptions(recompute: 3)) }, [sequences], gives: [3, 3],
      parameters: 4 * (6 + 9 + 3), training: true)
  }
}

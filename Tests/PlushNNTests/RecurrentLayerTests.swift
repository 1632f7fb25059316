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
}

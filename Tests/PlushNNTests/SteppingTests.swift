import PlushNN
import PlushTensor
import Testing

/// States that go from call to call, and sequences of different lengths.
@Suite struct SteppingTests {
  private func network(steps: Int?, stateful: Bool = false) -> Sequential {
    Sequential {
      LSTM(5, returnSequences: true, stateful: stateful, inputShape: [steps, 3])
      GRU(4, stateful: stateful)
      Dense(2)
    }
  }

  private func sequence(_ steps: Int) -> Tensor {
    Tensor.randomNormal([1, steps, 3], mean: 0, standardDeviation: 1)
  }

  @Test func stepsAreTheSequence() throws {
    let model = network(steps: 7)
    let x = sequence(7)
    let whole = try model.predict(x)
    let stepper = try Stepper(model)
    for _ in 0..<2 {
      var last = Tensor([0.0])
      for step in 0..<7 { last = try stepper(x[.all, step..<step + 1]) }
      #expect(isClose(last, whole))
      stepper.reset()
    }
  }

  @Test func statesAreKeptAndSetAgain() throws {
    let stepper = try Stepper(network(steps: nil))
    let (first, second) = (sequence(1), sequence(1))
    _ = try stepper(first)
    let kept = stepper.states
    #expect(kept.map(\.count) == [2, 1])
    let expected = try stepper(second)
    _ = try stepper(first)
    stepper.states = kept
    #expect(isClose(try stepper(second), expected))
  }

  @Test func backwardsCannotBeStepped() throws {
    let model = Sequential { GRU(4, goBackwards: true, inputShape: [nil, 3]) }
    let stepper = try Stepper(model)
    #expect(throws: ModelError.self) { try stepper(sequence(1)) }
  }

  @Test func statefulLayersGoOn() throws {
    let plain = network(steps: nil)
    let stateful = network(steps: nil, stateful: true)
    try stateful.build()
    try plain.build()
    for (from, to) in zip(plain.weights, stateful.weights) { to.value = from.value }
    #expect(plain.weights.count == stateful.weights.count)
    let x = sequence(6)
    let expected = try plain.predict(x)
    for _ in 0..<2 {
      _ = try stateful.predict(x[.all, 0..<3])
      #expect(isClose(try stateful.predict(x[.all, 3..<6]), expected))
      stateful.resetStates()
    }
    #expect(!isClose(try stateful.predict(x[.all, 3..<6]), expected))
  }

  /// Truncated back-propagation: a window is learned from the state that the one before it left, which
  /// is a number like any other to its gradient.
  @Test func trainingGoesOnFromWindowToWindow() throws {
    let stateful = Sequential {
      LSTM(4, stateful: true, inputShape: [nil, 3])
      Dense(2, useBias: false)
    }
    try stateful.build()
    let (layer, dense) = (LSTM(4, returnState: true), Dense(2, useBias: false))
    let windows = (0..<2).map { _ in Tensor.randomNormal([2, 5, 3]) }
    let truth = Tensor.randomNormal([2, 2])
    var left = [Tensor.zeros([2, 4]), Tensor.zeros([2, 4])]
    _ = try dense(layer([windows[0]] + left)[0])
    let weights = layer.weights + dense.weights
    for (from, to) in zip(stateful.weights, weights) { to.value = from.value }
    try stateful.compile(optimizer: .sgd(learningRate: 0.5), loss: .meanSquaredError)
    for window in windows {
      _ = try stateful.trainOnBatch(window, truth)
      // The same by hand.
      let values = weights.map(\.value)
      let outputs = try layer([window] + left)
      let loss = (try dense(outputs[0]) - truth).square().mean()
      let slopes = gradients(of: loss, withRespectTo: values)
      left = outputs.dropFirst().map { Tensor($0.dataSync(), shape: $0.shape) }
      for (weight, (value, slope)) in zip(weights, zip(values, slopes)) {
        weight.value = value - slope * 0.5
      }
    }
    for (found, expected) in zip(stateful.weights, weights) {
      #expect(isClose(found.value, expected.value))
    }
  }

  @Test func anyLengthIsPredicted() throws {
    let model = network(steps: nil)
    for steps in [1, 2, 9] {
      #expect(try model.predict(sequence(steps)).shape == [1, 2])
    }
    let fixed = network(steps: 4)
    #expect(throws: (any Error).self) { try fixed.predict(sequence(5)) }
  }

  private func sentences(_ lengths: [Int]) -> Dataset {
    Dataset(count: lengths.count) { index in
      let length = lengths[index]
      return Samples(Tensor.full([length], Int32(index + 1)), Tensor([Float(length)]))
    }
  }

  @Test func bucketsAreTight() async throws {
    let data = sentences([3, 9, 4, 30, 2, 10]).bucketed(2, boundaries: [4, 10])
    var shapes: [[Int]] = []
    var rows: [[Float]] = []
    for try await batch in data {
      shapes.append(batch.inputs[0].shape)
      #expect(batch.truths[0].shape == [batch.count, 1])
      rows.append(batch.inputs[0][0].cast(to: .float32).dataSync())
    }
    #expect(shapes == [[2, 4], [2, 10], [1, 4], [1, 30]])
    #expect(rows[0] == [1, 1, 1, 0])
  }

  @Test func batchesArePadded() async throws {
    let data = sentences([3, 1, 2]).paddedBatch(2, padding: -1)
    #expect(data.count == 2)
    var rows: [[Float]] = []
    for try await batch in data {
      rows.append(batch.inputs[0].cast(to: .float32).dataSync())
    }
    #expect(rows == [[1, 1, 1, 2, -1, -1], [3, 3]])
  }

  /// What padding adds changes nothing.
  @Test func paddingDoesNotCount() throws {
    let model = Sequential {
      Embedding(10, 4, maskZero: true, inputShape: [nil])
      try! Bidirectional(LSTM(3))
      Dense(1)
    }
    let short = try model.predict(Tensor([[3, 4, 5]] as [[Int32]]))
    let padded = try model.predict(Tensor([[3, 4, 5, 0, 0]] as [[Int32]]))
    #expect(isClose(short, padded))
  }
}

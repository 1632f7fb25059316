import PlushNN
import PlushTensor
import Testing

@Suite struct OptimizerTests {
  /// A small network with the weights that all golden traces begin with.
  private func network(_ file: JSON) throws -> Sequential {
    let model = Sequential {
      Dense(4, activation: .tanh, inputShape: [5], name: "d1")
      Dense(2, name: "d2")
    }
    try model.build()
    for weight in model.namedWeights {
      weight.variable.value = try #require(file["start"]?[weight.name]).tensor
    }
    return model
  }

  /// Six steps of every optimizer and of every option.
  @Test func stepsAreThoseOfKeras() throws {
    let file = try golden("optimizers")
    let (x, y) = (try #require(file["x"]).tensor, try #require(file["y"]).tensor)
    let traces = try file.get("traces", \.array)
    #expect(traces.count == 27)
    for trace in traces {
      let model = try network(file)
      let optimizer = try Optimizers.make(
        try trace.get("class_name", \.string), config: try trace.get("config") { $0 })
      try model.compile(optimizer: optimizer, loss: .meanSquaredError)
      for (step, loss) in try trace.get("losses", \.array).enumerated() {
        let found = try model.trainOnBatch(x[step], y[step])
        #expect(abs(Double(found) - loss.number) < 1e-5, "\(trace.caseName), step \(step)")
      }
      for weight in model.namedWeights {
        let expected = try #require(trace["final"]?[weight.name]).tensor
        expectClose(
          weight.variable.value, expected, relative: 0, absolute: 5e-5,
          "\(trace.caseName), \(weight.name)")
      }
    }
  }

  /// Every default is that of Keras, and its configuration comes out as it went in.
  @Test func configurationsAreThoseOfKeras() throws {
    let defaults = try golden("optimizers").get("defaults", \.object)
    #expect(defaults.count == 14)
    for (name, expected) in defaults {
      let made = try Optimizers.make(name)
      for (key, value) in expected.object ?? [:] {
        let found = made.config[key] ?? "missing"
        #expect(isSame(found, value), "\(name), \(key): \(found) is not \(value)")
      }
      let again = try Optimizers.make(name, config: try JSON(parsing: try made.config.text()))
      #expect(again.config == made.config, "\(name)")
    }
  }

  private func isSame(_ left: JSON, _ right: JSON) -> Bool {
    guard let left = left.double, let right = right.double else { return left == right }
    return abs(left - right) <= 1e-6 * abs(right)
  }

  @Test func optionsSurviveFiles() throws {
    let options = OptimizerOptions(
      schedule: .cosineDecay(0.1, steps: 10), weightDecay: 0.2, undecayed: ["bias"], clipNorm: 1,
      useEMA: true, emaMomentum: 0.5, emaOverwriteFrequency: 3, gradientAccumulationSteps: 2,
      lossScaleFactor: 8)
    let config = try JSON(parsing: try Nadam(options: options).config.text())
    #expect(try Nadam(config: config).config == config)
    #expect(config["learning_rate"]?["class_name"] == "CosineDecay")
    #expect(throws: ModelError.self) { try SGD(config: ["clipnorm": 1, "clipvalue": 1]) }
    #expect(throws: ModelError.self) { try SGD(config: ["gradient_accumulation_steps": 0]) }
    #expect(throws: ModelError.self) { try SGD(config: ["learning_rate": ["class_name": "No"]]) }
  }

  /// Learning rates, counters and what is selected by them are part of one program.
  @Test func stepsAreTracedOnce() throws {
    final class Counter: @unchecked Sendable { var count = 0 }
    struct Counting: Optimizer {
      let counter: Counter
      var learningRate = 0.1
      var options = OptimizerOptions(
        schedule: .exponentialDecay(0.1, steps: 2, rate: 0.5), useEMA: true,
        emaOverwriteFrequency: 3, gradientAccumulationSteps: 2)
      func update(
        _ weight: Tensor, gradient: Tensor, slots: inout [Tensor], learningRate: Tensor,
        step: Tensor
      ) -> Tensor {
        counter.count += 1
        return weight - gradient * learningRate
      }
    }
    let (file, counter) = (try golden("optimizers"), Counter())
    let (x, y) = (try #require(file["x"]).tensor, try #require(file["y"]).tensor)
    let model = try network(file)
    try model.compile(optimizer: Counting(counter: counter), loss: .meanSquaredError)
    for step in 0..<6 { try model.trainOnBatch(x[step], y[step]) }
    #expect(counter.count == model.weights.count)
  }

  @Test func names() throws {
    for name in ["adamw", "adamW", "adam_w", "AdamW"] {
      #expect(try Optimizers.make(name) is AdamW)
    }
    #expect(throws: ModelError.self) { try Optimizers.make("adamx") }
  }

  /// Gradients of float32 are the same whether the loss was scaled or not.
  @Test func lossScalesCancel() throws {
    let file = try golden("optimizers")
    let (x, y) = (try #require(file["x"]).tensor, try #require(file["y"]).tensor)
    var weights: [[Float]] = []
    for scale in [nil, 1024.0] {
      let model = try network(file)
      try model.compile(
        optimizer: .sgd(options: .init(lossScaleFactor: scale)), loss: .meanSquaredError)
      for step in 0..<3 { try model.trainOnBatch(x[step], y[step]) }
      weights.append(model.weights.flatMap { $0.value.dataSync() })
    }
    #expect(weights[0] == weights[1])
  }

  /// The state of an optimizer, with means and sums, goes on as if nothing had been.
  @Test(arguments: ["Adam", "Nadam", "Adafactor", "Muon", "Ftrl"])
  func stateSurvives(_ name: String) throws {
    let file = try golden("optimizers")
    let (x, y) = (try #require(file["x"]).tensor, try #require(file["y"]).tensor)
    let config: JSON = [
      "use_ema": true, "gradient_accumulation_steps": 2, "ema_overwrite_frequency": 3,
    ]
    func compiled() throws -> Sequential {
      let model = try network(file)
      try model.compile(
        optimizer: try Optimizers.make(name, config: config), loss: .meanSquaredError)
      return model
    }
    let (whole, first, second) = (try compiled(), try compiled(), try compiled())
    for step in 0..<6 { try whole.trainOnBatch(x[step], y[step]) }
    for step in 0..<3 { try first.trainOnBatch(x[step], y[step]) }
    for (old, new) in zip(first.namedWeights, second.namedWeights) {
      new.variable.value = old.variable.value
    }
    let state = first.optimizerState
    try second.setOptimizerState(
      Dictionary(uniqueKeysWithValues: state.map { ($0.name, $0.value) }))
    for step in 3..<6 { try second.trainOnBatch(x[step], y[step]) }
    #expect(
      whole.weights.map { $0.value.dataSync() } == second.weights.map { $0.value.dataSync() })
  }
}

@Suite struct ScheduleTests {
  @Test func ratesAreThoseOfKeras() throws {
    let cases = try #require(golden("schedules").array)
    #expect(cases.count == 12)
    for test in cases {
      let options = try OptimizerOptions(config: ["learning_rate": test])
      let schedule = try #require(options.schedule)
      let steps = try test.get("steps", \.array)
      for (step, rate) in zip(steps, try test.get("rates", \.array)) {
        let found = schedule.rate(at: Tensor(Float(step.number))).item()
        #expect(
          abs(Double(found) - rate.number) < 1e-6 + 1e-5 * rate.number,
          "\(test.caseName), step \(step.number): \(found) is not \(rate.number)")
      }
      for (key, value) in test["config"]?.object ?? [:] {
        #expect(schedule.config[key]?.double == value.double, "\(test.caseName), \(key)")
      }
    }
  }

  @Test func ownSchedule() throws {
    struct Halving: LearningRateSchedule {
      func rate(at step: Tensor) -> Tensor { Tensor(Float(0.5)).pow(step) }
    }
    let model = Sequential([Dense(1, useBias: false, kernelInitializer: .zeros, inputShape: [1])])
    try model.compile(
      optimizer: .sgd(options: .init(schedule: Halving())),
      loss: Loss("slope") { _, prediction in -prediction })
    #expect(model.learningRate == 1)
    for _ in 0..<3 { try model.trainOnBatch(Tensor([[1.0]]), Tensor([[0.0]])) }
    #expect(abs(model.weights[0].value.item() - 1.75) < 1e-6)
    #expect(model.learningRate == 0.125)
  }
}

extension JSON {
  /// The number, or one that equals nothing.
  var number: Double { double ?? .nan }
}

import PlushNN
import PlushTensor
import Testing

@Suite struct TuningTests {
  @Test func foldsCoverAllSamples() throws {
    let splits = try KFold(3, seed: 4).splits(count: 10)
    #expect(splits.flatMap(\.test).sorted() == Array(0..<10))
    #expect(splits.map(\.test.count).sorted() == [3, 3, 4])
    for split in splits { #expect((split.train + split.test).sorted() == Array(0..<10)) }
    #expect(try KFold(3, seed: 4).splits(count: 10) == splits)
    #expect(try KFold(3, seed: 5).splits(count: 10) != splits)
    #expect(try KFold(2, shuffle: false).splits(count: 4)[0].test == [0, 2])
    #expect(throws: DataError.self) { try KFold(3).splits(count: 2) }
  }

  @Test func strataKeepShares() throws {
    let labels = (0..<30).map { $0 % 3 == 0 ? 1 : 0 }
    for split in try KFold(5).stratifiedSplits(labels: labels) {
      #expect(split.test.count { labels[$0] == 1 } == 2)
      #expect(split.test.count == 6)
    }
  }

  private static func line(rate: Double) throws -> Sequential {
    let model = Sequential([Dense(1, kernelInitializer: .zeros, inputShape: [1])])
    try model.compile(
      optimizer: .sgd(learningRate: rate), loss: .meanSquaredError, metrics: [.mae])
    return model
  }

  private let x = Tensor((0..<20).map { Float($0) / 20 }).reshape([20, 1])

  @Test func crossValidation() async throws {
    let y = x * 3 + 1
    let results = try await KFold(4).evaluate(x, y) { x, y in
      let model = try Self.line(rate: 0.3)
      try await model.fit(x, y, epochs: 60, batchSize: 5, verbose: .silent, seed: 1)
      return model
    }
    #expect(results["loss"].count == 4)
    #expect(try #require(results.mean("mae")) < 0.1)
    #expect(results.rows.map { $0.parameters["fold"]?.int } == [0, 1, 2, 3])
  }

  @Test func grid() async throws {
    let y = x * 3 + 1
    let space: SearchSpace = ["rate": .values([0.001, 0.3, 1e9]), "size": .integers(4...5)]
    let results = try await HyperparameterSearch(space).run(epochs: 10) { parameters, epochs in
      let model = try Self.line(rate: parameters["rate"]?.double ?? 0)
      return try await model.fit(
        x, y, epochs: epochs, batchSize: parameters["size"]?.int ?? 1, validationSplit: 0.2,
        verbose: .silent, seed: 1)
    }
    #expect(results.rows.count == 6)
    #expect(results.best()?.parameters["rate"] == 0.3)
    #expect(results.csv.split(separator: "\n").count == 7)
    #expect(results.csv.hasPrefix("epochs,rate,size,loss,mae,val_loss,val_mae\n"))
    #expect(results.description.split(separator: "\n")[0].hasPrefix("epochs  rate"))
  }

  @Test func randomStaysInRange() async throws {
    let space: SearchSpace = [
      "a": .uniform(-1...1), "b": .logarithmic(0.001...1), "c": .integers(3...5),
      "d": .values(["x", "y"]),
    ]
    var seen: [[String: JSON]] = []
    let search = HyperparameterSearch(space, .random(trials: 60, seed: 2), monitor: "loss")
    let results = try await search.run(epochs: 1) { parameters, _ in
      seen.append(parameters)
      return try Self.history([parameters["b"]?.double ?? 0])
    }
    #expect(seen.allSatisfy { abs($0["a"]?.double ?? 2) <= 1 })
    #expect(seen.allSatisfy { (0.001...1).contains($0["b"]?.double ?? 2) })
    #expect(seen.count { ($0["b"]?.double ?? 2) < 0.0316 } > 15)
    let (counts, letters) = (seen.compactMap { $0["c"]?.int }, seen.compactMap { $0["d"]?.string })
    #expect(Set(counts) == [3, 4, 5])
    #expect(Set(letters) == ["x", "y"])
    let least = seen.compactMap { $0["b"]?.double }.min()
    #expect(results.best(by: "loss")?.parameters["b"]?.double == least)
    #expect(throws: ModelError.self) { try Self.endless() }
  }

  private static func endless() throws {
    let space: SearchSpace = ["a": .uniform(0...1)]
    _ = try space.grid()
  }

  /// What `fit` would give for these losses.
  private static func history(_ losses: [Double]) throws -> History {
    let json: JSON = [
      "epochs": .array(losses.indices.map(JSON.int)),
      "logs": .array(losses.map { [["loss", .double($0)]] }),
    ]
    return try #require(History(json: json))
  }

  /// Nine trials for one epoch, three for three, one for nine.
  @Test func halving() async throws {
    let space: SearchSpace = ["a": .uniform(0...1)]
    var epochsSeen: [Int] = []
    let search = HyperparameterSearch(
      space, .successiveHalving(trials: 9, factor: 3), monitor: "loss")
    let results = try await search.run(epochs: 9) { parameters, epochs in
      epochsSeen.append(epochs)
      return try Self.history([parameters["a"]?.double ?? 0, 2])
    }
    let expected = [Int](repeating: 1, count: 9) + [3, 3, 3, 9]
    #expect(epochsSeen == expected)
    let last = try #require(results.rows.last)
    #expect(last.results["loss"] == results["loss"].min())
    await #expect(throws: DataError.self) {
      try await HyperparameterSearch(space, .random(trials: 1)).run(epochs: 1) { _, _ in
        try Self.history([1])
      }
    }
  }
}

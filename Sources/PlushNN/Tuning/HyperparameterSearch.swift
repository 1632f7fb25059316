/// Trains with different hyper-parameters to find the best.
///
/// ```swift
/// let search = HyperparameterSearch(space, .random(trials: 20))
/// let results = try await search.run(epochs: 30) { parameters, epochs in
///   let model = try makeModel(units: parameters["units"]?.int ?? 16)
///   return try await model.fit(x, y, epochs: epochs, validationSplit: 0.2)
/// }
/// print(results.best()?.parameters)
/// ```
public struct HyperparameterSearch: Sendable {
  /// Which combinations are tried.
  public enum Strategy: Sendable {
    /// All.
    case grid
    /// So many drawn at random.
    case random(trials: Int, seed: Int = 0)
    /// So many drawn at random for few epochs, then the best of them for more: Jamieson and
    /// Talwalkar, "Non-stochastic best arm identification", 2015. Of each round one in `factor` goes
    /// on, with `factor` times the epochs; the last round has all of them.
    case successiveHalving(trials: Int, factor: Int = 3, seed: Int = 0)
  }

  /// What hyper-parameters may be.
  public let space: SearchSpace
  /// Which combinations are tried.
  public let strategy: Strategy
  /// The name of the value that decides.
  public let monitor: String
  /// Which way it improves.
  public let mode: EarlyStopping.Mode

  /// Creates a search.
  public init(
    _ space: SearchSpace, _ strategy: Strategy = .grid, monitor: String = "val_loss",
    mode: EarlyStopping.Mode = .automatic
  ) {
    self.space = space
    self.strategy = strategy
    self.monitor = monitor
    self.mode = mode
  }

  /// Trains with every combination.
  ///
  /// - Parameters:
  ///   - epochs: the epochs of a whole training.
  ///   - train: trains a new model with hyper-parameters for some epochs.
  /// - Returns: a row for each training, with the best epoch's values; `epochs` is among its
  ///   parameters.
  /// - Throws: `ModelError` if a grid has no end or no combinations, `DataError` if a training does
  ///   not give the value that decides, and what `train` throws.
  nonisolated(nonsending) public func run(
    epochs: Int,
    train:
      nonisolated(nonsending) (
        _ parameters: [String: JSON], _ epochs: Int
      ) async throws -> History
  ) async throws -> ResultsTable {
    var table = ResultsTable()
    var combinations = try self.combinations()
    for epochs in rounds(epochs, combinations.count) {
      var round = ResultsTable()
      for parameters in combinations {
        let logs = try best(of: try await train(parameters, epochs))
        round.append(parameters, logs)
        table.append(parameters.merging(["epochs": .int(epochs)]) { $1 }, logs)
      }
      let kept = max(1, combinations.count / factor)
      combinations = round.sorted(by: monitor, mode: mode).prefix(kept).map(\.parameters)
    }
    return table
  }

  private func combinations() throws -> [[String: JSON]] {
    let all =
      switch strategy {
      case .grid: try space.grid()
      case .random(let trials, let seed), .successiveHalving(let trials, _, let seed):
        space.samples(trials, seed: seed)
      }
    if all.isEmpty {
      throw ModelError(expected: "at least one combination to try", found: "none")
    }
    return all
  }

  private var factor: Int {
    if case .successiveHalving(_, let factor, _) = strategy { max(2, factor) } else { 1 }
  }

  /// The epochs of each round, the last being the whole.
  private func rounds(_ epochs: Int, _ trials: Int) -> [Int] {
    guard case .successiveHalving = strategy else { return [epochs] }
    var rounds = [epochs]
    var left = trials
    while left / factor > 0 && left > 1 {
      rounds.insert(max(1, rounds[0] / factor), at: 0)
      left /= factor
    }
    return rounds
  }

  /// The values of the epoch that was best.
  private func best(of history: History) throws -> Logs {
    var table = ResultsTable()
    for logs in history.logs { table.append([:], logs) }
    guard let best = table.best(by: monitor, mode: mode) else {
      throw DataError(
        .argument, expected: "a value '\(monitor)' to compare by",
        found: "only " + history.names.joined(separator: ", "),
        hint: monitor.hasPrefix("val_") ? "train with validationSplit or validationData" : nil)
    }
    return best.results
  }
}

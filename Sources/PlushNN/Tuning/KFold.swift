import PlushTensor

/// Parts of samples, each of which is the test of a model that was trained on the others.
public struct KFold: Sendable {
  /// How many parts there are.
  public let folds: Int
  /// Whether samples are mixed before.
  public let shuffle: Bool
  /// Decides how they are mixed.
  public let seed: Int

  /// The numbers of samples to train and to test with.
  public struct Split: Sendable, Hashable {
    /// The samples to train with.
    public let train: [Int]
    /// The samples to test with.
    public let test: [Int]
  }

  /// Creates the division into parts; there must be two at least.
  public init(_ folds: Int = 5, shuffle: Bool = true, seed: Int = 0) {
    precondition(folds > 1, "a division into 2 parts or more, not \(folds)")
    self.folds = folds
    self.shuffle = shuffle
    self.seed = seed
  }

  /// The parts of samples; sizes differ by one at most.
  ///
  /// - Throws: `DataError` if there are fewer samples than parts.
  public func splits(count: Int) throws -> [Split] {
    try splits(of: order(count).map { [$0] }, count: count)
  }

  /// Parts in which each class is as frequent as in all.
  ///
  /// - Parameter labels: the class of each sample.
  /// - Throws: `DataError` if there are fewer samples than parts.
  public func stratifiedSplits(labels: [Int]) throws -> [Split] {
    let byClass = Dictionary(grouping: order(labels.count)) { labels[$0] }
    return try splits(of: byClass.keys.sorted().map { byClass[$0] ?? [] }, count: labels.count)
  }

  private func order(_ count: Int) -> [Int] {
    shuffle ? shuffledOrder(count: count, seed: seed, epoch: 0).map(Int.init) : Array(0..<count)
  }

  /// Deals samples out to the parts in turn, without a break between groups.
  private func splits(of groups: [[Int]], count: Int) throws -> [Split] {
    guard count >= folds else {
      throw DataError(.count, expected: "at least \(folds) samples", found: "\(count)")
    }
    var part = [Int](repeating: 0, count: count)
    for (place, sample) in groups.joined().enumerated() { part[sample] = place % folds }
    return (0..<folds).map { fold in
      Split(
        train: (0..<count).filter { part[$0] != fold },
        test: (0..<count).filter { part[$0] == fold })
    }
  }

  /// Trains and tests a new model on each part.
  ///
  /// ```swift
  /// let results = try await KFold(5).evaluate(x, y) { x, y in
  ///   let model = try makeModel()
  ///   try await model.fit(x, y, epochs: 20)
  ///   return model
  /// }
  /// print(results)
  /// ```
  ///
  /// - Parameters:
  ///   - x: the inputs.
  ///   - y: the truth.
  ///   - train: gives a compiled model that was trained on samples.
  /// - Returns: a row for each part, with loss and metrics on its samples.
  /// - Throws: `DataError` if there are fewer samples than parts, and what `train` throws.
  nonisolated(nonsending) public func evaluate(
    _ x: Tensor, _ y: Tensor,
    train: nonisolated(nonsending) (_ x: Tensor, _ y: Tensor) async throws -> Model
  ) async throws -> ResultsTable {
    var table = ResultsTable()
    for (number, split) in try splits(count: x.shape.first ?? 0).enumerated() {
      let model = try await train(x.picking(split.train), y.picking(split.train))
      let logs = try model.evaluate(x.picking(split.test), y.picking(split.test))
      table.append(["fold": .int(number)], logs)
    }
    return table
  }
}

extension Tensor {
  fileprivate func picking(_ rows: [Int]) -> Tensor { gather(Tensor(rows.map { Int32($0) })) }
}

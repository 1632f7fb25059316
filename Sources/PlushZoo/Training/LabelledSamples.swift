import Plush

/// Inputs with the truth for each: in memory, or made one after another by a data set.
public struct LabelledSamples: Sendable {
  /// Where the samples are.
  private enum Source {
    case memory(Samples)
    case stream(Dataset)
  }

  /// How many samples there are.
  public let count: Int
  private let source: Source

  /// Samples in memory; the first axis of every array counts them.
  public init(_ samples: Samples) {
    count = samples.count
    source = .memory(samples)
  }

  /// Samples in memory of a network with one input and one output.
  public init(_ x: Tensor, _ y: Tensor) { self.init(Samples(x, y)) }

  /// Samples that are made when they are asked for: files read on the way, random changes.
  ///
  /// - Parameter dataset: a data set of single samples, in an order that only seed and epoch
  ///   decide. What a network is judged by comes in the same order each time.
  /// - Precondition: the data set knows how many it has.
  public init(_ dataset: Dataset) {
    guard let count = dataset.count else {
      preconditionFailure("samples need a data set that knows how many it has")
    }
    self.count = count
    source = .stream(dataset)
  }

  /// The arrays of samples in memory; nil for those that are made on the way.
  var inMemory: Samples? {
    if case .memory(let samples) = source { samples } else { nil }
  }

  /// The samples in batches, each made while the one before it is used.
  func batches(of size: Int) -> Dataset {
    switch source {
    case .stream(let dataset): dataset.batch(size).prefetch()
    case .memory(let samples):
      Dataset(count: (count + size - 1) / size) { [count] batch in
        samples[batch * size..<min(count, (batch + 1) * size)]
      }
    }
  }

  /// The samples, or the first of them, put together in memory.
  ///
  /// - Throws: what making them throws.
  public nonisolated(nonsending) func first(_ limit: Int = .max) async throws -> Samples {
    let limit = min(limit, count)
    switch source {
    case .memory(let samples): return samples[0..<limit]
    case .stream(let dataset): return try await dataset.take(limit).together(limit)
    }
  }

  /// Some of the samples, put together in memory.
  ///
  /// - Parameter places: their numbers, ascending.
  /// - Throws: what making them throws.
  public nonisolated(nonsending) func picked(_ places: [Int]) async throws -> Samples {
    switch source {
    case .memory(let samples):
      let picks = Tensor(places.map { Int32($0) })
      return samples.mapArrays { $0.gather(picks, axis: 0) }
    case .stream(let dataset):
      let numbers = Dataset(count: count) { Samples(inputs: [Tensor(Int32($0))]) }
      let wanted = Set(places.map { Int32($0) })
      return try await dataset.zip(numbers)
        .filter { wanted.contains($0.inputs[$0.inputs.count - 1].item(as: Int32.self)) }
        .map { Samples(inputs: $0.inputs.dropLast(), truths: $0.truths, weights: $0.weights) }
        .together(places.count)
    }
  }
}

extension Samples {
  /// Some samples that follow each other.
  fileprivate subscript(range: Range<Int>) -> Samples {
    range == 0..<count ? self : mapArrays { $0[range] }
  }
}

extension Dataset {
  /// So many elements in one batch.
  fileprivate nonisolated(nonsending) func together(_ count: Int) async throws -> Samples {
    var batches = batch(Swift.max(1, count)).iterator()
    guard let samples = try await batches.next() else {
      throw ZooError("expected samples, found none")
    }
    return samples
  }
}

extension Model {
  /// Trains the model on the samples of a network.
  nonisolated(nonsending) func fit(
    _ data: NetworkData, _ options: TrainingOptions, callbacks: [any Callback],
    resumeFrom state: TrainingState? = nil
  ) async throws -> History {
    let (epochs, batchSize) = (options.parameters.epochs, options.parameters.batchSize)
    guard let training = data.training.inMemory else {
      return try await fit(
        data.training.batches(of: batchSize), epochs: epochs,
        validation: data.validation?.batches(of: batchSize), callbacks: callbacks,
        verbose: .silent, seed: options.seed, resumeFrom: state)
    }
    let validation = try await data.validation?.first()
    return try await fit(
      training.inputs, training.truths, epochs: epochs, batchSize: batchSize,
      validationData: validation.map { ($0.inputs, $0.truths) }, callbacks: callbacks,
      verbose: .silent, seed: options.seed, resumeFrom: state)
  }

  /// Loss and metrics on samples.
  nonisolated(nonsending) func evaluate(
    _ samples: LabelledSamples, batchSize: Int
  ) async throws -> Logs {
    guard let all = samples.inMemory else {
      return try await evaluate(samples.batches(of: batchSize))
    }
    return try evaluate(all.inputs, all.truths, batchSize: batchSize)
  }

  /// What the model says about samples, beside the truth; of the first output.
  ///
  /// - Throws: `DataError` if the samples do not fit the model, and what making them throws.
  public nonisolated(nonsending) func judge(
    _ samples: LabelledSamples, batchSize: Int
  ) async throws -> (truths: Tensor, predictions: Tensor) {
    var (truths, predictions): ([Tensor], [Tensor]) = ([], [])
    for try await batch in samples.batches(of: batchSize) {
      truths.append(batch.truths[0])
      predictions.append(try predict(batch.inputs, batchSize: batchSize)[0])
    }
    return (concatenate(truths, axis: 0), concatenate(predictions, axis: 0))
  }
}

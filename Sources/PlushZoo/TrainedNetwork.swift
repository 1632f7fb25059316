import Plush

/// A network of the zoo that was trained and saved.
public struct TrainedNetwork {
  /// The network.
  public let network: any Network
  /// The model.
  public let model: Model
  /// What `NetworkData.record` said when it was trained.
  public let record: JSON
  private let options: JSON

  /// Loads the network that is saved in a folder.
  ///
  /// - Throws: `ZooError` if there is none, `FileError` if it is damaged.
  public init(_ folder: ModelFolder) throws {
    model = try folder.load()
    guard let saved = try folder.record() else {
      throw ZooError(
        "the model in \(folder.path) is not of the zoo",
        hint: "use it in Swift, with loadModel(from:)")
    }
    options = saved["options"] ?? [:]
    network = try Zoo.network(named: saved.get("network", \.string)).with(options)
    record = saved["data"] ?? [:]
  }

  /// The samples that the network was not trained with, or those of other data.
  public func testSamples(
    _ path: String?, _ reporter: any Reporter
  ) throws -> (LabelledSamples, origin: String) {
    let seed = options["seed"]?.int ?? 1
    // The split is drawn as it was in training.
    PlushTensor.seed(seed)
    let found = try network.data(
      from: path ?? options["data"]?.string, seed: seed, reporter: reporter)
    return (found.test, found.origin)
  }

  /// How many samples are computed at once.
  public var batchSize: Int { options["batch_size"]?.int ?? network.defaults.batchSize }

  /// Loss and metrics on samples.
  public nonisolated(nonsending) func evaluate(_ samples: LabelledSamples) async throws -> Logs {
    if model.training == nil { try network.compile(model, network.defaults) }
    return try await model.evaluate(samples, batchSize: batchSize)
  }

  /// The names of the classes, if they are known.
  public var classNames: [String]? {
    (record["classes"]?.array).map { $0.compactMap(\.string) }
  }

  /// What a classifier of pictures says about samples; nil for other networks.
  package nonisolated(nonsending) func judgePictures(
    _ samples: LabelledSamples
  ) async throws -> PictureJudgement? {
    guard let network = network as? any PictureClassifier else { return nil }
    let record = try PictureRecord(record, otherwise: network.usualRecord)
    return try await PictureJudgement(model, samples, record)
  }

  /// Answers for the samples in a file.
  public func answers(to path: String) throws -> [Answer] {
    try network.answers(to: path, model, record: record)
  }

  /// The network, if it is of a type.
  ///
  /// - Parameter task: what it is wanted for, as an error tells it.
  /// - Throws: `ZooError` if it is of another.
  public func network<N: Network>(as type: N.Type, to task: String) throws -> N {
    if let network = network as? N { return network }
    throw ZooError(
      "the model is of the network '\(network.name)', which does not \(task)",
      hint: "train one that does, with: plush train \(N().name)")
  }
}

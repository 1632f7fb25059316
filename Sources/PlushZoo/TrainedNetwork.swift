import Plush

/// A network of the zoo that was trained and saved.
public struct TrainedNetwork {
  /// The network.
  public let network: any Network
  /// The model.
  public let model: Model
  private let options: JSON
  private let data: JSON

  /// Loads the network that is saved in a folder.
  ///
  /// - Throws: `ZooError` if there is none, `FileError` if it is damaged.
  public init(_ folder: ModelFolder) throws {
    model = try folder.load()
    guard let record = try folder.record() else {
      throw ZooError(
        "the model in \(folder.path) is not of the zoo",
        hint: "use it in Swift, with loadModel(from:)")
    }
    options = record["options"] ?? [:]
    network = try Zoo.network(named: record.get("network", \.string)).with(options)
    data = record["data"] ?? [:]
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
    (data["classes"]?.array).map { $0.compactMap(\.string) }
  }

  /// What a classifier of pictures says about samples; nil for other networks.
  package nonisolated(nonsending) func judgePictures(
    _ samples: LabelledSamples
  ) async throws -> PictureJudgement? {
    guard let network = network as? any PictureClassifier else { return nil }
    let record = try PictureRecord(data, otherwise: network.usualRecord)
    return try await PictureJudgement(model, samples, record)
  }

  /// Answers for the samples in a file.
  public func answers(to path: String) throws -> [Answer] {
    try network.answers(to: path, model, record: data)
  }
}

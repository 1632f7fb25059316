import Plush

/// How a network is to be trained.
public struct TrainingOptions: Sendable, Hashable {
  /// The file or folder of the data; nil lets the network find it.
  public var data: String?
  /// The hyper-parameters.
  public var parameters: Hyperparameters
  /// Decides the weights at the start, the order of samples and how they are split.
  public var seed: Int
  /// The folder the model is saved in.
  public var out: String
  /// Whether to go on where an interrupted training stands.
  public var resume: Bool
  /// What the layers compute in.
  public var precision: DTypePolicy

  /// Creates options.
  public init(
    data: String? = nil, parameters: Hyperparameters, seed: Int = 1, out: String,
    resume: Bool = false, precision: DTypePolicy = .float32
  ) {
    self.data = data
    self.parameters = parameters
    self.seed = seed
    self.out = out
    self.resume = resume
    self.precision = precision
  }
}

extension TrainingOptions {
  /// What a resumed training needs to know, and a reader of the model may want to; the settings
  /// of the network included.
  func record(for network: any Network) -> JSON {
    let record: JSON = [
      "data": data.map(JSON.string) ?? .null, "epochs": .int(parameters.epochs),
      "batch_size": .int(parameters.batchSize), "seed": .int(seed),
      "learning_rate": .double(parameters.learningRate),
      "precision": .string(precision.rawValue),
    ]
    let settings = network.settingValues.object ?? [:]
    return settings.reduce(into: record) { $0[$1.key] = $1.value }
  }
}

/// What came out of training.
public struct TrainingResult: Sendable {
  /// The name of the network.
  public let network: String
  /// Loss and metrics of each epoch.
  public let history: History
  /// Loss and metrics on the test samples; nil if training was interrupted.
  public let test: Logs?
  /// What else the network measured, such as an accuracy by cross-validation.
  public let figures: Logs
  /// How long training took.
  public let seconds: Double
  /// The folder the model is saved in.
  public let out: String
  /// Whether the user interrupted training.
  public let wasInterrupted: Bool
}

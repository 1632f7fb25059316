import Plush
import PlushMedia

/// A network of the zoo.
///
/// Each stands in a folder of three files: its parameters and entry (`Index`), its layers
/// (`Model`) and its data (`Data`).
public protocol Network: Sendable {
  /// Creates the network with its usual settings.
  init()
  /// What it can be asked for beside its hyper-parameters, as `plush train` offers it.
  static var settings: [Setting<Self>] { get }
  /// The name on the command line.
  var name: String { get }
  /// What it learns, in one line.
  var summary: String { get }
  /// What its users must know, such as how files are laid out; shown by `--help`.
  var help: String { get }
  /// The hyper-parameters it is trained with unless others are asked for.
  var defaults: Hyperparameters { get }

  /// Loads or makes the samples.
  ///
  /// - Parameters:
  ///   - path: the file or folder that the user named, if any.
  ///   - seed: decides how samples are made and split.
  ///   - reporter: is told where they come from.
  /// - Throws: `FileError` if the data are missing or damaged.
  func data(from path: String?, seed: Int, reporter: any Reporter) throws -> NetworkData

  /// Makes the untrained model.
  ///
  /// - Parameter record: what `NetworkData.record` says; empty where no data are known.
  /// - Throws: what building the model throws.
  func model(for record: JSON) throws -> Model

  /// Sets how a model learns.
  ///
  /// - Throws: `ModelError` if the model cannot be trained so.
  func compile(_ model: Model, _ parameters: Hyperparameters) throws

  /// What takes part in training, such as early stopping.
  func callbacks(_ parameters: Hyperparameters) -> [any Callback]

  /// Trains the network and saves it.
  nonisolated(nonsending) func train(
    _ options: TrainingOptions, reporter: any Reporter
  ) async throws -> TrainingResult

  /// Shows what a trained model does with its data: notes, pictures, and files in the folder of
  /// the model, which `Event.file` names.
  nonisolated(nonsending) func present(
    _ model: Model, _ data: NetworkData, in folder: ModelFolder, reporter: any Reporter
  ) async throws

  /// Answers for the samples in a file.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - model: the trained model.
  ///   - record: what `NetworkData.record` said when it was trained.
  /// - Throws: `FileError` if the file cannot be read or holds something else.
  func answers(to path: String, _ model: Model, record: JSON) throws -> [Answer]
}

extension Network {
  /// None.
  public static var settings: [Setting<Self>] { [] }

  /// Nothing.
  public var help: String { "" }

  /// Makes the untrained model where no data are known.
  ///
  /// - Throws: what building the model throws.
  public func model() throws -> Model { try model(for: [:]) }

  /// Trains the network and saves it.
  public nonisolated(nonsending) func train(
    _ options: TrainingOptions, reporter: any Reporter
  ) async throws -> TrainingResult {
    let trainer = try Trainer(self, options, reporter)
    let data = try trainer.loadData()
    let model = try model(for: data.record)
    let history = try await trainer.fit(model, data)
    return try await trainer.finish(model, data, history)
  }

  /// Nothing takes part.
  public func callbacks(_ parameters: Hyperparameters) -> [any Callback] { [] }

  /// Shows nothing.
  public nonisolated(nonsending) func present(
    _ model: Model, _ data: NetworkData, in folder: ModelFolder, reporter: any Reporter
  ) async throws {}
}

/// The hyper-parameters that every network has.
public struct Hyperparameters: Sendable, Hashable {
  /// How many times the samples are gone through.
  public var epochs: Int
  /// How many samples make one step.
  public var batchSize: Int
  /// The size of the steps.
  public var learningRate: Double

  /// Creates hyper-parameters.
  public init(epochs: Int, batchSize: Int, learningRate: Double) {
    self.epochs = epochs
    self.batchSize = batchSize
    self.learningRate = learningRate
  }
}

/// The samples of a network.
public struct NetworkData: Sendable {
  /// What is learned from.
  public var training: LabelledSamples
  /// What tells when to stop, if training does not tell.
  public var validation: LabelledSamples?
  /// What the network is judged by; never learned from.
  public var test: LabelledSamples
  /// Where the samples come from.
  public var origin: String
  /// What must be known to make the model and to turn a file into inputs later, such as names of
  /// classes or means of columns.
  public var record: JSON

  /// Creates data.
  public init(
    training: LabelledSamples, validation: LabelledSamples? = nil, test: LabelledSamples,
    origin: String, record: JSON = [:]
  ) {
    self.training = training
    self.validation = validation
    self.test = test
    self.origin = origin
    self.record = record
  }
}

/// What a network says about one sample.
public struct Answer: Sendable, Hashable {
  /// For people.
  public let text: String
  /// For programs.
  public let json: JSON
  /// Pictures that are written to files, by what their names have at the end, such as `mask`.
  public let pictures: [String: Picture]

  /// Creates an answer.
  public init(_ text: String, _ json: JSON, pictures: [String: Picture] = [:]) {
    self.text = text
    self.json = json
    self.pictures = pictures
  }
}

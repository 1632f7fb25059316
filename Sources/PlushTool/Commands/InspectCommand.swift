import ArgumentParser
import Plush
import PlushMedia
import PlushZoo

/// `plush inspect`
struct Inspect: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Look inside a saved model: its weights, and what samples do in it.",
    discussion: """
      Shows the layers and the figures of each weight, and warns of weights that are not numbers, \
      infinite or all zero. With --data it also shows what layers give for up to \
      \(sampleLimit) test samples, the gradients of the loss for them, and how well each class is \
      known. The data are those that the network reads when it is trained.

      --picture writes the graph of the layers, or with --filters what a layer looks for, or with \
      --feature-maps what it makes of a picture.

      EXAMPLES
        plush inspect mlp
        plush inspect models/mlp --picture mlp.png
        plush inspect cnn --filters conv2d --picture filters.png
        plush inspect cnn --feature-maps conv2d_1 --input digit.png --picture maps.png
        plush inspect models/titanic --data titanic.csv
        plush inspect models/mlp --json > mlp.json
      """)

  @Argument(
    help: "The folder of the model, or its name if it is in models/.", completion: .directory)
  var model: String

  @Option(
    help: ArgumentHelp("The file or folder of the data.", valueName: "path"),
    completion: .file())
  var data: String?

  @Option(
    help: ArgumentHelp(
      "Write a picture, of the graph of the layers if nothing else is said: .svg or .png.",
      valueName: "file"),
    completion: .file(extensions: ["svg", "png"]))
  var picture: String?

  @Option(
    help: ArgumentHelp("Let --picture show the filters of this layer.", valueName: "layer"))
  var filters: String?

  @Option(
    help: ArgumentHelp(
      "Let --picture show what this layer makes of --input.", valueName: "layer"))
  var featureMaps: String?

  @Option(
    help: ArgumentHelp(
      "The picture for --feature-maps: PNG, JPEG, or the first of an IDX file.",
      valueName: "file"),
    completion: .file())
  var input: String?

  @Flag(help: "Print one JSON object.")
  var json = false

  /// Figures of more samples would tell no more.
  private static let sampleLimit = 256

  func validate() throws {
    if filters != nil && featureMaps != nil {
      throw ValidationError("--filters and --feature-maps exclude each other")
    }
    if filters != nil || featureMaps != nil, picture == nil {
      throw ValidationError("--filters and --feature-maps need --picture FILE")
    }
    if (featureMaps == nil) != (input == nil) {
      throw ValidationError("--feature-maps LAYER and --input FILE need each other")
    }
  }

  func run() async throws {
    let folder = ModelFolder(named: model)
    if let picture, let shown = try layerPicture(folder) { return try shown.write(to: picture) }
    let trained = data == nil ? nil : try TrainedNetwork(folder)
    let model = try trained?.model ?? folder.load()
    if let picture { try model.drawing().write(to: picture) }
    let weights = NamedTensors(model.namedWeights).statistics()
    var use: Use?
    if let trained { use = try await self.use(trained) }
    let warnings = Self.warnings(weights, use)
    if json { return printJSON(Self.object(model, weights, use, warnings, picture)) }
    let style = Style(of: .output)
    try model.summary { writeOutput($0 + "\n") }
    Self.show("weights", weights, style)
    if let use {
      Self.show("activations", use.activations, style)
      Self.show("gradients", use.gradients, style)
      if let report = use.report { writeOutput("\n\(report)\n") }
    }
    if let picture { writeOutput("\nthe graph is in \(picture)\n") }
    let errorStyle = Style(of: .error)
    for warning in warnings {
      writeError("\(errorStyle.bold(errorStyle.yellow("warning:"))) \(warning)\n")
    }
  }

  /// The picture of a layer, if one is asked for.
  private func layerPicture(_ folder: ModelFolder) throws -> Picture? {
    guard let layer = filters ?? featureMaps else { return nil }
    let pictures = LayerPictures(model: try folder.load(), layer: layer)
    return try input.map(pictures.featureMaps) ?? pictures.filters()
  }

  /// What samples do in a model.
  private struct Use {
    let activations: StatisticsTable
    let gradients: StatisticsTable
    let report: ClassificationReport?
  }

  private func use(_ trained: TrainedNetwork) async throws -> Use {
    let reporter: any Reporter = json ? SilentReporter() : HumanReporter(isQuiet: true)
    let (samples, _) = try trained.testSamples(data, reporter)
    let (model, network) = (trained.model, trained.network)
    if model.training == nil { try network.compile(model, network.defaults) }
    let some = try await samples.first(Self.sampleLimit)
    let (x, y) = (some.inputs[0], some.truths[0])
    return Use(
      activations: try model.activations(for: x, batchSize: Self.sampleLimit).statistics(),
      gradients: try model.gradients(x, y).statistics(),
      report: try await trained.confusionMatrix(of: samples)?.report)
  }

  private static func warnings(_ weights: StatisticsTable, _ use: Use?) -> [String] {
    // These begin with zeros, and some stay so.
    let usual = ["bias", "beta", "moving_mean"]
    let ofWeights = weights.warnings { row in usual.contains { row.name.hasSuffix($0) } }
    let ofActivations = use?.activations.warnings().map { "activation of \($0)" } ?? []
    let ofGradients = use?.gradients.warnings().map { "gradient of \($0)" } ?? []
    return ofWeights.map { "weight \($0)" } + ofActivations + ofGradients
  }

  private static func show(_ title: String, _ table: StatisticsTable, _ style: Style) {
    if !table.rows.isEmpty { writeOutput("\n\(style.bold(title))\n\(table)\n") }
  }

  private static func object(
    _ model: Model, _ weights: StatisticsTable, _ use: Use?, _ warnings: [String],
    _ picture: String?
  ) -> JSON {
    let layers = model.layers.map { layer -> JSON in
      [
        "name": .string(layer.name), "class": .string(type(of: layer).className),
        "parameters": .int(layer.parameterCount),
      ]
    }
    return [
      "name": .string(model.name), "parameters": .int(model.parameterCount),
      "layers": .array(layers), "weights": weights.json,
      "activations": use?.activations.json ?? .null, "gradients": use?.gradients.json ?? .null,
      "report": use?.report?.json ?? .null, "warnings": .array(warnings.map(JSON.string)),
      "picture": picture.map(JSON.string) ?? .null,
    ]
  }
}

import ArgumentParser
import Plush
import PlushMedia
import PlushZoo

/// `plush evaluate`
struct Evaluate: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure a trained network on its test samples.",
    discussion: """
      The samples are those that were held out in training, or those of --data.

      EXAMPLES
        plush evaluate mlp
        plush evaluate models/mlp
        plush evaluate mlp --confusion confusion.svg
        plush evaluate models/cnn --mistakes mistakes.png
        plush evaluate models/mlp --data folder-with-idx-files --json
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
      "Write the confusion matrix of a classifier as a picture: .svg or .png.", valueName: "file"),
    completion: .file(extensions: ["svg", "png"]))
  var confusion: String?

  @Option(
    help: ArgumentHelp(
      "Write the pictures that a classifier was surest of and wrong about: .png or .jpg.",
      valueName: "file"),
    completion: .file(extensions: ["png", "jpg"]))
  var mistakes: String?

  @OptionGroup var output: OutputOptions

  func run() async throws {
    let trained = try TrainedNetwork(ModelFolder(named: model))
    let reporter: any Reporter =
      output.json ? JSONReporter() : HumanReporter(isQuiet: output.quiet)
    let clock = ContinuousClock()
    let (samples, origin) = try trained.testSamples(data, reporter)
    let start = clock.now
    let logs = try await trained.evaluate(samples)
    let seconds = (clock.now - start).seconds
    if let confusion { try await drawConfusion(trained, samples, to: confusion) }
    if let mistakes { try await drawMistakes(trained, samples, to: mistakes) }
    if output.json {
      let head: JSON = [
        "event": "end", "network": .string(trained.network.name), "out": .string(model),
        "seconds": .double(seconds), "test_samples": .int(samples.count),
      ]
      printJSON(head.adding(logs, prefix: "test_"))
      return
    }
    if !output.quiet {
      writeOutput("\(trained.network.name) on \(samples.count) test samples: \(origin)\n")
    }
    let figures = logs.entries.map {
      "\($0.name) \($0.name.hasSuffix("accuracy") ? $0.value.percent : $0.value.short)"
    }
    writeOutput("\(figures.joined(separator: ", ")) in \(seconds.timeText)\n")
  }

  private func drawConfusion(
    _ trained: TrainedNetwork, _ samples: LabelledSamples, to path: String
  ) async throws {
    guard let matrix = try await trained.confusionMatrix(of: samples) else {
      throw ValidationError("--confusion shows classes, and \(trained.network.name) tells none")
    }
    try matrix.drawing(title: trained.network.name).write(to: path)
  }

  private func drawMistakes(
    _ trained: TrainedNetwork, _ samples: LabelledSamples, to path: String
  ) async throws {
    guard let judgement = try await trained.judgePictures(samples) else {
      throw ValidationError(
        "--mistakes shows pictures, and \(trained.network.name) tells no classes of pictures")
    }
    try await judgement.mistakes().write(to: path)
  }
}

import ArgumentParser
import Plush
import PlushONNX

/// `plush convert`
struct Convert: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write a model, or its weights, in another format.",
    discussion: """
      The name of OUT tells its format; what IN is tells its content:

        folder        model.json and weights, as TensorFlow.js reads them
        .keras        Keras 3
        .h5           a whole model of Keras 2 or 3
        .weights.h5   weights alone, of Keras 3
        .onnx         ONNX, to predict with elsewhere
        .safetensors  weights alone
        .npz          weights alone, of NumPy

      What of the model the format cannot hold is told, a line each.

      EXAMPLES
        plush convert model.keras web
        plush convert models/mlp mlp.keras
        plush convert model.h5 web --quantize uint8
        plush convert model.keras model.safetensors
        plush convert models/cnn cnn.onnx
        plush convert resnet.onnx resnet
      """)

  @Argument(help: "The file or folder that is there.", completion: .file())
  var input: String

  @Argument(help: "The file or folder to write.", completion: .file())
  var output: String

  @Option(
    help: "Keep the weights of a folder in fewer bits: uint8, uint16 or float16.")
  var quantize: WeightQuantization?

  func run() throws {
    let target = ModelFormat(named: output)
    let writesONNX = ModelFile(output).isONNX
    if quantize != nil, target != .folder || writesONNX {
      throw ValidationError("--quantize is for folders, and \(output) names none")
    }
    let file = ModelFile(input)
    if try !file.isONNX && ModelFormat(contentOf: input).holdsOnlyWeights {
      guard target.holdsOnlyWeights else {
        throw FileError(
          .unsupported, input, expected: "a whole model, to write one", found: "weights alone",
          hint: "weights become .safetensors, .npz or .weights.h5")
      }
      try NamedArray.write(try NamedArray.all(in: input), to: output)
    } else {
      let bar = FileProgressBar()
      let model = try file.load(
        LoadOptions(progress: bar.draw, note: { Self.tell($0, bar) }))
      bar.clear()
      if writesONNX { try writeONNX(model) } else { try write(model, target) }
    }
    writeOutput("\(output) is written\n")
  }

  private func write(_ model: Model, _ target: ModelFormat) throws {
    if target.holdsOnlyWeights {
      if model.training != nil { Self.tell("how the model learns: the format holds weights alone") }
      Self.tell("the layers and how they are connected: the format holds weights alone")
      return try model.saveWeights(to: output)
    }
    try model.save(
      to: output, SaveOptions(quantization: quantize, note: { Self.tell($0) }))
  }

  private func writeONNX(_ model: Model) throws {
    if model.training != nil { Self.tell("how the model learns: ONNX holds what predicts") }
    try ONNX.save(model, to: output)
  }

  private static func tell(_ note: String, _ bar: FileProgressBar? = nil) {
    bar?.clear()
    let style = Style(of: .error)
    writeError("\(style.bold(style.yellow("not kept:"))) \(note)\n")
  }
}

extension WeightQuantization: ExpressibleByArgument {}

/// A bar for the reading of a large file, in a terminal.
final class FileProgressBar {
  private var line = ProgressLine()
  private let isShown = Stream.output.isTerminal
  /// Smaller files are read before a bar could be seen.
  private static let least = 32 << 20

  /// Shows how many of how many bytes are read.
  func draw(_ done: Int, _ total: Int) {
    guard isShown, total >= Self.least, line.isDue else { return }
    let share = Double(done) / Double(total)
    line.draw("\(ProgressLine.bar(share, width: 30)) \(done >> 20) of \(total >> 20) MiB")
  }

  /// Takes the bar away.
  func clear() { line.clear() }
}

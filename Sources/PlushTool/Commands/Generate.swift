import ArgumentParser
import Plush
import PlushZoo

/// `plush generate`
struct Generate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Let a trained generator write text.",
    discussion: """
      The text is shown as it comes, in whole characters. The same seed gives the same text.

      EXAMPLES
        plush train generator posts.txt
        plush generate generator --prompt "Today I" --length 280
        plush generate models/generator --temperature 0.5 --top-k 10 --seed 7
      """)

  @Argument(
    help: "The folder of the model, or its name if it is in models/.", completion: .directory)
  var model: String

  @Option(help: "The beginning of the text; without one a line begins.")
  var prompt = ""

  @Option(help: "How bold the choice of characters is: 0 always takes the likeliest.")
  var temperature = 0.8

  @Option(help: "Among how many of the likeliest characters is chosen. (default: all)")
  var topK: Int?

  @Option(help: "How many characters are written.")
  var length = 500

  @Option(help: "Decides the choices.")
  var seed = 1

  @Flag(help: "Print one JSON object with the text instead.")
  var json = false

  func validate() throws {
    if !(temperature >= 0 && temperature.isFinite) {
      throw ValidationError("--temperature must be a number of at least 0")
    }
    if let topK, topK < 1 { throw ValidationError("--top-k must be at least 1") }
    if length < 0 { throw ValidationError("--length must be at least 0") }
  }

  func run() throws {
    let trained = try TrainedNetwork(ModelFolder(named: model))
    _ = try trained.network(as: Generator.self, to: "write text")
    let writer = try TextWriter(trained.model, record: trained.record)
    let unknown = writer.unknownCharacters(in: prompt)
    if !unknown.isEmpty {
      writeError(
        "\(Style(of: .error).yellow("warning:")) the model has never seen '\(unknown)'\n")
    }
    var text = ""
    if !json { writeOutput(prompt) }
    try writer.write(
      prompt: prompt, length: length, temperature: temperature, topK: topK, seed: seed
    ) { piece in
      if json { text += piece } else { writeOutput(piece) }
    }
    if json {
      printJSON(["prompt": .string(prompt), "text": .string(text)])
    } else {
      writeOutput("\n")
    }
  }
}

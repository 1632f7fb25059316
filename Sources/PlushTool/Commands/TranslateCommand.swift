import ArgumentParser
import Plush
import PlushZoo

/// `plush translate`
struct TranslateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "translate",
    abstract: "Translate texts with a trained network.",
    discussion: """
      Without texts, each line of standard input is translated. Words that the network has never \
      seen are told on standard error.

      EXAMPLES
        plush train translate eng-fra.tsv
        plush translate translate "How are you?" "Go!"
        plush translate models/translate --beam 4 < letter.txt
      """)

  @Argument(
    help: "The folder of the model, or its name if it is in models/.", completion: .directory)
  var model: String

  @Argument(help: "Texts to translate.")
  var texts: [String] = []

  @Option(help: "How many drafts are kept while a text is written; 1 takes the likeliest word.")
  var beam = 1

  @Option(help: "The most words and marks of a translation.")
  var longest = 120

  @Flag(help: "Print one JSON object a line.")
  var json = false

  func validate() throws {
    if !(1...64).contains(beam) { throw ValidationError("--beam must be from 1 to 64") }
    if longest < 1 { throw ValidationError("--longest must be at least 1") }
  }

  func run() throws {
    let trained = try TrainedNetwork(ModelFolder(named: model))
    _ = try trained.network(as: Translate.self, to: "translate")
    let translator = try Translator(trained.model, record: trained.record)
    let texts =
      texts.isEmpty
      ? try readText("/dev/stdin").split(separator: "\n").map(String.init) : texts
    let unknown = texts.flatMap(translator.unknownWords)
    if !unknown.isEmpty {
      writeError(
        "\(Style(of: .error).yellow("warning:")) the model has never seen "
          + unknown.prefix(10).map { "'\($0)'" }.joined(separator: ", ")
          + (unknown.count > 10 ? ", …" : "") + "\n")
    }
    let translations = try translator.translate(texts, beam: beam, longest: longest)
    for (text, translation) in zip(texts, translations) {
      if json {
        printJSON(["source": .string(text), "translation": .string(translation)])
      } else {
        writeOutput("\(translation)\n")
      }
    }
  }
}

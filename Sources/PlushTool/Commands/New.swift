import ArgumentParser
import Plush

/// `plush new`
struct New: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Lay out a project of your own.")

  @Argument(help: "The name of the project.")
  var name: String
}

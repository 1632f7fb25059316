import ArgumentParser
import Plush
import PlushZoo

/// `plush new`
struct New: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Lay out a project of your own.",
    discussion: """
      Makes a Swift package whose network stands in three files: Index.swift has its parameters \
      and the entry, Model.swift its layers, Data.swift its data. It builds and trains as it is.

      EXAMPLES
        plush new my-network
        plush new digits --network mlp
        plush new my-network --plush-path ../plush
      """)

  @Argument(help: "The name of the project and its folder.")
  var name: String

  @Option(
    help: "What to start from: \(ProjectTemplate.all.map(\.network).joined(separator: ", ")).")
  var network = "xor"

  @Option(
    help: ArgumentHelp(
      "A copy of Plush on this machine; by default the one this tool was built of.",
      valueName: "folder"),
    completion: .directory)
  var plushPath: String?

  @Option(help: ArgumentHelp("The address of a repository of Plush.", valueName: "url"))
  var plushURL: String?

  func validate() throws {
    if plushPath != nil && plushURL != nil {
      throw ValidationError("--plush-path and --plush-url exclude each other")
    }
    let letters = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")
    guard let first = name.first, first.isLetter, name.allSatisfy(letters.contains) else {
      throw ValidationError(
        "expected a name of letters, digits, - and _ that begins with a letter, found '\(name)'")
    }
    if name.lowercased() == "plush" { throw ValidationError("'plush' is the name of the library") }
  }

  func run() throws {
    guard let template = ProjectTemplate.all.first(where: { $0.network == network }) else {
      let names = ProjectTemplate.all.map(\.network)
      throw ZooError(
        "there is no template '\(network)'",
        hint: "the templates are \(names.joined(separator: ", "))")
    }
    guard case .missing = try PathStatus(name) else {
      throw ZooError("\(name) exists already", hint: "choose another name, or remove it")
    }
    let dependency = try PlushDependency(path: plushPath, url: plushURL)
    for file in template.files(name: name, dependency) {
      let path = "\(name)/\(file.path)"
      try FileSystem.createDirectory(FileSystem.parent(of: path) ?? ".")
      try writeFile(path, file.text)
      writeOutput("  \(path)\n")
    }
    let style = Style(of: .output)
    writeOutput("next: \(style.bold("cd \(name) && swift run -c release"))\n")
  }
}

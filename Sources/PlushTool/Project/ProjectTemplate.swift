/// What a new project starts from.
struct ProjectTemplate {
  /// The network of the zoo that it resembles.
  let network: String
  /// Epochs, batch size and learning rate, as they stand in Index.swift.
  let parameters: String
  /// The layers, as they stand in Model.swift.
  let layers: String
  /// Optimizer, loss and metrics.
  let compile: String
  /// The content of Data.swift.
  let data: String

  /// All templates.
  static let all = [linear, perceptron, xor, mlp]

  /// The files of a project.
  func files(name: String, _ plush: PlushDependency) -> [(path: String, text: String)] {
    [
      ("Package.swift", Self.manifest(name, plush)),
      (".gitignore", ".build/\nmodel/\n"),
      ("Sources/\(name)/Index.swift", index),
      ("Sources/\(name)/Model.swift", model),
      ("Sources/\(name)/Data.swift", data),
    ]
  }

  private static func manifest(_ name: String, _ plush: PlushDependency) -> String {
    """
    // swift-tools-version: 6.2
    import PackageDescription

    let package = Package(
      name: "\(name)",
      platforms: [.macOS(.v14)],
      dependencies: [
        \(plush.declaration)
      ],
      targets: [
        .executableTarget(
          name: "\(name)",
          dependencies: [.product(name: "Plush", package: "\(plush.identity)")])
      ]
    )

    """
  }

  private var index: String {
    """
    import Plush

    /// The parameters of the network, and the entry.
    @main
    struct Index {
    \(parameters)
      /// The same seed gives the same weights.
      static let seedOfAll = 1

      static func main() async throws {
        seed(seedOfAll)
        let data = try loadData()
        let model = makeModel()
        try compile(model)
        try model.summary()
        try await model.fit(
          data.training.x, data.training.y, epochs: epochs, batchSize: batchSize, seed: seedOfAll)
        print("test:", try model.evaluate(data.test.x, data.test.y))
        try model.save(to: "model")
        print("saved in the folder model")
      }
    }

    """
  }

  private var model: String {
    """
    import Plush

    /// The layers.
    func makeModel() -> Model {
      Sequential {
    \(layers)
      }
    }

    /// How the model learns.
    func compile(_ model: Model) throws {
    \(compile)
    }

    """
  }
}

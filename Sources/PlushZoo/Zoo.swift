import Plush

/// The networks that come with Plush; a new one is a folder of its own and a line here.
public enum Zoo {
  /// All networks, the simplest first.
  public static let networks: [any Network] = [
    Linear(), Perceptron(), XOR(), Titanic(), MLP(), CNN(), Images(), Autoencoder(), UNet(),
  ]

  /// Their names.
  public static var names: [String] { networks.map(\.name) }

  /// The network with this name.
  ///
  /// - Throws: `ZooError` that lists the names if there is none.
  public static func network(named name: String) throws -> any Network {
    if let network = networks.first(where: { $0.name == name }) { return network }
    let guess = names.nearest(to: name).map { "did you mean '\($0)'? " } ?? ""
    throw ZooError(
      "there is no network '\(name)'",
      hint: "\(guess)The networks are \(names.joined(separator: ", ")).")
  }
}

/// What keeps a network of the zoo from being trained or used.
public struct ZooError: PlushError, Hashable {
  /// What is wrong.
  public let message: String
  /// The likely fix.
  public let hint: String?

  /// Creates an error.
  public init(_ message: String, hint: String? = nil) {
    self.message = message
    self.hint = hint
  }
}

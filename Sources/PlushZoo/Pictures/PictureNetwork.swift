import Plush
import PlushMedia

/// A network that takes pictures.
protocol PictureNetwork: Network {
  /// The sides to which pictures in folders are brought.
  var size: Int { get set }
  /// Whether pictures in folders are taken in `grey` or `colour`.
  var channels: String { get set }
}

extension PictureNetwork {
  /// The settings of all such networks.
  static func pictureSettings(from least: Int) -> [Setting<Self>] {
    [
      Setting(
        "size", \.size, in: least...1024, "The sides to which pictures in folders are brought."),
      Setting(
        "channels", \.channels, among: ["grey", "colour"],
        "Whether pictures in folders are taken in grey or in colour."),
    ]
  }

  /// The sizes that the settings ask for.
  var pictureShape: PictureShape {
    PictureShape(height: size, width: size, channels: channels == "grey" ? 1 : 3)
  }

  public func callbacks(_ parameters: Hyperparameters) -> [any Callback] {
    [.linearDecay(from: parameters.learningRate)]
  }
}

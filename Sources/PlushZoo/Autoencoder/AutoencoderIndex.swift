/// Pictures pressed through a narrow layer and given back: it learns to compress them, or with
/// noise to clean them.
public struct Autoencoder: PictureNetwork {
  /// `dense` or `convolutional`.
  public var kind = "convolutional"
  /// The standard deviation of the noise that is to be taken away; 0 for none.
  public var noise = 0.0
  /// How narrow the narrowest layer is: numbers of a dense one, channels of a convolutional one.
  public var code = 16
  /// The sides to which pictures in folders are brought.
  public var size = 64
  /// Whether pictures in folders are taken in `grey` or `colour`.
  public var channels = "colour"

  /// Units of the dense layers around the code.
  static let hidden = 256
  /// Filters of the convolutions that halve a picture; those that double it have the same.
  static let filters = [32, 64]

  /// Creates the network with its usual settings.
  public init() {}

  public static var settings: [Setting<Self>] {
    [
      Setting("kind", \.kind, among: ["dense", "convolutional"], "What the layers are."),
      Setting(
        "noise", \.noise, in: 0...1, "The noise to learn to take away: its standard deviation."),
      Setting(
        "code", \.code, in: 1...4096,
        "Numbers in the narrowest layer if dense; if convolutional, channels of maps of an eighth."),
    ] + pictureSettings(from: 8)
  }

  public var name: String { "autoencoder" }
  public var summary: String { "pictures compressed, or cleaned of noise, and given back" }
  public var help: String {
    """
    Without data it learns from MNIST, which is fetched. The data may also be a folder of IDX files, \
    or of PNG or JPEG files, with or without folders for classes; they are cut to squares of --size, \
    and a fifth is held out. reconstructions.png in the folder of the model shows test pictures and \
    what became of them.

    EXAMPLES
      plush train autoencoder --kind dense --code 32
      plush train autoencoder --noise 0.3
      plush train autoencoder photos --size 96 --channels grey
      plush predict autoencoder noisy.png
    """
  }
  public var defaults: Hyperparameters {
    Hyperparameters(epochs: 6, batchSize: 128, learningRate: 0.002)
  }
}

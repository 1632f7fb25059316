/// What photographs show, learned from a folder of them for each class: cats and dogs.
public struct Images: PictureClassifier {
  /// The sides to which pictures are brought.
  public var size = 96
  /// Whether pictures are taken in `grey` or `colour`.
  public var channels = "colour"
  /// Filters of the first block; each further block has twice as many.
  public var filters = 16
  /// Whether pictures are changed at random while the network learns.
  public var augment = true

  /// How often convolution and pooling follow each other.
  static let blocks = 5

  /// Creates the network with its usual settings.
  public init() {}

  public static var settings: [Setting<Self>] {
    pictureSettings(from: 1 << blocks) + [
      Setting(
        "filters", \.filters, in: 1...256,
        "Filters of the first of \(blocks) blocks; each further block has twice as many."),
      Setting(
        "augment", \.augment,
        "Whether pictures are flipped, moved, turned, zoomed and lit at random in training."),
    ]
  }

  public var name: String { "images" }
  public var summary: String { "what pictures show, from a folder for each class" }
  public var help: String {
    """
    The folder has a folder of PNG or JPEG files for each class, whose name is that of the class: \
    pets/cat/1.jpg, pets/dog/1.jpg. Pictures of any sizes are cut to their middle square; they are \
    read from the disk while the network learns. A fifth of each class, chosen by the seed, is \
    held out for the test. Classes with few pictures count as much as those with many. Files that \
    cannot be read are named and left out.

    EXAMPLES
      plush train images pets
      plush train images pets --size 64 --channels grey --epochs 50
      plush predict images my-cat.jpg
      plush evaluate images --mistakes mistakes.png
    """
  }
  public var defaults: Hyperparameters {
    Hyperparameters(epochs: 120, batchSize: 16, learningRate: 0.002)
  }
}

import Plush
import PlushMedia

/// U-Net marks in pictures, pixel by pixel, what masks showed it.
///
/// Ronneberger, Fischer and Brox, "U-Net: convolutional networks for biomedical image
/// segmentation", 2015; here with padding, so that masks are as large as pictures.
public struct UNet: Network {
  /// Filters of the first convolutions; each of four steps down has twice as many.
  public var filters = 16
  /// The side of the squares that are learned from.
  public var size = 128
  /// How many pictures are made where no files are given.
  public var pictures = 320
  /// Which fifth of the files is held out, from 1 to 5.
  public var fold = 1

  /// Creates the network.
  public init() {}

  public static let settings: [Setting<UNet>] = [
    Setting(
      "filters", \.filters, in: 1...256,
      "Filters of the first convolutions, doubled at each of four steps down; 64 is the full "
        + "network of 64 to 1024, sixteen times the work of 16."),
    Setting(
      "size", \.size, "The side of the squares that are cut out of pictures to learn from.",
      expected: "a multiple of 16 up to 4096"
    ) { $0 > 0 && $0 % 16 == 0 && $0 <= 4096 },
    Setting(
      "pictures", \.pictures, in: 10...100_000,
      "How many pictures are made where no folder is given."),
    Setting(
      "fold", \.fold, in: 1...5,
      "Which fifth of a folder is held out: five trainings hold each picture out once."),
  ]

  public var name: String { "unet" }
  public var summary: String { "U-Net, which finds cells and marks them pixel by pixel" }
  public var help: String {
    """
    Learns from pictures with masks, which are white where something is to be found. A folder is \
    laid out in one of these ways, PNG or JPEG:

      images/a.png  masks/a.png              two folders
      a/images/a.png  a/masks/1.png, 2.png…  a folder for each picture; masks are united
      a.png  a_mask.png                      one folder

    Without a folder noisy pictures of cells are made. A fifth is held out for the test. Loss is \
    the binary cross-entropy; iou is the area that answer and truth share over that of either, in \
    all pictures together, iou_per_picture its mean over the pictures.

    EXAMPLES
      plush train unet
      plush train unet nuclei --size 256 --epochs 30
      plush train unet nuclei --filters 64 --out models/nuclei
    """
  }
  public var defaults: Hyperparameters {
    Hyperparameters(epochs: 12, batchSize: 8, learningRate: 0.001)
  }

  public func callbacks(_ parameters: Hyperparameters) -> [any Callback] {
    [.linearDecay(from: parameters.learningRate)]
  }

  /// Shows pictures of the test with what is to be found and what was.
  public nonisolated(nonsending) func present(
    _ model: Model, _ data: NetworkData, in folder: ModelFolder, reporter: any Reporter
  ) async throws {
    let samples = try await data.test.first(6)
    let answers = try model.predict(samples.inputs[0], batchSize: 1)
    let rows = [samples.inputs[0], samples.truths[0], answers].map { Picture.all(in: $0) }
    let cells = zip(rows[0], zip(rows[1], rows[2])).flatMap { picture, masks in
      [picture, picture.overlaid(mask: masks.0), picture.overlaid(mask: masks.1)]
    }
    let path = "\(folder.path)/answers.png"
    let captions = ["picture", "truth", "answer"]
    try Picture.grid(
      cells, captions: cells.indices.map { captions[$0 % 3] }, columns: 3, cell: 200
    ).write(to: path)
    reporter.report(.file(path: path, shows: "pictures of the test, the truth and the answer"))
  }

  /// The mask of a picture of any size.
  public func answers(to path: String, _ model: Model, record: JSON) throws -> [Answer] {
    let picture = try Picture(file: path)
    let mask = try mask(of: picture.converted(channels: Self.channels(record)), model)
    let marked = Double(mask.pixels.count { $0 > 127 }) / Double(mask.pixels.count)
    return [
      Answer(
        "\(marked.percent) marked",
        ["marked": .double(marked), "width": .int(mask.width), "height": .int(mask.height)],
        pictures: ["mask": mask, "overlay": picture.overlaid(mask: mask)])
    ]
  }

  /// White where the model finds something; sides are mirrored on to multiples of 16, as four
  /// poolings want them.
  private func mask(of picture: Picture, _ model: Model) throws -> Picture {
    func padded(_ side: Int) -> Int { (side + 15) / 16 * 16 }
    let whole = picture.cut(
      x: 0, y: 0, width: padded(picture.width), height: padded(picture.height))
    let answer = try model.predict(whole.tensor().expandDims(axis: 0))[0]
    let found = Picture((answer .> 0.5).cast(to: .float32))
    return found.cropped(x: 0, y: 0, width: picture.width, height: picture.height)
  }
}

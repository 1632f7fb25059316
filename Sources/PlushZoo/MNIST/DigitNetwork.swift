import Plush
import PlushMedia

/// A network that reads handwritten digits, or learns the classes of other pictures as small: all
/// of it but its layers.
protocol DigitNetwork: PictureClassifier {}

extension DigitNetwork {
  public static var settings: [Setting<Self>] { pictureSettings(from: 12) }

  public var help: String {
    """
    Without data it learns from MNIST, which is fetched. The data may also be a folder of IDX files \
    whose names have the words train and test (or t10k), images and labels, of any size and number \
    of classes, or a folder with a folder of PNG or JPEG files for each class, which are brought to \
    --size and of which a fifth is held out. "digits" makes digits on the spot.

    EXAMPLES
      plush train \(name)
      plush train \(name) fashion-mnist
      plush train \(name) leaves --size 48 --channels colour
    """
  }

  var usualRecord: PictureRecord { .digits }

  /// The samples of MNIST, of other IDX files, or of folders of pictures.
  public func data(from path: String?, seed: Int, reporter: any Reporter) throws -> NetworkData {
    if let path, path != "digits", IDXFolder(path) == nil, ClassFolders.isThere(path) {
      return try ClassFolders(path, reporter)
        .data(pictureShape, nil, seed: seed, inputShape: inputShape(of: pictureShape))
    }
    let (training, test, origin) = try MNIST.find(path, reporter).samples(reporter)
    let shape = PictureShape(training.images) ?? PictureRecord.digits.shape
    let count = max(2, 1 + Int((training.labels.bytes + (test?.labels.bytes ?? [])).max() ?? 0))
    let record = PictureRecord(shape: shape, classes: (0..<count).map(String.init)).json
    let (x, y) = labelled(training, shape, count)
    guard let test else { return try heldOut(x, y, origin: origin, record: record) }
    let (testX, testY) = labelled(test, shape, count)
    return NetworkData(
      training: LabelledSamples(x, y), test: LabelledSamples(testX, testY), origin: origin,
      record: record)
  }

  private func labelled(
    _ part: MNIST.Part, _ shape: PictureShape, _ count: Int
  ) -> (Tensor, Tensor) {
    let pictures = shape.pictures(of: part.images)
    let x = pictures.reshape([pictures.shape[0]] + inputShape(of: shape))
    let y = Tensor(part.labels.bytes, shape: [part.labels.count]).oneHot(count)
    realize([x, y])
    return (x, y)
  }
}

import Plush
import PlushMedia

/// Pictures in a folder for each class, read from the disk while a network learns.
struct ClassFolders {
  private let folder: PictureFolder
  private let path: String

  /// How much is held out of each class.
  static let heldOut = 0.2
  /// Fewer pictures of a class would leave none to hold out.
  private static let fewest = 3

  /// Whether a folder has folders with pictures in it.
  static func isThere(_ path: String) -> Bool { (try? PictureFolder(path)) != nil }

  /// Looks for the pictures, and reads each once: those that cannot be read are named and left out.
  ///
  /// - Throws: `FileError` if there is no picture, `ZooError` if there are too few classes, or too
  ///   few pictures of one.
  init(_ path: String, _ reporter: any Reporter) throws {
    self.path = path
    folder = try PictureFolder(path, unreadable: .skipped)
    reporter.warn(of: folder.skipped)
    guard folder.classNames.count > 1 else {
      throw ZooError(
        "\(path): expected a folder of pictures for each of several classes, found only "
          + "'\(folder.classNames[0])'",
        hint: "name the folder above them")
    }
    for (label, name) in folder.classNames.enumerated() {
      let count = folder.files.count { $0.label == label }
      guard count >= Self.fewest else {
        throw ZooError(
          "\(path)/\(name): expected at least \(Self.fewest) pictures that can be read, found "
            + "\(count)",
          hint: "a fifth of each class is held out; remove folders that are no classes")
      }
    }
  }

  /// The samples in given sizes: in training changed at random, all classes counting the same.
  ///
  /// What is held out is validation too: it is looked at, and nothing is decided by it.
  ///
  /// - Parameter inputShape: the shape in which layers take a picture, if not as it is.
  func data(
    _ shape: PictureShape, _ augmentation: Augmentation?, seed: Int, inputShape: [Int]? = nil
  ) throws -> NetworkData {
    let (training, test) = try folder.split(validation: Self.heldOut, seed: seed)
    func samples(
      _ part: PictureFolder, weights: [Double]? = nil, augmentation: Augmentation? = nil,
      shuffle: Bool = false
    ) -> LabelledSamples {
      let pictures = part.dataset(
        width: shape.width, height: shape.height, channels: shape.channels, labels: .oneHot,
        weights: weights, augmentation: augmentation, shuffle: shuffle, seed: seed)
      guard let inputShape, inputShape != shape.shape else { return LabelledSamples(pictures) }
      return LabelledSamples(
        pictures.map {
          Samples(
            inputs: [$0.inputs[0].reshape(inputShape)], truths: $0.truths, weights: $0.weights)
        })
    }
    let unseen = samples(test)
    return NetworkData(
      training: samples(
        training, weights: training.balancedWeights, augmentation: augmentation, shuffle: true),
      validation: unseen, test: unseen,
      origin: "\(folder.classNames.count) classes in \(path), a fifth of each held out",
      record: PictureRecord(shape: shape, classes: folder.classNames).json)
  }
}

extension Reporter {
  /// Names pictures that were left out.
  func warn(of skipped: [FileError]) {
    for error in skipped.prefix(10) { report(.warning("left out: \(error.message)")) }
    if skipped.count > 10 {
      report(.warning("\(skipped.count - 10) more pictures were left out"))
    }
  }
}

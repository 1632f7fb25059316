import Plush

/// Pictures and their classes in the IDX files of a folder, told apart by words in their names:
/// `train-images-idx3-ubyte`, `t10k-labels-idx1-ubyte.gz`, `emnist-letters-test-images-idx3-ubyte`.
struct IDXFolder {
  /// A file of pictures and one of their classes.
  typealias Files = (images: String, labels: String)

  let path: String
  let training: Files
  /// What is held out; nil if there is but one pair of files.
  let test: Files?

  /// The files in a folder; nil if there are none.
  init?(_ path: String) {
    let names = FileSystem.names(in: path).filter { name in
      if case .file? = try? PathStatus("\(path)/\(name)") { !name.hasPrefix(".") } else { false }
    }.sorted()
    func files(_ words: [String]?) -> Files? {
      func file(_ kind: String) -> String? {
        names.first { name in
          name.contains(kind) && words?.contains { name.contains($0) } ?? true
        }
      }
      guard let images = file("images"), let labels = file("labels") else { return nil }
      return ("\(path)/\(images)", "\(path)/\(labels)")
    }
    let test = files(["t10k", "test"])
    guard let training = files(["train"]) ?? (test == nil ? files(nil) : nil) else { return nil }
    (self.path, self.training, self.test) = (path, training, test)
  }

  /// Reads a pair of files.
  ///
  /// - Throws: `FileError` if one cannot be read, `ZooError` if they do not fit each other.
  static func read(_ files: Files) throws -> MNIST.Part {
    let (images, labels) = (try IDXArray(file: files.images), try IDXArray(file: files.labels))
    guard PictureShape(images) != nil, labels.shape == [images.shape[0]],
      labels.element == .uint8
    else {
      throw ZooError(
        "\(files.images): expected pictures of bytes and as many labels, found the shapes "
          + "\(images.shape) of \(images.element) and \(labels.shape) of \(labels.element)")
    }
    return (images, labels)
  }
}

import Plush

/// The pictures of handwritten digits by LeCun, Cortes and Burges.
enum MNIST {
  /// Pictures and their digits.
  typealias Part = (images: IDXArray, labels: IDXArray)

  /// Where the pictures are.
  enum Source {
    case folder(IDXFolder)
    case cache
    case made
  }

  static let names = [
    "train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
  ]

  private static let hashes = [
    "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
    "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
    "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
    "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
  ]

  private static let sizes = [9_912_422, 28_881, 1_648_877, 4_542]

  private static let downloads = zip(names, zip(hashes, sizes)).map { name, file in
    Download(
      "https://ossci-datasets.s3.amazonaws.com/mnist/\(name).gz", sha256: file.0,
      byteCount: file.1)
  }

  /// The folder asked for, that of `PLUSH_DATA`, the cache, or digits made on the spot.
  static func find(_ path: String?, _ reporter: any Reporter) throws -> Source {
    if path == "digits" { return .made }
    guard let data = path ?? FileSystem.environment("PLUSH_DATA") else { return .cache }
    if let folder = [data, "\(data)/mnist"].lazy.compactMap({ IDXFolder($0) }).first {
      return .folder(folder)
    }
    if let path { throw missing(path) }
    return .cache
  }

  private static func missing(_ path: String) -> ZooError {
    ZooError(
      "\(path): expected the files of MNIST, other IDX files, or a folder of pictures for each "
        + "class, found none",
      hint: "leave out the data to fetch MNIST, or say digits for digits made on the spot")
  }
}

extension MNIST.Source {
  /// The pictures for training and for the test, if some are held out, and where they come from.
  func samples(
    _ reporter: any Reporter
  ) throws -> (training: MNIST.Part, test: MNIST.Part?, origin: String) {
    switch self {
    case .folder(let folder):
      let training = try IDXFolder.read(folder.training)
      let test = try folder.test.map(IDXFolder.read)
      if let test, PictureShape(test.images) != PictureShape(training.images) {
        throw ZooError(
          "\(folder.path): expected pictures of one size, found the shapes "
            + "\(training.images.shape) and \(test.images.shape)")
      }
      return (training, test, "IDX files in \(folder.path)")
    case .cache:
      do {
        let files = try MNIST.fetch(reporter)
        return (
          try IDXFolder.read((files[0], files[1])), try IDXFolder.read((files[2], files[3])),
          "MNIST in \(Download.cacheFolder)/mnist"
        )
      } catch let error as FileError where error.kind == .network {
        reporter.report(
          .warning(
            "MNIST could not be fetched (\(error.found)); "
              + "digits made on the spot take its place. Accuracy on them is not that on MNIST"))
        return try MNIST.Source.made.samples(reporter)
      }
    case .made:
      let training = Digits(count: 20_000, seed: 1)
      let test = Digits(count: 4_000, seed: 1_000_003)
      return (
        (training.images, training.labels), (test.images, test.labels),
        "digits made on the spot (not MNIST)"
      )
    }
  }
}

extension MNIST {
  fileprivate static func fetch(_ reporter: any Reporter) throws -> [String] {
    try zip(downloads, names).map { download, name in
      try download.fetch(as: "mnist/\(name).gz") { progress in
        reporter.report(
          .download(name: "\(name).gz", received: progress.received, total: progress.total))
      }
    }
  }
}

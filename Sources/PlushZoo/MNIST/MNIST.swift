import Plush

/// The pictures of handwritten digits by LeCun, Cortes and Burges.
enum MNIST {
  /// Pictures and their digits.
  typealias Part = (images: IDXArray, labels: IDXArray)

  /// Where the pictures are.
  enum Source {
    case folder(String)
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
    let folder = [data, "\(data)/mnist"].first { folder in
      names.allSatisfy { file($0, in: folder) != nil }
    }
    if let folder { return .folder(folder) }
    if let path { throw missing(path) }
    return .cache
  }

  private static func missing(_ path: String) -> ZooError {
    let lacking = names.filter { file($0, in: path) == nil }
    return ZooError(
      "\(path): expected the files of MNIST, found no \(lacking.joined(separator: ", ")) (.gz)",
      hint: "leave out --data to fetch them, or say --data digits for digits made on the spot")
  }

  private static func file(_ name: String, in folder: String) -> String? {
    ["\(folder)/\(name)", "\(folder)/\(name).gz"].first {
      if case .file? = try? PathStatus($0) { true } else { false }
    }
  }
}

extension MNIST.Source {
  /// The pictures for training and for the test, and where they come from.
  func samples(
    _ reporter: any Reporter
  ) throws -> (training: MNIST.Part, test: MNIST.Part, origin: String) {
    switch self {
    case .folder(let folder):
      let parts = try MNIST.read(try MNIST.names.map { try MNIST.path($0, in: folder) })
      return (parts.0, parts.1, "MNIST in \(folder)")
    case .cache:
      do {
        let parts = try MNIST.read(try MNIST.fetch(reporter))
        return (parts.0, parts.1, "MNIST in \(Download.cacheFolder)/mnist")
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
  fileprivate static func path(_ name: String, in folder: String) throws -> String {
    guard let path = file(name, in: folder) else { throw missing(folder) }
    return path
  }

  fileprivate static func read(_ paths: [String]) throws -> (Part, Part) {
    let arrays = try paths.map { try IDXArray(file: $0) }
    for part in [0, 2] {
      let (images, labels) = (arrays[part], arrays[part + 1])
      guard images.shape.count == 3, images.shape[1...] == [28, 28], images.element == .uint8,
        labels.shape == [images.shape[0]], labels.element == .uint8
      else {
        throw ZooError(
          "\(paths[part]): expected pictures of 28×28 bytes and as many labels, found the shapes "
            + "\(images.shape) and \(labels.shape)")
      }
    }
    return ((arrays[0], arrays[1]), (arrays[2], arrays[3]))
  }

  fileprivate static func fetch(_ reporter: any Reporter) throws -> [String] {
    try zip(downloads, names).map { download, name in
      try download.fetch(as: "mnist/\(name).gz") { progress in
        reporter.report(
          .download(name: "\(name).gz", received: progress.received, total: progress.total))
      }
    }
  }
}

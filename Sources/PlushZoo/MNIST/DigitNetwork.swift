import Plush

/// A network that reads handwritten digits: all of it but its layers.
protocol DigitNetwork: Network {
  /// The shape of a picture as the layers take it.
  static var pictureShape: [Int] { get }
}

extension DigitNetwork {
  /// Digits.
  static var classes: Int { 10 }
  /// Pixels of a picture.
  static var pixels: Int { pictureShape.reduce(1, *) }

  /// The samples of MNIST, or of other files of that kind.
  public func data(from path: String?, seed: Int, reporter: any Reporter) throws -> NetworkData {
    let source = try MNIST.find(path, reporter)
    let (training, test, origin) = try source.samples(reporter)
    return NetworkData(
      training: labelled(training.images, training.labels),
      test: labelled(test.images, test.labels), origin: origin)
  }

  /// Ever smaller steps settle what large ones keep stirring up.
  public func callbacks(_ parameters: Hyperparameters) -> [any Callback] {
    [
      LambdaCallback(onEpochBegin: { progress in
        let done = Double(progress.epoch) / Double(max(1, progress.epochs))
        progress.model.learningRate = parameters.learningRate * (1 - 0.95 * done)
      })
    ]
  }

  /// Shows pictures judged rightly and wrongly, and what is most often mistaken.
  public nonisolated(nonsending) func present(
    _ model: Model, _ data: NetworkData, in folder: ModelFolder, reporter: any Reporter
  ) async throws {
    let judged = try await judge(model, data.test)
    reporter.report(.pictures(try await judged.pictures(right: 4, wrong: 4)))
    let pairs = judged.worstPairs.prefix(3).map { "\($0.truth) as \($0.answer) (\($0.count)×)" }
    if !pairs.isEmpty {
      reporter.report(.note("most often mistaken: " + pairs.joined(separator: ", ")))
    }
  }

  /// The digit in each picture of a file.
  public func answers(to path: String, _ model: Model, record: JSON) throws -> [Answer] {
    let inputs = try pictures(inFile: path)
    let outputs = try model.predict(inputs, batchSize: 256).dataSync()
    return (0..<inputs.shape[0]).map { row in
      let shares = Array(outputs[row * Self.classes..<(row + 1) * Self.classes])
      let digit = shares.indices.max { shares[$0] < shares[$1] } ?? 0
      return Answer(
        "\(digit)  probability \(shares[digit].short)",
        [
          "class": .int(digit), "probability": .double(Double(shares[digit])),
          "probabilities": .array(shares.map { .double(Double($0)) }),
        ])
    }
  }

  private func labelled(_ images: IDXArray, _ labels: IDXArray) -> LabelledSamples {
    let digits = Tensor(labels.bytes, shape: [labels.count])
    let (x, y) = (scaled(images), digits.oneHot(Self.classes))
    realize([x, y])
    return LabelledSamples(x, y)
  }

  /// Pictures with pixels from 0 to 1.
  private func scaled(_ images: IDXArray) -> Tensor {
    let shape = [images.count / Self.pixels] + Self.pictureShape
    let pixels = images.bytes.withUnsafeBytes {
      Tensor(bytes: $0, shape: shape, dtype: images.dtype)
    }
    return pixels.cast(to: .float32) / 255
  }

  /// The pictures of an IDX file, or of a table with a column for each pixel.
  private func pictures(inFile path: String) throws -> Tensor {
    if path.hasSuffix(".csv") || path.hasSuffix(".csv.gz") {
      let (values, shape) = try Table(file: path).matrix()
      guard shape[1] == Self.pixels else {
        throw ZooError(
          "\(path): expected \(Self.pixels) columns, one for each pixel, found \(shape[1])",
          hint: "the first line of the file names the columns")
      }
      let pixels = Tensor(values, shape: [shape[0]] + Self.pictureShape)
      return (values.max() ?? 0) > 1 ? pixels / 255 : pixels
    }
    let images = try IDXArray(file: path)
    guard images.shape.dropFirst().reduce(1, *) == Self.pixels, images.element == .uint8 else {
      throw ZooError(
        "\(path): expected pictures of 28×28 bytes, found the shape \(images.shape) of "
          + "\(images.element)")
    }
    return scaled(images)
  }
}

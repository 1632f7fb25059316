import Plush
import PlushMedia

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

extension Autoencoder {
  public func data(from path: String?, seed: Int, reporter: any Reporter) throws -> NetworkData {
    if let path, path != "digits", IDXFolder(path) == nil {
      return try folderData(path, seed, reporter)
    }
    let (training, test, origin) = try MNIST.find(path, reporter).samples(reporter)
    let shape = PictureShape(training.images) ?? PictureRecord.digits.shape
    let x = shape.pictures(of: training.images)
    realize([x])
    guard let test else {
      var data = try heldOut(x, x, origin: origin, record: ["picture": shape.json])
      if let clean = data.test.inMemory { data.test = noisy(clean.truths[0], seed) }
      return data
    }
    return NetworkData(
      training: LabelledSamples(x, x), test: noisy(shape.pictures(of: test.images), seed),
      origin: origin, record: ["picture": shape.json])
  }

  /// The pictures in a folder or in its folders, read while the network learns.
  private func folderData(
    _ path: String, _ seed: Int, _ reporter: any Reporter
  ) throws -> NetworkData {
    let folder =
      ClassFolders.isThere(path)
      ? try PictureFolder(path, unreadable: .skipped)
      : try PictureFolder(pictures: path, unreadable: .skipped)
    reporter.warn(of: folder.skipped)
    let (training, test) = try folder.split(validation: ClassFolders.heldOut, seed: seed)
    func pictures(_ part: PictureFolder, shuffle: Bool = false) -> Dataset {
      part.dataset(
        width: size, height: size, channels: pictureShape.channels, labels: .picture,
        shuffle: shuffle, seed: seed)
    }
    return NetworkData(
      training: LabelledSamples(pictures(training, shuffle: true)),
      test: noisy(pictures(test), count: test.files.count, seed),
      origin: "pictures in \(path), a fifth held out", record: ["picture": pictureShape.json])
  }

  /// Pictures to clean, the same noise for each every time; as they are if there is to be none.
  private func noisy(_ clean: Tensor, _ seed: Int) -> LabelledSamples {
    if noise == 0 { return LabelledSamples(clean, clean) }
    let count = clean.shape.dropFirst().reduce(1, *)
    let values = (0..<clean.shape[0]).flatMap { normals(count, seed: seed, sample: $0) }
    let noisy = add(Tensor(values, shape: clean.shape), to: clean)
    realize([noisy, clean])
    return LabelledSamples(noisy, clean)
  }

  /// The same for pictures that are read one after another.
  private func noisy(_ clean: Dataset, count: Int, _ seed: Int) -> LabelledSamples {
    if noise == 0 { return LabelledSamples(clean) }
    let shape = pictureShape
    let values = Dataset(count: count) { sample in
      let values = normals(shape.count, seed: seed, sample: sample)
      return Samples(inputs: [Tensor(values, shape: shape.shape)])
    }
    return LabelledSamples(
      clean.zip(values).map {
        Samples(inputs: [add($0.inputs[1], to: $0.inputs[0])], truths: $0.truths)
      })
  }

  private func add(_ values: Tensor, to clean: Tensor) -> Tensor {
    (clean + values * noise).clip(min: 0, max: 1)
  }

  /// Numbers of the normal distribution: Box and Muller, 1958.
  private func normals(_ count: Int, seed: Int, sample: Int) -> [Float] {
    var start = SeededGenerator(seed: UInt64(bitPattern: Int64(seed)))
    var generator = SeededGenerator(seed: start.next() ^ UInt64(sample))
    return (0..<count).map { _ in
      let radius = (-2 * log(1 - generator.uniform())).squareRoot()
      return Float(radius * cos(2 * .pi * generator.uniform()))
    }
  }

  /// Shows some test pictures and what became of them, and how far that is from what they were.
  public nonisolated(nonsending) func present(
    _ model: Model, _ data: NetworkData, in folder: ModelFolder, reporter: any Reporter
  ) async throws {
    let some = try await data.test.first(8)
    let (truths, inputs) = (Picture.all(in: some.truths[0]), Picture.all(in: some.inputs[0]))
    let outputs = Picture.all(in: try model.predict(some.inputs[0]))
    let rows: [(name: String, pictures: [Picture])] =
      noise > 0
      ? [("clean", truths), ("noisy", inputs), ("cleaned", outputs)]
      : [("original", inputs), ("given back", outputs)]
    for row in rows {
      reporter.report(
        .pictures(row.pictures.map { JudgedPicture($0, truth: row.name, answers: []) }))
    }
    let path = "\(folder.path)/reconstructions.png"
    let captions = rows.flatMap { row in row.pictures.map { _ in row.name } }
    try Picture.grid(rows.flatMap(\.pictures), captions: captions, columns: inputs.count)
      .write(to: path)
    reporter.report(.file(path: path, shows: "test pictures and what became of them"))
    if let narrow = try model.activations(of: ["code"], for: some.inputs[0][0..<1]).first {
      let all = truths[0].pixels.count
      reporter.report(
        .note("the \(all) numbers of a picture become \(narrow.tensor.count) in between"))
    }
    if noise > 0 {
      let error = try await errorOfInputs(data.test)
      reporter.report(.note("mean squared error of the noisy pictures: \(error.short)"))
    }
  }

  /// The mean squared error of doing nothing.
  private nonisolated(nonsending) func errorOfInputs(
    _ samples: LabelledSamples
  ) async throws -> Double {
    var error = RunningMetric(Metric(.meanSquaredError))
    for try await batch in samples.batches(of: 256) {
      error.update(batch.truths[0], batch.inputs[0])
    }
    return Double(error.result)
  }

  /// What becomes of each picture in a file.
  public func answers(to path: String, _ model: Model, record: JSON) throws -> [Answer] {
    let shape = try PictureShape(record: record) ?? PictureRecord.digits.shape
    let inputs = try shape.pictures(inFile: path)
    let outputs = try model.predict(inputs, batchSize: 256)
    let errors = (outputs - inputs).square().mean(axes: [1, 2, 3]).dataSync()
    let pictures = Self.shown(Picture.all(in: inputs), Picture.all(in: outputs))
    return errors.enumerated().map { row, error in
      Answer(
        "differs by a mean squared error of \(error.short)",
        ["mean_squared_error": .double(Double(error))], pictures: row == 0 ? pictures : [:])
    }
  }

  /// What became of a picture; of several, a grid with the first of them.
  private static func shown(_ inputs: [Picture], _ outputs: [Picture]) -> [String: Picture] {
    if outputs.count == 1 { return ["reconstruction": outputs[0]] }
    let pairs = zip(inputs, outputs).prefix(24).flatMap { [$0, $1] }
    return ["reconstructions": Picture.grid(pairs, columns: 8)]
  }
}

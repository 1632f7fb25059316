import Plush
import PlushMedia
import PlushONNX

/// Samples for a model out of files of arrays, tables or pictures.
struct ModelInput {
  let model: Model

  /// The inputs of the model that files hold: a batch for each file, or, if the model has several
  /// inputs and as many files are given, a batch of all.
  ///
  /// - Throws: `FileError` that names the file that does not fit.
  func batches(_ files: [String]) throws -> [(file: String, inputs: [Tensor])] {
    let count = model.inputShapes.count
    if count > 1, files.count == count {
      let inputs = try zip(files, model.inputShapes).map { try tensor($0, $1) }
      return [(files.joined(separator: ","), inputs)]
    }
    return try files.map { file in
      if file.lowercased().hasSuffix(".npz") { return (file, try arrays(of: file)) }
      guard count == 1 else {
        throw FileError(
          .unsupported, file, expected: "\(count) inputs (\(names))", found: "one array",
          hint: "give an .npz file with these arrays, or \(count) files in this order")
      }
      return (file, [try tensor(file, model.inputShapes[0])])
    }
  }

  private var inputNames: [String] { (model as? ONNXModel)?.graphInputs ?? model.inputNames }

  private var names: String { inputNames.joined(separator: ", ") }

  /// The arrays of a file by the names of the inputs, or in their order.
  private func arrays(of file: String) throws -> [Tensor] {
    let arrays = try MappedNPZ(file: file)
    guard arrays.names.count == model.inputShapes.count else {
      throw FileError(
        .unsupported, file, expected: "\(model.inputShapes.count) arrays (\(names))",
        found: "\(arrays.names.count)")
    }
    return try zip(zip(inputNames, arrays.names), model.inputShapes).compactMap { names, shape in
      let tensor = try arrays.tensor(names.0) ?? arrays.tensor(names.1)
      return try tensor.map { try fitting($0, shape, file) }
    }
  }

  private func tensor(_ file: String, _ shape: Shape) throws -> Tensor {
    if PictureFormat(path: file) != nil { return try picture(file, shape) }
    let name = file.lowercased()
    if name.hasSuffix(".npy") {
      return try fitting(try MappedNPY(file: file).tensor(), shape, file)
    }
    if name.hasSuffix(".csv") || name.hasSuffix(".csv.gz") { return try table(file, shape) }
    throw FileError(
      .unsupported, file, expected: "samples in .npy, .npz, .csv or a picture", found: "\(file)")
  }

  /// An array of samples, or a single sample.
  private func fitting(_ tensor: Tensor, _ shape: Shape, _ file: String) throws -> Tensor {
    func fits(_ sizes: [Int], _ wanted: some Collection<Int?>) -> Bool {
      sizes.count == wanted.count && zip(sizes, wanted).allSatisfy { $1 == nil || $0 == $1 }
    }
    if fits(tensor.shape, shape) { return tensor }
    if fits(tensor.shape, shape.dropFirst()) { return tensor.expandDims(axis: 0) }
    throw FileError(
      .unsupported, file, expected: "an array of shape \(shape.text)", found: "\(tensor.shape)")
  }

  /// A sample in each row, its numbers in the order of the columns.
  private func table(_ file: String, _ shape: Shape) throws -> Tensor {
    let start = String(decoding: try readUnpackedFile(file).prefix { $0 != 0x0A }, as: UTF8.self)
    let fields = start.split(separator: ",", omittingEmptySubsequences: false)
    // A first line of numbers names no columns.
    let isHeader = fields.contains { Double($0.trimmingSpaces) == nil }
    let names = isHeader ? nil : fields.indices.map { "\($0)" }
    let (values, size) = try Table(file: file, names: names).matrix()
    let sample = shape.dropFirst().map { $0 ?? 1 }
    let isOpen = shape.count == 2 && shape[1] == nil
    guard isOpen || sample.reduce(1, *) == size[1] else {
      throw FileError(
        .unsupported, file,
        expected: "\(sample.reduce(1, *)) columns for an input of \(shape.text)",
        found: "\(size[1])")
    }
    return Tensor(values, shape: [size[0]] + (isOpen ? [size[1]] : sample))
  }

  /// A picture in the size that the model sees, with values from 0 to 1.
  private func picture(_ file: String, _ shape: Shape) throws -> Tensor {
    guard shape.count == 4, let channels = shape[3], (1...4).contains(channels) else {
      throw FileError(
        .unsupported, file, expected: "samples for an input of shape \(shape.text)",
        found: "a picture", hint: "pictures need an input of [height, width, channels]")
    }
    let picture = try Picture(file: file).converted(channels: channels)
    let sized = picture.resized(
      width: shape[2] ?? picture.width, height: shape[1] ?? picture.height)
    return sized.tensor().expandDims(axis: 0)
  }
}

extension Substring {
  fileprivate var trimmingSpaces: Substring {
    drop { " \r\t\"".contains($0) }.prefix { !" \r\t\"".contains($0) }
  }
}

import PlushData
import PlushNN
import PlushTensor

/// What happens to files that hold no sound picture.
public enum UnreadablePictures: Sendable {
  /// Loading them throws.
  case thrown
  /// All files are read once at the start, and those that cannot be are left out and reported.
  case skipped
}

/// Pictures in folders, one for each class: `cat/1.jpg`, `cat/2.jpg`, `dog/1.jpg`.
///
/// ```swift
/// let pets = try PictureFolder("pets")
/// let (training, validation) = try pets.split(validation: 0.2, seed: 1)
/// let data = training.dataset(
///   width: 128, height: 128, augmentation: .init(flipsHorizontally: true, rotation: 10),
///   shuffle: true, seed: 1)
/// let unseen = validation.dataset(width: 128, height: 128)
/// try await model.fit(data.batch(32), validation: unseen.batch(32))
/// ```
public struct PictureFolder: Sendable {
  /// A file and its class.
  public struct File: Sendable, Hashable {
    /// The path.
    public let path: String
    /// The number of the class, from 0.
    public let label: Int
  }

  /// How the truth is told.
  public enum Labels: Sendable {
    /// The number of the class, int32, for `sparseCategoricalCrossentropy`.
    case number
    /// A row with 1 at the class, for `categoricalCrossentropy`.
    case oneHot
    /// 1 for the second class and 0 for all else, of shape [1], for `binaryCrossentropy`.
    case binary
    /// The picture itself, for networks that are to give it back.
    case picture
  }

  /// The names of the classes: of the folders, sorted.
  public let classNames: [String]
  /// The files, those of each class together, sorted by name.
  public let files: [File]
  /// What was wrong with files that were left out.
  public let skipped: [FileError]

  private init(_ classNames: [String], _ files: [File], _ skipped: [FileError]) {
    (self.classNames, self.files, self.skipped) = (classNames, files, skipped)
  }

  /// Looks for PNG and JPEG files in the folders of a folder; nothing is loaded yet.
  ///
  /// Names that begin with a dot and other files are passed over.
  ///
  /// - Throws: `FileError` if the folder is missing or there is no picture in it.
  public init(_ path: String, unreadable: UnreadablePictures = .thrown) throws {
    let names = try visibleNames(in: path).filter { name in
      if case .directory? = try? PathStatus("\(path)/\(name)") { return true }
      return false
    }
    var files = try names.enumerated().flatMap { label, name in
      try pictureFiles(in: "\(path)/\(name)").map { File(path: $0, label: label) }
    }
    guard !files.isEmpty else {
      throw FileError(
        .missing, path, expected: "a folder of pictures for each class", found: "no picture",
        hint: "pictures end in .png, .jpg or .jpeg and stand one folder deeper")
    }
    var skipped: [FileError] = []
    if unreadable == .skipped { files = try readable(files, &skipped) { [$0.path] } }
    self.init(names, files, skipped)
  }

  /// Looks for PNG and JPEG files in a folder itself: all are of one class, named like the folder.
  ///
  /// - Throws: `FileError` if the folder is missing or there is no picture in it.
  public init(pictures folder: String, unreadable: UnreadablePictures = .thrown) throws {
    var files = try pictureFiles(in: folder).map { File(path: $0, label: 0) }
    guard !files.isEmpty else {
      throw FileError(
        .missing, folder, expected: "a folder of pictures", found: "no picture",
        hint: "pictures end in .png, .jpg or .jpeg")
    }
    var skipped: [FileError] = []
    if unreadable == .skipped { files = try readable(files, &skipped) { [$0.path] } }
    self.init([String(folder.split(separator: "/").last ?? "")], files, skipped)
  }

  /// Splits a part of each class off; the same seed gives the same parts.
  ///
  /// - Parameters:
  ///   - part: how much is for validation, from 0 to 1.
  ///   - seed: decides which files.
  /// - Throws: `DataError` if that leaves one of the parts empty.
  public func split(
    validation part: Double, seed: Int
  ) throws -> (training: PictureFolder, validation: PictureFolder) {
    var isKept = Array(repeating: true, count: files.count)
    for label in classNames.indices {
      let places = files.indices.filter { files[$0].label == label }
      for place in try splitOff(part, of: places.count, seed: seed, label: label) {
        isKept[places[place]] = false
      }
    }
    func selected(_ kept: Bool) throws -> PictureFolder {
      let some = files.indices.filter { isKept[$0] == kept }.map { files[$0] }
      try checkPart(some.count, part, of: files.count)
      return PictureFolder(classNames, some, skipped)
    }
    return (try selected(true), try selected(false))
  }

  /// The pictures as a data set: inputs of shape [height, width, channels] from 0 to 1, and labels.
  ///
  /// Files are loaded on other threads while earlier ones are used. The same seed and epoch give
  /// the same elements in the same order.
  ///
  /// - Parameters:
  ///   - width: the width of all pictures.
  ///   - height: their height.
  ///   - channels: 1 for grey, 3 for colors.
  ///   - fit: what happens to pictures of another ratio.
  ///   - labels: how the truth is told.
  ///   - weights: how much a sample of each class counts; without, all count the same.
  ///   - augmentation: random changes, others in each epoch.
  ///   - shuffle: whether the order is random, another one in each epoch.
  ///   - seed: decides changes and order.
  ///   - ahead: how many elements may be under way or ready at once.
  /// - Precondition: there is a weight for each class, if there are any.
  public func dataset(
    width: Int, height: Int, channels: Int = 3, fit: Fit = .crop, labels: Labels = .number,
    weights: [Double]? = nil, augmentation: Augmentation? = nil, shuffle: Bool = false,
    seed: Int = 0, ahead: Int = 16
  ) -> Dataset {
    precondition(
      weights.map { $0.count == classNames.count } ?? true,
      "expected a weight for each of the classes \(classNames)")
    let classCount = classNames.count
    return .pictures(files, shuffle: shuffle, seed: seed, ahead: ahead) { file, generator in
      var picture = try Picture(file: file.path).converted(channels: channels)
        .resized(width: width, height: height, fit: fit)
      if let augmentation { picture = augmentation.applied(to: picture, &generator) }
      let x = picture.tensor()
      return Samples(
        inputs: [x], truths: [labels.tensor(file.label, classCount, x)],
        weights: weights.map { [Tensor(Float($0[file.label]))] } ?? [])
    }
  }

  /// A weight for each class with which all classes count the same, however many pictures they
  /// have; the mean over pictures is 1.
  public var balancedWeights: [Double] {
    classNames.indices.map { label in
      let count = files.count { $0.label == label }
      return count == 0 ? 0 : Double(files.count) / Double(classNames.count * count)
    }
  }
}

extension PictureFolder.Labels {
  fileprivate func tensor(_ label: Int, _ classCount: Int, _ picture: Tensor) -> Tensor {
    switch self {
    case .picture: picture
    case .number: Tensor(Int32(label))
    case .oneHot: Tensor((0..<classCount).map { Float($0 == label ? 1 : 0) })
    case .binary: Tensor([Float(label == 1 ? 1 : 0)])
    }
  }
}

import PlushData
import PlushNN
import PlushTensor

/// Pictures with masks of the same size, which tell what each pixel is.
public struct PicturePairs: Sendable {
  /// A picture and its mask.
  public struct Pair: Sendable, Hashable {
    /// The path of the picture.
    public let picture: String
    /// The paths of the masks; of several the brightest value of each pixel counts.
    public let masks: [String]

    /// The picture, and its masks as one of grey.
    ///
    /// - Throws: `FileError` if one cannot be read or a mask is of another size.
    public func load() throws -> (picture: Picture, mask: Picture) {
      let picture = try Picture(file: self.picture)
      var mask = Picture(width: picture.width, height: picture.height, color: 0x000000)
        .converted(channels: 1)
      for path in masks {
        let part = try Picture(file: path).converted(channels: 1)
        guard (part.width, part.height) == (picture.width, picture.height) else {
          throw FileError(
            .corrupt, path, expected: "a mask of \(picture.width)×\(picture.height)",
            found: "\(part)")
        }
        mask.pixels = zip(mask.pixels, part.pixels).map { max($0, $1) }
      }
      return (picture, mask)
    }
  }

  /// How the truth is told.
  public enum Masks: Sendable {
    /// 1 where the mask is brighter than half, of shape [height, width, 1], float32.
    case binary
    /// The grey value as the number of a class, of shape [height, width], int32.
    case classes
  }

  /// The pairs, sorted by the names of the pictures.
  public let pairs: [Pair]
  /// What was wrong with files that were left out.
  public let skipped: [FileError]

  private init(_ pairs: [Pair], _ skipped: [FileError]) {
    (self.pairs, self.skipped) = (pairs, skipped)
  }

  private init(
    pictures: [String], masks: [String: String], _ maskName: (String) -> String, _ folder: String,
    _ unreadable: UnreadablePictures
  ) throws {
    let pairs = try pictures.map { picture in
      guard let mask = masks[maskName(stem(picture))] else {
        throw FileError(
          .missing, picture, expected: "a mask named \(maskName(stem(picture))) in \(folder)",
          found: "none")
      }
      return Pair(picture: picture, masks: [mask])
    }
    try self.init(pairs, in: folder, unreadable)
  }

  private init(_ all: [Pair], in folder: String, _ unreadable: UnreadablePictures) throws {
    guard !all.isEmpty else {
      throw FileError(.missing, folder, expected: "pictures with masks", found: "no picture")
    }
    var skipped: [FileError] = []
    let pairs =
      switch unreadable {
      case .thrown: all
      case .skipped: try readable(all, &skipped) { [$0.picture] + $0.masks }
      }
    self.init(pairs, skipped)
  }

  /// Pictures in one folder, and masks of the same names in another.
  ///
  /// The endings of names may differ: `a.jpg` has the mask `a.png`.
  ///
  /// - Throws: `FileError` if a folder is missing, there is no picture, or one has no mask.
  public init(
    pictures: String, masks: String, unreadable: UnreadablePictures = .thrown
  ) throws {
    try self.init(
      pictures: pictureFiles(in: pictures), masks: try byStem(pictureFiles(in: masks)), { $0 },
      masks, unreadable)
  }

  /// Pictures and masks in one folder; the names of masks end in a text of their own.
  ///
  /// - Parameters:
  ///   - folder: the folder.
  ///   - suffix: what the name of a mask has after that of its picture: `_mask` for `a_mask.png`.
  ///   - unreadable: what happens to files that hold no sound picture.
  /// - Throws: `FileError` if the folder is missing, there is no picture, or one has no mask.
  public init(
    _ folder: String, maskSuffix suffix: String, unreadable: UnreadablePictures = .thrown
  ) throws {
    let files = try pictureFiles(in: folder)
    let masks = files.filter { stem($0).hasSuffix(suffix) }
    try self.init(
      pictures: files.filter { !stem($0).hasSuffix(suffix) }, masks: byStem(masks),
      { $0 + suffix }, folder, unreadable)
  }

  /// Pictures with masks in a folder that is laid out in one of the usual ways.
  ///
  /// | layout | files |
  /// | --- | --- |
  /// | two folders | `images/a.png` and `masks/a.png` |
  /// | a folder for each picture | `a/images/a.png` and all masks in `a/masks/`, which are united |
  /// | one folder | `a.png` and `a_mask.png` |
  ///
  /// - Throws: `FileError` if the folder is missing, there is no picture, or one has no mask.
  public init(_ folder: String, unreadable: UnreadablePictures = .thrown) throws {
    func isFolder(_ path: String) -> Bool {
      if case .directory? = try? PathStatus(path) { true } else { false }
    }
    func hasBoth(_ path: String) -> Bool {
      isFolder("\(path)/images") && isFolder("\(path)/masks")
    }
    let names = try visibleNames(in: folder)
    if hasBoth(folder) {
      try self.init(
        pictures: "\(folder)/images", masks: "\(folder)/masks", unreadable: unreadable)
    } else if names.contains(where: { hasBoth("\(folder)/\($0)") }) {
      let pairs = try names.map { "\(folder)/\($0)" }.filter(hasBoth).flatMap { path in
        let masks = try pictureFiles(in: "\(path)/masks")
        return try pictureFiles(in: "\(path)/images").map { Pair(picture: $0, masks: masks) }
      }
      try self.init(pairs, in: folder, unreadable)
    } else {
      try self.init(folder, maskSuffix: "_mask", unreadable: unreadable)
    }
  }

  /// Splits a part off; the same seed gives the same parts.
  ///
  /// - Parameters:
  ///   - part: the part that is split off, between 0 and 1.
  ///   - fold: which part of that size, from 0 on: for a cross-validation, in which every pair is
  ///     split off once.
  ///   - seed: decides which pairs go together.
  /// - Throws: `DataError` if that leaves one of the parts empty.
  public func split(
    validation part: Double, fold: Int = 0, seed: Int
  ) throws -> (training: PicturePairs, validation: PicturePairs) {
    let apart = Set(try splitOff(part, fold: fold, of: pairs.count, seed: seed, label: 0))
    func selected(_ isApart: Bool) throws -> PicturePairs {
      let some = pairs.indices.filter { apart.contains($0) == isApart }.map { pairs[$0] }
      try checkPart(some.count, part, of: pairs.count)
      return PicturePairs(some, skipped)
    }
    return (try selected(false), try selected(true))
  }

  /// The pairs as a data set: inputs of shape [height, width, channels] from 0 to 1, and masks.
  ///
  /// Files are loaded on other threads while earlier ones are used. The same seed and epoch give
  /// the same elements in the same order. A mask moves as its picture does; its values are never mixed.
  ///
  /// - Parameters:
  ///   - width: the width of all pictures.
  ///   - height: their height.
  ///   - channels: 1 for grey, 3 for colors.
  ///   - fit: what happens to pictures of another ratio.
  ///   - masks: how the truth is told.
  ///   - augmentation: random changes, others in each epoch.
  ///   - shuffle: whether the order is random, another one in each epoch.
  ///   - seed: decides changes and order.
  ///   - ahead: how many elements may be under way or ready at once.
  public func dataset(
    width: Int, height: Int, channels: Int = 3, fit: Fit = .crop, masks: Masks = .binary,
    augmentation: Augmentation? = nil, shuffle: Bool = false, seed: Int = 0, ahead: Int = 16
  ) -> Dataset {
    .pictures(pairs, shuffle: shuffle, seed: seed, ahead: ahead) { pair, generator in
      var (picture, mask) = try pair.load()
      picture = picture.converted(channels: channels)
      if fit == .cut && augmentation != nil {
        let x = generator.offset(of: width, in: picture.width)
        let y = generator.offset(of: height, in: picture.height)
        picture = picture.cut(x: x, y: y, width: width, height: height)
        mask = mask.cut(x: x, y: y, width: width, height: height)
      } else {
        picture = picture.resized(width: width, height: height, fit: fit)
        mask = mask.resized(
          width: width, height: height, fit: fit.withoutColor, resampling: .nearest)
      }
      if let augmentation {
        (picture, mask) = augmentation.applied(to: picture, mask: mask, &generator)
      }
      return Samples(picture.tensor(), masks.tensor(mask))
    }
  }
}

extension PicturePairs.Masks {
  fileprivate func tensor(_ mask: Picture) -> Tensor {
    switch self {
    case .binary:
      Tensor(mask.pixels.map { $0 > 127 ? Float(1) : 0 }, shape: [mask.height, mask.width, 1])
    case .classes: Tensor(mask.pixels.map { Int32($0) }, shape: [mask.height, mask.width])
    }
  }
}

extension Fit {
  /// The same for masks, which have nothing around them.
  fileprivate var withoutColor: Fit {
    if case .letterbox = self { return .letterbox(0x000000) }
    return self
  }
}

extension SeededGenerator {
  /// Where a part of a length begins; in the middle of what is shorter.
  fileprivate mutating func offset(of part: Int, in whole: Int) -> Int {
    part < whole ? index(below: whole - part + 1) : (whole - part) / 2
  }
}

/// The name of a file without its folder and ending.
package func stem(_ path: String) -> String {
  let name = path.split(separator: "/").last ?? ""
  return String(name.lastIndex(of: ".").map { name[..<$0] } ?? name)
}

private func byStem(_ paths: [String]) -> [String: String] {
  Dictionary(paths.map { (stem($0), $0) }) { first, _ in first }
}

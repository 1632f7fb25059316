import PlushData
import PlushMedia
import PlushNN
import PlushTensor
import PlushTestSupport
import Testing

@Suite struct PictureDatasetTests {
  /// Six cats, four dogs, and what is no picture; each picture has a shade of its own.
  private func pets() throws -> TestFolder {
    let folder = try TestFolder()
    try FileSystem.createDirectory(folder("dog"))
    try FileSystem.createDirectory(folder("cat"))
    for number in 0..<6 {
      try shade(10 + number * 10).write(to: folder("cat/\(number).png"))
    }
    for number in 0..<4 {
      try shade(100 + number * 10).write(to: folder("dog/\(number).jpg"), quality: 100)
    }
    try writeFile(folder("cat/notes.txt"), "not a picture")
    try writeFile(folder("cat/.hidden.png"), "not a picture")
    try writeFile(folder("readme.md"), "not a folder")
    return folder
  }

  private func shade(_ shade: Int) -> Picture {
    let pixels = [UInt8](repeating: UInt8(shade), count: 8 * 6 * 3)
    return Picture(width: 8, height: 6, channels: 3, pixels: pixels)
  }

  /// The shade and the label of each element.
  private func elements(_ data: Dataset, epoch: Int = 0) async throws -> [[Int]] {
    var found: [[Int]] = []
    var elements = data.iterator(epoch: epoch)
    while let element = try await elements.next() {
      let values = element.inputs[0].dataSync()
      found.append([Int((values[0] * 255).rounded()), Int(element.truths[0].item())])
    }
    return found
  }

  @Test func classesAreFolders() async throws {
    let folder = try pets()
    let pets = try PictureFolder(folder.path)
    #expect(pets.classNames == ["cat", "dog"])
    #expect(pets.files.map(\.label) == [0, 0, 0, 0, 0, 0, 1, 1, 1, 1])
    let data = pets.dataset(width: 4, height: 4)
    #expect(data.count == 10)
    let expected = (0..<6).map { [10 + $0 * 10, 0] } + (0..<4).map { [100 + $0 * 10, 1] }
    #expect(try await elements(data) == expected)
    #expect(try await elements(data, epoch: 3) == expected)
    #expect(try await elements(pets.dataset(width: 4, height: 4, ahead: 1)) == expected)
    var batches = pets.dataset(width: 5, height: 4, channels: 1, labels: .oneHot).batch(10)
      .makeAsyncIterator()
    let batch = try #require(try await batches.next())
    #expect(batch.inputs[0].shape == [10, 4, 5, 1] && batch.truths[0].shape == [10, 2])
    #expect(batch.truths[0].sum(axes: [0]).dataSync() == [6, 4])
  }

  @Test func classesMayCountTheSame() async throws {
    let folder = try pets()
    let pets = try PictureFolder(folder.path)
    var sums = [0.0, 0.0]
    for try await element in pets.dataset(width: 2, height: 2, weights: pets.balancedWeights) {
      sums[Int(element.truths[0].item())] += Double(element.weights[0].item())
    }
    #expect(abs(sums[0] - 5) < 1e-5 && abs(sums[1] - 5) < 1e-5)
  }

  @Test func aFolderOfPicturesIsOneClass() async throws {
    let folder = try pets()
    let cats = try PictureFolder(pictures: folder("cat"))
    #expect(cats.classNames == ["cat"] && cats.files.count == 6)
    for try await element in cats.dataset(width: 3, height: 2, labels: .picture) {
      #expect(element.truths[0].shape == [2, 3, 3])
      #expect(element.truths[0].dataSync() == element.inputs[0].dataSync())
    }
    #expect(throws: FileError.self) { try PictureFolder(pictures: folder.path) }
  }

  @Test func orderDependsOnSeedAndEpoch() async throws {
    let folder = try pets()
    let pets = try PictureFolder(folder.path)
    func order(_ seed: Int, _ epoch: Int, ahead: Int = 16) async throws -> [[Int]] {
      let data = pets.dataset(width: 2, height: 2, shuffle: true, seed: seed, ahead: ahead)
      return try await elements(data, epoch: epoch)
    }
    let first = try await order(1, 0)
    #expect(try await order(1, 0, ahead: 2) == first)
    #expect(try await order(1, 1) != first)
    #expect(try await order(2, 0) != first)
    let sorted = try await elements(pets.dataset(width: 2, height: 2))
    #expect(first.sorted { $0[0] < $1[0] } == sorted)
  }

  @Test func splitsKeepTheSharesOfClasses() throws {
    let folder = try pets()
    let pets = try PictureFolder(folder.path)
    let (training, validation) = try pets.split(validation: 0.5, seed: 4)
    #expect(validation.files.map(\.label) == [0, 0, 0, 1, 1])
    #expect(Set(training.files + validation.files) == Set(pets.files))
    #expect(training.files.count == 5)
    #expect(try pets.split(validation: 0.5, seed: 4).validation.files == validation.files)
    let others = try (5..<9).map { try pets.split(validation: 0.5, seed: $0).validation.files }
    #expect(others.contains { $0 != validation.files })
    #expect(throws: DataError.self) { try pets.split(validation: 0.01, seed: 4) }
    #expect(throws: DataError.self) { try pets.split(validation: 1, seed: 4) }
  }

  @Test func unreadableFilesAreSkippedOrThrown() async throws {
    let folder = try pets()
    try writeFile(folder("cat/3.png"), Array(readFile(folder("cat/3.png")).dropLast(30)))
    let strict = try PictureFolder(folder.path)
    #expect(strict.files.count == 10)
    let error = await #expect(throws: FileError.self) {
      try await self.elements(strict.dataset(width: 2, height: 2))
    }
    #expect(error?.path.hasSuffix("cat/3.png") == true)
    let lenient = try PictureFolder(folder.path, unreadable: .skipped)
    #expect(lenient.files.count == 9 && lenient.skipped.count == 1)
    #expect(lenient.skipped[0].path.hasSuffix("cat/3.png"))
    #expect(try await elements(lenient.dataset(width: 2, height: 2)).count == 9)
    #expect(throws: FileError.self) { try PictureFolder(folder("none")) }
    #expect(throws: FileError.self) { try PictureFolder(folder("dog")) }
  }

  /// A picture with a bright square, and the square as its mask.
  private func square(at x: Int) -> (Picture, Picture) {
    var (picture, mask) = (
      Picture(width: 24, height: 24, color: 0x202020).converted(channels: 1),
      Picture(width: 24, height: 24, color: 0x000000).converted(channels: 1)
    )
    for row in 8..<16 {
      for column in x..<x + 8 {
        picture[column, row, 0] = 220
        mask[column, row, 0] = 255
      }
    }
    return (picture, mask)
  }

  @Test func masksMoveWithPictures() async throws {
    let folder = try TestFolder()
    for name in ["images", "masks", "both"] { try FileSystem.createDirectory(folder(name)) }
    for number in 0..<5 {
      let (picture, mask) = square(at: 2 + number * 3)
      try picture.write(to: folder("images/\(number).png"))
      try mask.write(to: folder("masks/\(number).png"))
      try picture.write(to: folder("both/\(number).png"))
      try mask.write(to: folder("both/\(number)_mask.png"))
    }
    let pairs = try PicturePairs(pictures: folder("images"), masks: folder("masks"))
    #expect(pairs.pairs.count == 5)
    let beside = try PicturePairs(folder("both"), maskSuffix: "_mask")
    #expect(beside.pairs.flatMap(\.masks).allSatisfy { $0.hasSuffix("_mask.png") })
    let strong = Augmentation(
      flipsHorizontally: true, flipsVertically: true, shift: 0.1, rotation: 40, zoom: 0.2,
      brightness: 0.05, contrast: 0.1, elastic: 0.04)
    let data = pairs.dataset(width: 48, height: 48, channels: 1, augmentation: strong, seed: 1)
    let again = beside.dataset(
      width: 48, height: 48, channels: 1, augmentation: strong, seed: 1, ahead: 2)
    var others = again.iterator(epoch: 2)
    var later = data.iterator(epoch: 3)
    var elements = data.iterator(epoch: 2)
    while let element = try await elements.next() {
      let (x, y) = (element.inputs[0].dataSync(), element.truths[0].dataSync())
      #expect(element.truths[0].shape == [48, 48, 1])
      #expect(Set(y) == [0, 1])
      // Bright is marked and dark is not, but for the soft edge.
      let wrong = zip(x, y).count { ($0 > 0.5) != ($1 == 1) }
      #expect(wrong < 110, "\(wrong) of \(y.reduce(0, +))")
      let same = try #require(try await others.next())
      #expect(same.inputs[0].dataSync() == x && same.truths[0].dataSync() == y)
      let next = try #require(try await later.next())
      #expect(next.inputs[0].dataSync() != x)
    }
    let numbers = try PicturePairs(pictures: folder("masks"), masks: folder("masks"))
    var classes = numbers.dataset(width: 24, height: 24, masks: .classes).makeAsyncIterator()
    let first = try #require(try await classes.next()).truths[0]
    #expect(first.shape == [24, 24] && first.dtype == .int32)
    #expect(Set(first.dataSync(as: Int32.self)) == [0, 255])
    let (training, validation) = try pairs.split(validation: 0.4, seed: 2)
    #expect(training.pairs.count == 3 && validation.pairs.count == 2)
    #expect(Set(training.pairs).isDisjoint(with: validation.pairs))
    // Every pair is split off by one of the folds.
    let folds = try (0..<3).map {
      try pairs.split(validation: 0.4, fold: $0, seed: 2).validation.pairs
    }
    #expect(folds[0] == validation.pairs)
    #expect(folds.map(\.count) == [2, 2, 1] && Set(folds.joined()) == Set(pairs.pairs))
    #expect(throws: DataError.self) { try pairs.split(validation: 0.4, fold: 3, seed: 2) }
    #expect(throws: DataError.self) { try pairs.split(validation: .leastNonzeroMagnitude, seed: 2) }
    try samplePicture().write(to: folder("images/lonely.png"))
    #expect(throws: FileError.self) {
      try PicturePairs(pictures: folder("images"), masks: folder("masks"))
    }
  }

  @Test func usualLayoutsAreKnown() async throws {
    let folder = try TestFolder()
    for name in ["two/images", "two/masks", "one", "each/a/images", "each/a/masks"] {
      try FileSystem.createDirectory(folder(name))
    }
    let (picture, left) = square(at: 2)
    let (_, right) = square(at: 14)
    for (name, mask) in [("two/masks/a", left), ("one/a_mask", left)] {
      try mask.write(to: folder("\(name).png"))
    }
    for name in ["two/images/a", "one/a", "each/a/images/a"] {
      try picture.write(to: folder("\(name).png"))
    }
    try left.write(to: folder("each/a/masks/1.png"))
    try right.write(to: folder("each/a/masks/2.png"))
    for (name, area) in [("two", 64), ("one", 64), ("each", 128)] {
      let pairs = try PicturePairs(folder(name))
      #expect(pairs.pairs.count == 1)
      let mask = try #require(pairs.pairs.first).load().mask
      #expect(mask.pixels.count { $0 == 255 } == area, "\(name)")
      var data = pairs.dataset(width: 24, height: 24, channels: 1).makeAsyncIterator()
      let sum = try #require(try await data.next()).truths[0].sum().item()
      #expect(sum == Float(area))
    }
    try FileSystem.createDirectory(folder("none"))
    #expect(throws: FileError.self) { try PicturePairs(folder("none")) }
    try Picture(width: 3, height: 3, color: 0).write(to: folder("each/a/masks/3.png"))
    #expect(throws: FileError.self) { try PicturePairs(folder("each")).pairs[0].load() }
  }

  @Test func partsAreCutWithoutResizing() async throws {
    let folder = try TestFolder()
    for name in ["images", "masks"] { try FileSystem.createDirectory(folder(name)) }
    let (picture, mask) = square(at: 8)
    try picture.write(to: folder("images/a.png"))
    try mask.write(to: folder("masks/a.png"))
    let middle = picture.cropped(x: 4, y: 4, width: 16, height: 16)
    #expect(picture.resized(width: 16, height: 16, fit: .cut) == middle)
    // Beyond an edge the picture is mirrored.
    let beyond = picture.cut(x: -24, y: 0, width: 48, height: 24)
    #expect(beyond.cropped(x: 24, y: 0, width: 24, height: 24) == picture)
    #expect(
      beyond.cropped(x: 0, y: 0, width: 24, height: 24) == picture.flippedHorizontally())
    let pairs = try PicturePairs(folder.path)
    let data = pairs.dataset(
      width: 12, height: 40, channels: 1, fit: .cut, augmentation: Augmentation(), seed: 1)
    var sums: Set<Float> = []
    for epoch in 0..<8 {
      var elements = data.iterator(epoch: epoch)
      let element = try #require(try await elements.next())
      #expect(element.inputs[0].shape == [40, 12, 1])
      let (x, y) = (element.inputs[0].dataSync(), element.truths[0].dataSync())
      #expect(zip(x, y).allSatisfy { ($0 > 0.5) == ($1 == 1) })
      sums.insert(y.reduce(0, +))
    }
    #expect(sums.count > 1)
  }

  @Test func changesAreThoseAskedFor() {
    let picture = samplePicture(width: 20, height: 14)
    #expect(Augmentation().applied(to: picture, seed: 1) == picture)
    let flip = Augmentation(flipsHorizontally: true)
    let flipped = (0..<20).map { flip.applied(to: picture, seed: $0) }
    #expect(Set(flipped) == [picture, picture.flippedHorizontally()])
    let bright = Augmentation(brightness: 0.2)
    let means = (0..<20).map { seed in
      let pixels = bright.applied(to: picture, seed: seed).pixels
      return pixels.reduce(0) { $0 + Int($1) } / pixels.count
    }
    let mean = picture.pixels.reduce(0) { $0 + Int($1) } / picture.pixels.count
    #expect(means.contains { $0 > mean + 10 } && means.contains { $0 < mean - 10 })
    for change in [
      Augmentation(shift: 0.2), Augmentation(rotation: 20), Augmentation(zoom: 0.3),
      Augmentation(contrast: 0.5), Augmentation(elastic: 0.05),
    ] {
      #expect(change.applied(to: picture, seed: 3) != picture)
      #expect(change.applied(to: picture, seed: 3) == change.applied(to: picture, seed: 3))
      #expect(change.applied(to: picture, seed: 3) != change.applied(to: picture, seed: 4))
    }
    // One color stays one color whatever moves.
    let plain = Picture(width: 9, height: 9, color: 0x336699)
    let all = Augmentation(shift: 0.5, rotation: 180, zoom: 1, elastic: 0.2)
    #expect(all.applied(to: plain, seed: 5) == plain)
  }

  @Test(.enabled(if: sharedData != nil, "PLUSH_DATA is not set"))
  func realPicturesAreLoaded() async throws {
    let path = try #require(sharedData)
    let pets = try PictureFolder("\(path)/cats-dogs/jpg160", unreadable: .skipped)
    #expect(pets.classNames == ["cat", "dog"])
    #expect(pets.files.count == 365 && pets.skipped.isEmpty)
    var batches = pets.dataset(width: 128, height: 128, shuffle: true, seed: 1).batch(32)
      .makeAsyncIterator()
    var count = 0
    while let batch = try await batches.next() { count += batch.count }
    #expect(count == 365)
    let nuclei = "\(path)/nuclei-dsb2018"
    let pairs = try PicturePairs(pictures: "\(nuclei)/images", masks: "\(nuclei)/masks")
    #expect(pairs.pairs.count == 120)
    var samples = pairs.dataset(width: 128, height: 128, channels: 1).makeAsyncIterator()
    let first = try #require(try await samples.next())
    #expect(first.inputs[0].shape == [128, 128, 1])
    #expect(Set(first.truths[0].dataSync()) == [0, 1])
  }
}

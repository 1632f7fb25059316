import Plush
import PlushMedia

extension UNet {
  /// Pictures with masks in a folder, or noisy pictures of cells.
  public func data(from path: String?, seed: Int, reporter: any Reporter) throws -> NetworkData {
    guard let path else { return made(seed: seed) }
    let pairs = try PicturePairs(path, unreadable: .skipped)
    for error in pairs.skipped { reporter.report(.warning("left out: \(error.message)")) }
    let (training, test) = try pairs.split(validation: 0.2, fold: fold - 1, seed: seed)
    let channels = try Self.channels(of: pairs)
    // Brightness stays: less of it would leave nothing of dim pictures.
    let changes = Augmentation(
      flipsHorizontally: true, flipsVertically: true, shift: 0.05, rotation: 30, zoom: 0.15,
      contrast: 0.2, elastic: 0.02)
    return NetworkData(
      training: LabelledSamples(
        training.dataset(
          width: size, height: size, channels: channels, fit: .cut, augmentation: changes,
          shuffle: true, seed: seed)),
      test: LabelledSamples(
        test.dataset(width: size, height: size, channels: channels, fit: .cut)),
      origin: "\(path), a fifth held out", record: ["channels": .int(channels)])
  }

  /// Channels of the pictures that a model was or is to be made for.
  static func channels(_ record: JSON) -> Int { record["channels"]?.int ?? 1 }

  /// One if the first pictures are grey, else three.
  private static func channels(of pairs: PicturePairs) throws -> Int {
    let areGrey = try pairs.pairs.prefix(16).allSatisfy {
      try Picture(file: $0.picture).channels < 3
    }
    return areGrey ? 1 : 3
  }

  private func made(seed: Int) -> NetworkData {
    let cells = (0..<pictures).map { Cells(side: size, seed: seed, number: $0) }
    func samples(_ range: Range<Int>) -> LabelledSamples {
      let shape = [range.count, size, size, 1]
      return LabelledSamples(
        Tensor(cells[range].flatMap(\.pixels), shape: shape),
        Tensor(cells[range].flatMap(\.mask), shape: shape))
    }
    let cut = pictures * 4 / 5
    return NetworkData(
      training: samples(0..<cut), test: samples(cut..<pictures),
      origin: "noisy pictures of cells, made on the spot", record: ["channels": 1])
  }
}

/// A noisy picture of cells, and where they are.
struct Cells {
  /// Brightness from 0 to 1, row by row.
  private(set) var pixels: [Float]
  /// 1 in cells, 0 elsewhere.
  private(set) var mask: [Float]

  /// Draws a picture; the same seed and number give the same one.
  init(side: Int, seed: Int, number: Int) {
    let place = UInt64(bitPattern: Int64(seed)) &* 0x9E37_79B9_7F4A_7C15 &+ UInt64(number)
    var generator = SeededGenerator(seed: place)
    // Light falls from one side.
    let light = SIMD2(generator.uniform(-0.15, 0.15), generator.uniform(-0.15, 0.15))
    let scale = Double(side)
    pixels = (0..<side * side).map {
      Float(0.4 + (light * SIMD2(Double($0 % side), Double($0 / side)) / scale).sum())
    }
    mask = Array(repeating: 0, count: side * side)
    for _ in 0..<max(2, side * side / 2048 + generator.index(below: 5) - 2) {
      draw(side, &generator)
    }
    for place in pixels.indices {
      let noise = generator.uniform(-0.2, 0.2) + generator.uniform(-0.2, 0.2)
      pixels[place] = min(1, max(0, pixels[place] + Float(noise)))
    }
  }

  /// Draws an oval that is brighter or darker than what is around it.
  private mutating func draw(_ side: Int, _ generator: inout SeededGenerator) {
    let middle = SIMD2(generator.uniform(0, Double(side)), generator.uniform(0, Double(side)))
    let radius = generator.uniform(5, 12)
    let radii = SIMD2(radius * generator.uniform(0.8, 1.25), radius)
    let shade = Float(generator.uniform(0.2, 0.35) * (generator.uniform() < 0.75 ? 1 : -1))
    let reach = Int(radius * 1.25) + 1
    let (column, row) = (Int(middle.x), Int(middle.y))
    for y in max(0, row - reach)..<min(side, row + reach + 1) {
      for x in max(0, column - reach)..<min(side, column + reach + 1) {
        let offset = (SIMD2(Double(x), Double(y)) + 0.5 - middle) / radii
        guard (offset * offset).sum() <= 1, mask[y * side + x] == 0 else { continue }
        mask[y * side + x] = 1
        pixels[y * side + x] += shade
      }
    }
  }
}

import PlushData

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Random changes that leave what a picture shows, so that a network sees more than there is.
///
/// Changes are drawn evenly up to the given sizes, in both directions. What comes in from outside
/// is the picture mirrored at its edge.
public struct Augmentation: Sendable, Hashable {
  /// Whether left and right are exchanged half of the time.
  public var flipsHorizontally: Bool
  /// Whether top and bottom are exchanged half of the time.
  public var flipsVertically: Bool
  /// How far the picture moves, as a part of its sides.
  public var shift: Double
  /// How far it turns, in degrees.
  public var rotation: Double
  /// How much larger or smaller it becomes: 0.2 for 1/1.2 to 1.2 times.
  public var zoom: Double
  /// How much brighter or darker, as a part of the range from black to white.
  public var brightness: Double
  /// How much more or less values differ from their mean: 0.2 for 0.8 to 1.2 times.
  public var contrast: Double
  /// How far places move on their own, as a part of the sides: 0.05 bends a lot.
  public var elastic: Double

  /// Changes of these sizes; none where nothing is said.
  public init(
    flipsHorizontally: Bool = false, flipsVertically: Bool = false, shift: Double = 0,
    rotation: Double = 0, zoom: Double = 0, brightness: Double = 0, contrast: Double = 0,
    elastic: Double = 0
  ) {
    self.flipsHorizontally = flipsHorizontally
    self.flipsVertically = flipsVertically
    self.shift = shift
    self.rotation = rotation
    self.zoom = zoom
    self.brightness = brightness
    self.contrast = contrast
    self.elastic = elastic
  }

  /// A changed picture; the same seed gives the same one.
  public func applied(to picture: Picture, seed: Int) -> Picture {
    var generator = SeededGenerator(seed: UInt64(bitPattern: Int64(seed)))
    return applied(to: picture, &generator)
  }

  /// A changed picture with its mask, which moves with it and takes the values of nearest pixels.
  public func applied(
    to picture: Picture, mask: Picture, seed: Int
  ) -> (picture: Picture, mask: Picture) {
    var generator = SeededGenerator(seed: UInt64(bitPattern: Int64(seed)))
    return applied(to: picture, mask: mask, &generator)
  }

  func applied(to picture: Picture, _ generator: inout SeededGenerator) -> Picture {
    let motion = motion(&generator)
    return toned(picture.moved(motion, isSmooth: true), &generator)
  }

  func applied(
    to picture: Picture, mask: Picture, _ generator: inout SeededGenerator
  ) -> (picture: Picture, mask: Picture) {
    let motion = motion(&generator)
    let moved = picture.moved(motion, isSmooth: true)
    return (toned(moved, &generator), mask.moved(motion, isSmooth: false))
  }

  /// Draws where places come from. As many numbers are drawn whatever the sizes are.
  private func motion(_ generator: inout SeededGenerator) -> Motion {
    precondition(
      [shift, rotation, zoom, brightness, contrast, elastic].allSatisfy { $0.magnitude <= 1000 },
      "the sizes of changes are small numbers, got \(self)")
    let isFlipped = (
      generator.uniform() < 0.5 && flipsHorizontally, generator.uniform() < 0.5 && flipsVertically
    )
    let angle = generator.uniform(-rotation, rotation) * .pi / 180
    let scale = pow(1 + max(0, zoom), generator.uniform(-1, 1))
    let shift = SIMD2(
      generator.uniform(-self.shift, self.shift), generator.uniform(-self.shift, self.shift))
    return Motion(
      cosine: cos(angle) / scale, sine: sin(angle) / scale,
      flip: [isFlipped.0 ? -1 : 1, isFlipped.1 ? -1 : 1], shift: shift,
      bend: elastic > 0 ? Bend(strength: elastic, &generator) : nil)
  }

  private func toned(_ picture: Picture, _ generator: inout SeededGenerator) -> Picture {
    let gain = Float(1 + generator.uniform(-contrast, contrast))
    let light = Float(generator.uniform(-brightness, brightness) * 255)
    guard gain != 1 || light != 0 else { return picture }
    let (channels, colors) = (picture.channels, picture.channels - (picture.hasAlpha ? 1 : 0))
    var counts = [Int](repeating: 0, count: 256)
    var toned = picture.pixels
    for first in stride(from: 0, to: toned.count, by: channels) {
      for place in first..<first + colors { counts[Int(toned[place])] += 1 }
    }
    let sum = counts.enumerated().reduce(0) { $0 + $1.offset * $1.element }
    let mean = Float(sum) / Float(picture.width * picture.height * colors)
    let tones = (0...255).map { UInt8(rounding: (Float($0) - mean) * gain + mean + light) }
    for first in stride(from: 0, to: toned.count, by: channels) {
      for place in first..<first + colors { toned[place] = tones[Int(toned[place])] }
    }
    return Picture(
      width: picture.width, height: picture.height, channels: channels, pixels: toned)
  }
}

/// Where the places of a changed picture come from.
struct Motion {
  let cosine: Double
  let sine: Double
  let flip: SIMD2<Double>
  /// In parts of the sides.
  let shift: SIMD2<Double>
  let bend: Bend?

  var isNothing: Bool {
    cosine == 1 && sine == 0 && flip == [1, 1] && shift == .zero && bend == nil
  }
}

/// A smooth random bending: places on a grid move, those between follow by cubic B-splines.
struct Bend {
  /// How many spans the grid has in each direction.
  static let spans = 4
  private static let side = spans + 3
  private var moves: [SIMD2<Double>]

  /// Draws how the grid moves, in parts of the sides.
  init(strength: Double, _ generator: inout SeededGenerator) {
    moves = (0..<Self.side * Self.side).map { _ in
      [generator.uniform(-strength, strength), generator.uniform(-strength, strength)]
    }
  }

  /// The moves of the grid's columns in the height of a row, from 0 to 1.
  func columns(at y: Double) -> [SIMD2<Double>] {
    let (span, weights) = Self.weights(y)
    return (0..<Self.side).map { column in
      (0..<4).reduce(.zero) { $0 + moves[(span + $1) * Self.side + column] * weights[$1] }
    }
  }

  /// The move of a place in such a row, by the weights of the place.
  static func move(
    _ columns: [SIMD2<Double>], _ place: (span: Int, weights: SIMD4<Double>)
  ) -> SIMD2<Double> {
    let (span, weights) = place
    return columns[span] * weights.x + columns[span + 1] * weights.y
      + columns[span + 2] * weights.z + columns[span + 3] * weights.w
  }

  /// The first of four places of the grid on which a place from 0 to 1 depends, and how much.
  static func weights(_ place: Double) -> (span: Int, weights: SIMD4<Double>) {
    let place = min(max(place, 0), 1) * Double(spans)
    let span = min(Int(place), spans - 1)
    let t = place - Double(span)
    let (square, cube) = (t * t, t * t * t)
    let before = 1 - 3 * t + 3 * square - cube
    let near = 4 - 6 * square + 3 * cube
    let next = 1 + 3 * t + 3 * square - 3 * cube
    return (span, SIMD4(before, near, next, cube) / 6)
  }
}

extension Picture {
  /// The picture with its places moved.
  func moved(_ motion: Motion, isSmooth: Bool) -> Picture {
    if motion.isNothing { return self }
    let size = SIMD2(Double(width), Double(height))
    let (middle, shift) = (size / 2, motion.shift * size)
    let weights =
      motion.bend == nil ? [] : (0..<width).map { Bend.weights((Double($0) + 0.5) / size.x) }
    let moved = [UInt8](unsafeUninitializedCapacity: pixels.count) { output, initialized in
      pixels.withUnsafeBufferPointer { input in
        for y in 0..<height {
          let columns = motion.bend?.columns(at: (Double(y) + 0.5) / size.y)
          let start = y &* width
          for x in 0..<width {
            let place = SIMD2(Double(x) + 0.5, Double(y) + 0.5)
            let offset = place - middle
            let turned = SIMD2(
              motion.cosine * offset.x + motion.sine * offset.y,
              motion.cosine * offset.y - motion.sine * offset.x)
            var source = turned * motion.flip + middle - shift
            if let columns { source += Bend.move(columns, weights[x]) * size }
            let target = output.baseAddress! + (start &+ x) &* channels
            if isSmooth {
              sample(input.baseAddress!, source - 0.5, target)
            } else {
              copy(input.baseAddress!, source, target)
            }
          }
        }
      }
      initialized = pixels.count
    }
    return Picture(width: width, height: height, channels: channels, pixels: moved)
  }

  /// The value between four pixels.
  private func sample(
    _ input: UnsafePointer<UInt8>, _ place: SIMD2<Double>, _ target: UnsafeMutablePointer<UInt8>
  ) {
    // Places and shares in whole numbers, of which 2048 are one.
    let (x, y) = (Int(place.x * 2048), Int(place.y * 2048))
    let (column, row) = (x >> 11, y >> 11)
    let (across, down) = (
      Int32(truncatingIfNeeded: x & 2047), Int32(truncatingIfNeeded: y & 2047)
    )
    let left = mirrored(column, width) &* channels
    let right = mirrored(column &+ 1, width) &* channels
    let top = input + mirrored(row, height) &* width &* channels
    let bottom = input + mirrored(row &+ 1, height) &* width &* channels
    for channel in 0..<channels {
      let (a, b) = (Int32(top[left &+ channel]), Int32(top[right &+ channel]))
      let (c, d) = (Int32(bottom[left &+ channel]), Int32(bottom[right &+ channel]))
      let above = a &<< 11 &+ (b &- a) &* across
      let below = c &<< 11 &+ (d &- c) &* across
      let sum = above &<< 11 &+ (below &- above) &* down &+ 1 << 21
      target[channel] = UInt8(truncatingIfNeeded: sum >> 22)
    }
  }

  /// The value of the pixel in which a place is.
  private func copy(
    _ input: UnsafePointer<UInt8>, _ place: SIMD2<Double>, _ target: UnsafeMutablePointer<UInt8>
  ) {
    let x = mirrored(Int(place.x * 2048) >> 11, width)
    let y = mirrored(Int(place.y * 2048) >> 11, height)
    for channel in 0..<channels { target[channel] = input[(y * width + x) * channels + channel] }
  }
}

/// A place in a row that goes on mirrored at its ends.
@inline(__always)
func mirrored(_ place: Int, _ count: Int) -> Int {
  place >= 0 && place < count ? place : folded(place, count)
}

@inline(never)
private func folded(_ place: Int, _ count: Int) -> Int {
  let rest = place % (2 * count)
  let folded = rest < 0 ? rest + 2 * count : rest
  return folded < count ? folded : 2 * count - 1 - folded
}

/// Pictures of digits as if written by hand: 28×28, white ink on black, like those of MNIST.
///
/// They are drawn, not collected: each picture takes a style of its digit, bends and slants it,
/// and traces it with a soft pen. The same seed gives the same pictures on every machine.
public struct Digits: Sendable, Hashable {
  /// The pictures, of shape [count, 28, 28]; 0 is paper, 255 full ink.
  public let images: IDXArray
  /// The digits, of shape [count].
  public let labels: IDXArray

  /// Draws so many digits in random order.
  ///
  /// - Precondition: the count is not negative.
  public init(count: Int, seed: UInt64) {
    precondition(count >= 0, "expected a count of digits, got \(count)")
    var images: [UInt8] = []
    images.reserveCapacity(count * Canvas.size * Canvas.size)
    let labels = (0..<count).map { index in
      var generator = SeededGenerator(seed: seed &+ UInt64(index) &* 0xD1B5_4A32_D192_ED03)
      let digit = generator.index(below: 10)
      images += Self.draw(digit, &generator)
      return UInt8(digit)
    }
    self.images = IDXArray(images, shape: [count, Canvas.size, Canvas.size])
    self.labels = IDXArray(labels, shape: [count])
  }

  /// Draws one digit; the result has 28×28 values.
  ///
  /// - Precondition: the digit is from 0 to 9.
  public static func draw(_ digit: Int, seed: UInt64) -> [UInt8] {
    precondition((0...9).contains(digit), "expected a digit from 0 to 9, got \(digit)")
    var generator = SeededGenerator(seed: seed)
    return draw(digit, &generator)
  }

  private static func draw(_ digit: Int, _ generator: inout SeededGenerator) -> [UInt8] {
    let skeleton = generator.style(of: DigitSkeleton.styles[digit])
    let hand = Hand(&generator)
    let strokes = hand.write(skeleton, &generator)
    let pen = Pen(&generator)
    let placed = pen.place(strokes, &generator)
    var canvas = Canvas()
    for stroke in placed { pen.trace(stroke, on: &canvas, &generator) }
    return canvas.developed(&generator)
  }
}

typealias Point = SIMD2<Double>

extension SeededGenerator {
  /// A number around 0 with deviation 1, nearly of the normal distribution but never beyond ±3.5.
  /// A sum of uniform ones needs no logarithm, and so has the same bits on every machine.
  mutating func bell() -> Double {
    let sum = uniform() + uniform() + uniform() + uniform()
    return (sum - 2) * 1.732
  }

  /// One of the styles, by their weights.
  mutating func style(of styles: [DigitSkeleton]) -> DigitSkeleton {
    var place = uniform(0, styles.reduce(0) { $0 + $1.weight })
    for style in styles {
      place -= style.weight
      if place < 0 { return style }
    }
    return styles[0]
  }
}

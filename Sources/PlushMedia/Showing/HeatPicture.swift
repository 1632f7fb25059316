import PlushNN
import PlushTensor

extension Picture {
  /// A picture of numbers: from dark violet for the smallest over green to yellow for the largest.
  ///
  /// - Parameters:
  ///   - tensor: numbers of shape [height, width].
  ///   - range: which numbers are darkest and brightest; by default the smallest and the largest.
  /// - Precondition: the tensor has two axes.
  public init(heat tensor: Tensor, range: ClosedRange<Double>? = nil) {
    precondition(
      tensor.rank == 2, "a heat picture needs the shape [height, width], got \(tensor.shape)")
    self.init(
      heat: tensor.dataSync()[...], height: tensor.shape[0], width: tensor.shape[1], range: range)
  }

  fileprivate init(
    heat values: ArraySlice<Float>, height: Int, width: Int, range: ClosedRange<Double>? = nil
  ) {
    let finite = values.filter(\.isFinite)
    let range = range ?? Double(finite.min() ?? 0)...Double(finite.max() ?? 0)
    let span = range.upperBound - range.lowerBound
    self.init(width: width, height: height, values) { value in
      heat.color(at: span > 0 ? (Double(value) - range.lowerBound) / span : 0)
    }
  }

  /// A picture of numbers around zero: blue below, white at zero, red above.
  ///
  /// - Parameters:
  ///   - tensor: numbers of shape [height, width].
  ///   - limit: the size of numbers that have full color; by default that of the largest.
  /// - Precondition: the tensor has two axes.
  public init(signed tensor: Tensor, limit: Double? = nil) {
    precondition(
      tensor.rank == 2, "a signed picture needs the shape [height, width], got \(tensor.shape)")
    self.init(
      signed: tensor.dataSync()[...], height: tensor.shape[0], width: tensor.shape[1], limit: limit)
  }

  fileprivate init(
    signed values: ArraySlice<Float>, height: Int, width: Int, limit: Double? = nil
  ) {
    let limit = limit ?? Double(values.filter(\.isFinite).map(\.magnitude).max() ?? 0)
    self.init(width: width, height: height, values) { value in
      signs.color(at: limit > 0 ? (Double(value) / limit + 1) / 2 : 0.5)
    }
  }

  /// A pixel for each number; what is none is grey.
  private init(
    width: Int, height: Int, _ values: ArraySlice<Float>, color: (Float) -> Drawing.Color
  ) {
    let pixels = values.flatMap { value in
      let parts = (value.isNaN ? 0x9CA3AF : color(value)).parts
      return [parts.x, parts.y, parts.z]
    }
    self.init(width: width, height: height, channels: 3, pixels: pixels)
  }
}

/// Colors in a row, with those between them mixed.
private struct ColorScale {
  let colors: [Drawing.Color]

  /// The color of a place from 0 to 1.
  func color(at place: Double) -> Drawing.Color {
    let place = min(max(place, 0), 1) * Double(colors.count - 1)
    let index = min(Int(place), colors.count - 2)
    return colors[index].mixed(with: colors[index + 1], place - Double(index))
  }
}

private let heat = ColorScale(
  colors: [0x2D0B4E, 0x45327F, 0x35618D, 0x22908C, 0x3DBC74, 0x9BD93C, 0xFCE625])
private let signs = ColorScale(colors: [0x1E3A8A, 0x3B82F6, 0xFFFFFF, 0xEF4444, 0x7F1D1D])

extension Picture {
  /// What a layer makes of a sample: a picture for each channel, from its smallest to its largest
  /// number.
  ///
  /// ```swift
  /// let inside = try model.activations(of: ["conv2d"], for: x)
  /// try Picture.grid(Picture.featureMaps(of: inside["conv2d"]!)).write(to: "maps.png")
  /// ```
  ///
  /// - Parameters:
  ///   - activation: what a layer gave, of shape [samples, height, width, channels].
  ///   - sample: which sample.
  /// - Precondition: the tensor has such a shape and the sample is there.
  public static func featureMaps(of activation: Tensor, sample: Int = 0) -> [Picture] {
    precondition(
      activation.rank == 4 && (0..<activation.shape[0]).contains(sample),
      "feature maps need the shape [samples, height, width, channels], got \(activation.shape)")
    let (height, width, channels) = (
      activation.shape[1], activation.shape[2], activation.shape[3]
    )
    let values = activation.dataSync()
    let size = height * width
    return (0..<channels).map { channel in
      let map = (0..<size).map { values[(sample * size + $0) * channels + channel] }
      return Picture(heat: map[...], height: height, width: width)
    }
  }

  /// What a convolution looks for: a picture for each of its filters.
  ///
  /// A filter of three channels is shown in colors, with grey for zero. Of others each channel has
  /// a tile of its own, row by row, blue below zero and red above.
  ///
  /// - Parameter kernel: weights of shape [height, width, inputs, outputs].
  /// - Precondition: the tensor has such a shape.
  public static func filters(of kernel: Tensor) -> [Picture] {
    precondition(
      kernel.rank == 4,
      "filters need the shape [height, width, inputs, outputs], got \(kernel.shape)")
    let (height, width) = (kernel.shape[0], kernel.shape[1])
    let (inputs, outputs) = (kernel.shape[2], kernel.shape[3])
    let values = kernel.dataSync()
    return (0..<outputs).map { output in
      func weight(_ place: Int, _ input: Int) -> Float {
        values[(place * inputs + input) * outputs + output]
      }
      let places = 0..<height * width
      let sizes = places.flatMap { place in (0..<inputs).map { weight(place, $0).magnitude } }
      let limit = max(sizes.max() ?? 0, .leastNormalMagnitude)
      if inputs == 3 {
        let pixels = places.flatMap { place in
          (0..<3).map { UInt8(rounding: (weight(place, $0) / limit + 1) * 127.5) }
        }
        return Picture(width: width, height: height, channels: 3, pixels: pixels)
      }
      let columns = Int(Double(inputs).squareRoot().rounded(.up))
      let rows = (inputs + columns - 1) / columns
      var tiles = Picture(width: columns * (width + 1) - 1, height: rows * (height + 1) - 1)
      for input in 0..<inputs {
        let channel = places.map { weight($0, input) }
        let picture = Picture(
          signed: channel[...], height: height, width: width, limit: Double(limit))
        tiles.put(picture, x: input % columns * (width + 1), y: input / columns * (height + 1))
      }
      return tiles
    }
  }
}

import PlushEngine

// Pictures: [batch, rows, columns, channels].

extension Tensor {
  /// Pictures mirrored left to right: the order of the columns of [batch, rows, columns, channels]
  /// is reversed.
  public func flipLeftRight() -> Tensor {
    requirePictures("flipLeftRight")
    return reverse(axis: -2)
  }

  /// Pictures upside down: the order of the rows of [batch, rows, columns, channels] is reversed.
  public func flipUpDown() -> Tensor {
    requirePictures("flipUpDown")
    return reverse(axis: -3)
  }

  /// The middle of pictures: [batch, height, width, channels] gives [batch, rows, columns,
  /// channels]. Of an odd rest, the larger part is cut at the end.
  ///
  /// - Precondition: rows and columns are from 1 to those of the pictures.
  public func centerCrop(rows: Int, columns: Int) -> Tensor {
    requirePictures("centerCrop")
    guard (1...shape[rank - 3]).contains(rows), (1...shape[rank - 2]).contains(columns) else {
      stop("centerCrop of \(shape) to \(rows) rows, \(columns) columns: that is not a part of it.")
    }
    let (top, left) = ((shape[rank - 3] - rows) / 2, (shape[rank - 2] - columns) / 2)
    return narrowed(rank - 3, top, rows).narrowed(rank - 2, left, columns)
  }

  /// How bright colours look: [count…, 3] (red, green, blue) gives [count…, 1], the sum weighed by
  /// 0.2989, 0.5870 and 0.1140. Integers are rounded down.
  public func rgbToGrayscale() -> Tensor {
    requireColours("rgbToGrayscale")
    let weights = Tensor([0.2989, 0.587, 0.114], dtype: dtype.floating)
    return (floating * weights).sum(axes: [rank - 1], keepDims: true).cast(to: dtype)
  }

  /// Pictures without colours as coloured ones: [count…, 1] gives [count…, 3].
  public func grayscaleToRGB() -> Tensor {
    guard rank > 1, shape[rank - 1] == 1 else {
      stop("grayscaleToRGB expects [count…, 1]; got \(shape).")
    }
    return broadcast(to: shape.dropLast() + [3])
  }

  /// Colours as hue, saturation and value, from 0 to 1: [count…, 3] of red, green and blue, from 0
  /// to 1, gives [count…, 3].
  public func rgbToHSV() -> Tensor {
    requireColours("rgbToHSV")
    let colours = floating.unstack(axis: -1)
    let (red, green, blue) = (colours[0], colours[1], colours[2])
    let value = red.maximum(green).maximum(blue)
    let range = value - red.minimum(green).minimum(blue)
    let isGray = range .== 0
    let divisor = isGray.select(1, range)
    let hue = (value .== red).select(
      (green - blue) / divisor,
      (value .== green).select((blue - red) / divisor + 2, (red - green) / divisor + 4))
    let turn = isGray.select(0, (hue / 6).modulo(1))
    let saturation = (value .== 0).select(0, range / (value .== 0).select(1, value))
    return stack([turn, saturation, value], axis: -1)
  }

  /// The inverse of `rgbToHSV`: [count…, 3] stays, all numbers from 0 to 1.
  public func hsvToRGB() -> Tensor {
    requireColours("hsvToRGB")
    let parts = floating.unstack(axis: -1)
    let (hue, saturation, value) = (parts[0] * 6, parts[1], parts[2])
    // Each colour is a trapezoid over the hues, a third of the circle from the next.
    let colours = [5.0, 3, 1].map { shift in
      let k = (hue + shift).modulo(6)
      return value - value * saturation * k.minimum(4 - k).clip(min: 0, max: 1)
    }
    return stack(colours, axis: -1)
  }

  /// Colours [count…, 3] whose hue is turned by a part of the circle.
  ///
  /// - Parameter delta: the part, 1 for the whole circle. Colours are from 0 to 1.
  public func adjustHue(_ delta: Double) -> Tensor {
    let hsv = rgbToHSV()
    let hue = (hsv.narrowed(rank - 1, 0, 1) + delta).modulo(1)
    return concatenate([hue, hsv.narrowed(rank - 1, 1, 2)], axis: -1).hsvToRGB()
  }

  /// Colours [count…, 3] whose saturation is multiplied, and cut to 0 to 1.
  ///
  /// - Parameter factor: what it is multiplied by. Colours are from 0 to 1.
  public func adjustSaturation(_ factor: Double) -> Tensor {
    let hsv = rgbToHSV()
    let saturation = (hsv.narrowed(rank - 1, 1, 1) * factor).clip(min: 0, max: 1)
    return concatenate(
      [hsv.narrowed(rank - 1, 0, 1), saturation, hsv.narrowed(rank - 1, 2, 1)], axis: -1
    ).hsvToRGB()
  }

  /// Pictures whose elements differ from the mean of their picture's channel `factor` times as much.
  /// Shapes: [batch, rows, columns, channels] stays.
  public func adjustContrast(_ factor: Double) -> Tensor {
    requirePictures("adjustContrast")
    let mean = floating.mean(axes: [rank - 3, rank - 2], keepDims: true)
    return (floating - mean) * factor + mean
  }

  /// 255 where pictures with elements from 0 to 255 are brighter than a part of 255, else 0, as int32:
  /// [rows, columns, channels], of which three are taken for colours, gives [rows, columns, 1].
  ///
  /// - Parameters:
  ///   - threshold: from 0 to 1; without it, the one that parts bright and dark best (Otsu, 1979),
  ///     which reads the picture.
  ///   - isInverted: whether dark becomes 255 instead.
  public func binarized(threshold: Double? = nil, isInverted: Bool = false) -> Tensor {
    guard rank == 3, [1, 3].contains(shape[2]) else {
      stop("binarized expects [rows, columns, 1 or 3]; got \(shape).")
    }
    let gray = shape[2] == 3 ? floating.rgbToGrayscale() : floating
    let limit = threshold.map { $0 * 255 } ?? gray.round().cast(to: .int32).otsuThreshold
    return (isInverted ? gray .<= limit : gray .> limit).cast(to: .int32) * 255
  }

  /// The level that makes the variance between the elements up to it and those above it largest.
  private var otsuThreshold: Double {
    let histogram = flatten().bincount(size: 256).dataSync(as: Double.self)
    let total = histogram.reduce(0, +)
    let sum = histogram.enumerated().reduce(0) { $0 + Double($1.offset) * $1.element }
    var best = (level: 0.0, variance: 0.0)
    var (below, sumBelow) = (0.0, 0.0)
    for (level, count) in histogram.enumerated() {
      below += count
      sumBelow += Double(level) * count
      guard below > 0, below < total else { continue }
      let difference = sumBelow / below - (sum - sumBelow) / (total - below)
      let variance = below * (total - below) * difference * difference
      if variance > best.variance { best = (Double(level), variance) }
    }
    return best.level
  }

  func requirePictures(_ name: String) {
    guard rank >= 3 else { stop("\(name) expects [batch, rows, columns, channels]; got \(shape).") }
  }

  private func requireColours(_ name: String) {
    guard rank > 0, shape[rank - 1] == 3 else {
      stop("\(name) expects three colours in the last axis; got \(shape).")
    }
  }
}

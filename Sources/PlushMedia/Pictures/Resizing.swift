import PlushNN

/// How values between pixels are found.
public enum Resampling: Sendable, Hashable {
  /// The value of the nearest pixel, for masks and labels.
  case nearest
  /// The mean of the four nearest pixels by their distance, whatever lies between.
  case bilinear
  /// The mean of all that a pixel covers where a picture shrinks, `bilinear` where it grows.
  case area
}

/// What happens to a picture of another format than the wanted one.
public enum Fit: Sendable, Hashable {
  /// It is distorted.
  case stretch
  /// The largest part in its middle is taken.
  case crop
  /// A part of the wanted size is taken without resizing: from its middle, and in data sets with
  /// augmentation from a random place. Smaller pictures go on mirrored at their edges.
  case cut
  /// All of it is shown, with a color around it.
  case letterbox(Drawing.Color = 0x000000)
}

extension Picture {
  /// The picture in another size.
  ///
  /// - Parameters:
  ///   - width: the new width.
  ///   - height: the new height.
  ///   - fit: what happens if the new size has another ratio.
  ///   - resampling: how values between pixels are found.
  /// - Precondition: sides are at least 1.
  public func resized(
    width: Int, height: Int, fit: Fit = .stretch, resampling: Resampling = .area
  ) -> Picture {
    precondition(
      width > 0 && height > 0, "a picture has sides of at least 1, got \(width)×\(height)")
    let (across, down) = (Double(self.width), Double(self.height))
    let ratio = Double(width) / Double(height)
    switch fit {
    case .stretch:
      return resampled(0...across, 0...down, width, height, resampling)
    case .crop:
      let (w, h) = (min(across, down * ratio), min(down, across / ratio))
      let (x, y) = ((across - w) / 2, (down - h) / 2)
      return resampled(x...x + w, y...y + h, width, height, resampling)
    case .cut:
      return cut(
        x: (self.width - width) / 2, y: (self.height - height) / 2, width: width, height: height)
    case .letterbox(let color):
      let scale = min(Double(width) / across, Double(height) / down)
      let inner = resized(
        width: min(width, max(1, Int((across * scale).rounded()))),
        height: min(height, max(1, Int((down * scale).rounded()))), resampling: resampling)
      return inner.framed(
        width: width, height: height, x: (width - inner.width) / 2,
        y: (height - inner.height) / 2, color: color)
    }
  }

  /// A part of the picture.
  ///
  /// - Precondition: the part lies in the picture.
  public func cropped(x: Int, y: Int, width: Int, height: Int) -> Picture {
    precondition(
      x >= 0 && y >= 0 && width > 0 && height > 0 && x + width <= self.width
        && y + height <= self.height, "\(width)×\(height) at (\(x), \(y)) is not in \(self)")
    let rows = (y..<y + height).map { row -> ArraySlice<UInt8> in
      let start = (row * self.width + x) * channels
      return pixels[start..<start + width * channels]
    }
    return Picture(width: width, height: height, channels: channels, pixels: Array(rows.joined()))
  }

  /// A part of the picture that may reach beyond it: there the picture goes on mirrored.
  ///
  /// - Precondition: the sides of the part are at least 1.
  public func cut(x: Int, y: Int, width: Int, height: Int) -> Picture {
    precondition(width > 0 && height > 0, "a part has sides of at least 1")
    let columns = (x..<x + width).map { mirrored($0, self.width) * channels }
    let values = (y..<y + height).flatMap { row in
      let start = mirrored(row, self.height) * self.width * channels
      return columns.flatMap { pixels[start + $0..<start + $0 + channels] }
    }
    return Picture(width: width, height: height, channels: channels, pixels: values)
  }

  /// The picture at a place of a larger one of one color.
  private func framed(
    width: Int, height: Int, x: Int, y: Int, color: Drawing.Color
  ) -> Picture {
    if width == self.width && height == self.height { return self }
    var frame = Picture(width: width, height: height, color: color).converted(channels: channels)
    frame.put(self, x: x, y: y)
    return frame
  }

  /// Lays another picture of as many channels at a place, where both are.
  mutating func put(_ other: Picture, x: Int, y: Int) {
    let columns = max(0, -x)..<max(0, -x, min(other.width, width - x))
    for row in max(0, -y)..<max(0, -y, min(other.height, height - y)) {
      let source = (row * other.width + columns.lowerBound) * channels
      let target = ((y + row) * width + x + columns.lowerBound) * channels
      let count = columns.count * channels
      pixels.replaceSubrange(target..<target + count, with: other.pixels[source..<source + count])
    }
  }

  /// A part, measured in pixels and fractions of them, in another size: rows first, then columns.
  private func resampled(
    _ across: ClosedRange<Double>, _ down: ClosedRange<Double>, _ width: Int, _ height: Int,
    _ resampling: Resampling
  ) -> Picture {
    let columns = ResamplingAxis(across, of: self.width, count: width, resampling)
    let rows = ResamplingAxis(down, of: self.height, count: height, resampling)
    if columns.isIdentity && rows.isIdentity { return self }
    let used = rows.used
    let stride = width * channels
    let narrowed = pixels.withUnsafeBufferPointer { input in
      [Int32](unsafeUninitializedCapacity: used.count * stride) { output, initialized in
        for row in used {
          columns.mix(
            input.baseAddress! + row * self.width * channels,
            into: output.baseAddress! + (row - used.lowerBound) * stride, channels)
        }
        initialized = used.count * stride
      }
    }
    let values = narrowed.withUnsafeBufferPointer { input in
      [UInt8](unsafeUninitializedCapacity: height * stride) { output, initialized in
        var sums = [Int32](repeating: 0, count: stride)
        for row in 0..<height {
          rows.mix(row, of: input.baseAddress!, from: used.lowerBound, into: &sums)
          for place in 0..<stride {
            output[row &* stride &+ place] = UInt8(truncatingIfNeeded: sums[place] >> 22)
          }
        }
        initialized = height * stride
      }
    }
    return Picture(width: width, height: height, channels: channels, pixels: values)
  }
}

/// Which pixels of a row, and how much of each, make those of a row of another length.
///
/// Shares are whole numbers whose sum is 1 << 14: no step rounds more than a value's last bit.
private struct ResamplingAxis {
  typealias Taps = (first: Int, count: Int, weights: Int)

  private var taps: [Taps] = []
  private var weights: [Int32] = []
  private let length: Int
  private static let one = Int32(1 << 14)

  init(_ range: ClosedRange<Double>, of length: Int, count: Int, _ resampling: Resampling) {
    self.length = length
    let scale = (range.upperBound - range.lowerBound) / Double(count)
    for place in 0..<count {
      let start = range.lowerBound + Double(place) * scale
      switch resampling {
      case .nearest: add(Int((start + scale / 2).rounded(.down)), [1])
      case .area where scale > 1: addArea(start, start + scale)
      case .area, .bilinear: addLinear(start + scale / 2 - 0.5)
      }
    }
  }

  private mutating func add(_ first: Int, _ parts: [Double]) {
    let first = min(max(first, 0), length - 1)
    let sum = parts.reduce(0, +)
    taps.append((first, parts.count, weights.count))
    // What is left after each is shared by the rest, so that nothing is lost.
    var (seen, given) = (0.0, Int32(0))
    for part in parts {
      seen += part
      let upTo = Int32((seen / sum * Double(Self.one)).rounded())
      weights.append(upTo - given)
      given = upTo
    }
  }

  private mutating func addLinear(_ place: Double) {
    let place = min(max(place, 0), Double(length - 1))
    let first = Int(place)
    let part = place - Double(first)
    add(first, part > 0 ? [1 - part, part] : [1])
  }

  private mutating func addArea(_ start: Double, _ end: Double) {
    let first = min(max(Int(start), 0), length - 1)
    let last = min(max(Int(end.rounded(.up)), first + 1), length)
    add(
      first,
      (first..<last).map { max(1e-9, min(end, Double($0 + 1)) - max(start, Double($0))) })
  }

  /// A row of pixels in the new length, 256 times its values.
  func mix(
    _ row: UnsafePointer<UInt8>, into output: UnsafeMutablePointer<Int32>, _ channels: Int
  ) {
    weights.withUnsafeBufferPointer { weights in
      var place = 0
      for tap in taps {
        for channel in 0..<channels {
          var sum: Int32 = 1 << 5
          for part in 0..<tap.count {
            let value = Int32(row[(tap.first &+ part) &* channels &+ channel])
            sum &+= weights[tap.weights &+ part] &* value
          }
          output[place] = sum >> 6
          place &+= 1
        }
      }
    }
  }

  /// A new row of rows, 1 << 22 times its values; the first row there is has the number `start`.
  func mix(
    _ row: Int, of rows: UnsafePointer<Int32>, from start: Int, into sums: inout [Int32]
  ) {
    let tap = taps[row]
    sums.withUnsafeMutableBufferPointer { sums in
      sums.update(repeating: 1 << 21)
      for part in 0..<tap.count {
        let weight = weights[tap.weights + part]
        let source = rows + (tap.first - start + part) * sums.count
        for place in 0..<sums.count { sums[place] &+= weight &* source[place] }
      }
    }
  }

  /// The pixels that matter.
  var used: Range<Int> {
    let first = taps.map(\.first).min() ?? 0
    return first..<(taps.map { $0.first + $0.count }.max() ?? 0)
  }

  /// Whether every pixel is just its own.
  var isIdentity: Bool {
    taps.count == length && taps.enumerated().allSatisfy { $1.first == $0 && $1.count == 1 }
  }
}

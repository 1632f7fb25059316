import PlushEngine

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// Where the elements of a resized axis lie on the original axis of n elements, of which the result
/// has m.
public enum ResizeCoordinates: Sendable, Equatable {
  /// Elements are intervals, and the ends of both axes meet: element i lies at (i + ½) n / m - ½.
  /// That is how Keras 3, PyTorch and JAX have it.
  case halfPixel
  /// Elements are points, and the first and last of both axes meet: i (n - 1) / (m - 1).
  case alignCorners
  /// Elements are points, and the first ones meet: i n / m, as TensorFlow 1 and TensorFlow.js have it
  /// if nothing else is said.
  case asymmetric

  func position(_ element: Int, of size: Int, in original: Int) -> Double {
    let i = Double(element)
    switch self {
    case .halfPixel: return (i + 0.5) * Double(original) / Double(size) - 0.5
    case .alignCorners: return size > 1 ? i * Double(original - 1) / Double(size - 1) : 0
    case .asymmetric: return i * Double(original) / Double(size)
    }
  }
}

extension Tensor {
  /// Pictures of other sizes, each element the nearest: [batch, spatial…, channels] gives [batch,
  /// sizes…, channels].
  public func resizeNearest(
    _ sizes: [Int], coordinates: ResizeCoordinates = .halfPixel, channelsFirst: Bool = false
  ) -> Tensor {
    resized(sizes, "resizeNearest", channelsFirst) { axis, size, x in
      let original = x.shape[axis]
      if coordinates != .alignCorners, size % Swift.max(1, original) == 0 {
        return x.repeat(size / Swift.max(1, original), axis: axis)
      }
      let places = (0..<size).map { element -> Int32 in
        let position = coordinates.position(element, of: size, in: original)
        // Halves go up, also from the half that lies before the first element.
        let nearest =
          coordinates == .asymmetric ? position.rounded(.down) : (position + 0.5).rounded(.down)
        return Int32(Swift.min(Swift.max(0, Int(nearest)), original - 1))
      }
      return x.gather(Tensor(places), axis: axis)
    }
  }

  /// Pictures of other sizes, elements in between by straight lines along each axis: [batch,
  /// spatial…, channels] gives [batch, sizes…, channels]. Integers give float32.
  ///
  /// - Parameter antialias: whether smaller results are means over all that lies in between.
  public func resizeBilinear(
    _ sizes: [Int], coordinates: ResizeCoordinates = .halfPixel, antialias: Bool = false,
    channelsFirst: Bool = false
  ) -> Tensor {
    floating.interpolated(
      sizes, "resizeBilinear", coordinates, antialias, channelsFirst,
      ResizeKernel(radius: 1, beyond: .edge) { Swift.max(0, 1 - Swift.abs($0)) })
  }

  /// Pictures of other sizes, elements in between by cubic curves along each axis (Keys, 1981):
  /// [batch, spatial…, channels] gives [batch, sizes…, channels]. Integers give float32.
  ///
  /// - Parameters:
  ///   - coefficient: the slope of the curves: -0.5 as in Keras and Pillow, -0.75 as in PyTorch.
  ///   - repeatsEdge: whether elements beyond the ends count as the last; else they do not count.
  ///   - antialias: whether smaller results are means over all that lies in between.
  public func resizeBicubic(
    _ sizes: [Int], coordinates: ResizeCoordinates = .halfPixel, coefficient a: Double = -0.5,
    repeatsEdge: Bool = false, antialias: Bool = false, channelsFirst: Bool = false
  ) -> Tensor {
    floating.interpolated(
      sizes, "resizeBicubic", coordinates, antialias, channelsFirst,
      ResizeKernel(radius: 2, beyond: repeatsEdge ? .edge : .nothing) { distance in
        let x = Swift.abs(distance)
        if x <= 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
        return x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0
      })
  }

  /// Pictures of other sizes, elements in between by Lanczos's windowed sinc along each axis.
  ///
  /// - Parameter radius: how many elements to each side count.
  public func resizeLanczos(
    _ sizes: [Int], radius: Int = 3, coordinates: ResizeCoordinates = .halfPixel,
    antialias: Bool = false, channelsFirst: Bool = false
  ) -> Tensor {
    floating.interpolated(
      sizes, "resizeLanczos", coordinates, antialias, channelsFirst,
      ResizeKernel(radius: radius, beyond: .nothing) { x in
        x.sinc * (x / Double(radius)).sinc
      })
  }

  private func interpolated(
    _ sizes: [Int], _ name: String, _ coordinates: ResizeCoordinates, _ antialias: Bool,
    _ channelsFirst: Bool, _ kernel: ResizeKernel
  ) -> Tensor {
    resized(sizes, name, channelsFirst) { axis, size, x in
      let taps = kernel.taps(size, of: x.shape[axis], coordinates, antialias)
      return taps.count > 4 ? x.mixed(axis, taps) : x.gathered(axis, taps)
    }
  }

  /// Each spatial axis whose size changes, one after the other.
  private func resized(
    _ sizes: [Int], _ name: String, _ channelsFirst: Bool,
    _ resizeAxis: (_ axis: Int, _ size: Int, Tensor) -> Tensor
  ) -> Tensor {
    let isEmpty = shape.dropFirst().contains(0)
    guard rank == sizes.count + 2, sizes.allSatisfy({ $0 > 0 }), !isEmpty else {
      stop(
        "\(name) expects [batch, spatial…, channels] with a new size above 0 for each spatial axis; "
          + "got \(shape), sizes \(sizes).")
    }
    let first = channelsFirst ? 2 : 1
    return sizes.indices.reduce(self) { x, index in
      x.shape[first + index] == sizes[index] ? x : resizeAxis(first + index, sizes[index], x)
    }
  }

  /// The sum over taps, each an element of the axis for each element of the result and its weight.
  private func gathered(_ axis: Int, _ taps: [[ResizeKernel.Tap]]) -> Tensor {
    var column = [Int](repeating: 1, count: rank)
    column[axis] = taps[0].count
    let parts = taps.map { taps in
      gather(Tensor(taps.map { Int32($0.element) }), axis: axis)
        * Tensor(taps.map(\.weight), shape: column, dtype: dtype)
    }
    return parts.dropFirst().reduce(parts[0], +)
  }

  /// The same sum as a product with a matrix of the weights.
  private func mixed(_ axis: Int, _ taps: [[ResizeKernel.Tap]]) -> Tensor {
    let (size, original) = (taps[0].count, shape[axis])
    var weights = [Double](repeating: 0, count: size * original)
    for taps in taps {
      for (place, tap) in taps.enumerated() {
        weights[place * original + tap.element] += tap.weight
      }
    }
    let matrix = Tensor(weights, shape: [size, original], dtype: dtype)
    let outer = shape[..<axis].reduce(1, *)
    let product = matrix.matmul(reshape([outer, original, -1]))
    return product.reshape(shape[..<axis] + [size] + shape[(axis + 1)...])
  }
}

/// How much elements count by their distance.
private struct ResizeKernel {
  /// An element of the original axis and its weight.
  struct Tap {
    var element: Int
    var weight: Double
  }

  /// What elements beyond the ends are.
  enum Beyond { case edge, nothing }

  let radius: Int
  let beyond: Beyond
  let weight: (Double) -> Double

  /// For each of a number of taps, the element and weight for each element of the result.
  func taps(
    _ size: Int, of original: Int, _ coordinates: ResizeCoordinates, _ antialias: Bool
  ) -> [[Tap]] {
    let spread = antialias ? Swift.max(1, Double(original) / Double(size)) : 1
    let reach = Double(radius) * spread
    let count = Int(reach.rounded(.up)) * 2
    var taps = [[Tap]](repeating: [], count: count)
    for place in 0..<size {
      let position = coordinates.position(place, of: size, in: original)
      let first = Int(position.rounded(.down)) - count / 2 + 1
      var weights = (0..<count).map { weight((Double(first + $0) - position) / spread) }
      if beyond == .nothing {
        for tap in 0..<count where !(0..<original).contains(first + tap) { weights[tap] = 0 }
      }
      let sum = weights.reduce(0, +)
      for tap in 0..<count {
        let element = Swift.min(Swift.max(0, first + tap), original - 1)
        taps[tap].append(Tap(element: element, weight: weights[tap] / sum))
      }
    }
    return taps
  }
}

extension Double {
  /// `sin(πx) / (πx)`.
  fileprivate var sinc: Double {
    self == 0 ? 1 : sin(Double.pi * self) / (Double.pi * self)
  }
}

import PlushEngine
import PlushTensor

/// Convolutions, poolings and pictures for the checks of gradients.
extension GradientTests {
  /// Different numbers without order, so that no two of a window are equal.
  private static func numbers(_ count: Int, _ seed: Double = 0.37) -> [Double] {
    (0..<count).map { place in
      let x = (Double(place) + seed) * 0.618_033_988_749_895
      return (x - x.rounded(.down)) * 3 - 1.4
    }
  }

  private static func window(
    _ name: String, _ x: [Int], _ filter: [Int],
    _ f: @escaping @Sendable (Tensor, Tensor) -> Tensor
  ) -> Case {
    of2(
      name, numbers(x.reduce(1, *)), numbers(filter.reduce(1, *), 0.81), shapes: [x, filter], f)
  }

  private static func picture(
    _ name: String, _ shape: [Int], _ f: @escaping @Sendable (Tensor) -> Tensor
  ) -> Case { of(name, numbers(shape.reduce(1, *)), shape: shape, f) }

  static var windows: [Case] {
    [
      window("conv1d", [2, 5, 2], [3, 2, 2]) { $0.conv1d($1, padding: .causal, dilation: 2) },
      window("conv2d", [1, 4, 3, 2], [2, 3, 2, 2]) {
        $0.conv2d($1, strides: [2, 1], padding: .same)
      },
      window("conv2d in groups", [1, 3, 3, 4], [2, 2, 2, 2]) { $0.conv2d($1, groups: 2) },
      window("conv2d, channels first", [1, 2, 3, 3], [2, 2, 2, 1]) {
        $0.conv2d($1, dilations: 2, channelsFirst: true)
      },
      window("conv2d that leaves a rest", [1, 5, 6, 1], [2, 2, 1, 1]) { $0.conv2d($1, strides: 3) },
      window("conv3d", [1, 2, 3, 2, 1], [2, 2, 1, 1, 2]) { $0.conv3d($1, strides: [1, 2, 1]) },
      window("explicit padding", [1, 3, 2, 1], [2, 2, 1, 2]) {
        $0.conv2d($1, padding: .explicit(low: [2, 0], high: [0, 1]))
      },
      window("depthwise", [1, 3, 3, 2], [2, 2, 2, 2]) { $0.depthwiseConv2d($1, padding: .same) },
      window("separable", [1, 3, 3, 2], [2, 2, 2, 1]) {
        $0.separableConv2d(depthwise: $1, pointwise: $1.reshape([1, 1, 2, 4]))
      },
      window("transposed", [1, 2, 3, 2], [3, 3, 1, 2]) {
        $0.conv2dTranspose($1, strides: 2, padding: .same)
      },
      window("transposed, valid", [1, 3, 2], [2, 2, 2]) {
        $0.conv1dTranspose($1, stride: 3, outputPadding: 1)
      },
      window("transposed in groups", [1, 2, 2, 4], [2, 2, 1, 4]) {
        $0.convolutionTranspose($1, strides: 2, groups: 2)
      },
      window("dilation2d", [1, 4, 4, 1], [2, 2, 1]) { $0.dilation2d($1, padding: .same) },
      picture("maxPool", [1, 5, 4, 2]) { $0.maxPool(size: 3, strides: 2, padding: .same) },
      picture("maxPool of sequences", [1, 7, 1]) { $0.maxPool(size: 2, dilations: 2) },
      picture("averagePool", [1, 5, 4, 1]) { $0.averagePool(size: 3, strides: 2, padding: .same) },
      picture("averagePool of volumes", [1, 3, 2, 3, 1]) { $0.averagePool(size: 2, strides: 1) },
      picture("globalAveragePool", [2, 3, 2, 2]) { $0.globalAveragePool() },
      picture("globalMaxPool", [2, 2, 3, 2]) { $0.globalMaxPool(channelsFirst: true) },
      picture("adaptiveMaxPool", [1, 5, 4, 1]) { $0.adaptiveMaxPool(sizes: [2, 3]) },
      picture("adaptiveAveragePool", [1, 5, 7, 1]) { $0.adaptiveAveragePool(sizes: 3) },
      picture("resizeNearest", [1, 3, 2, 2]) { $0.resizeNearest([5, 6]) },
      picture("resizeBilinear", [1, 3, 4, 1]) { $0.resizeBilinear([5, 3]) },
      picture("resizeBicubic", [1, 4, 3, 1]) { $0.resizeBicubic([3, 5]) },
      picture("antialias", [1, 6, 5, 1]) { $0.resizeBilinear([2, 3], antialias: true) },
      window("cropAndResize", [1, 3, 4, 2], [1, 4]) { x, corners in
        x.cropAndResize(
          boxes: corners * 0.1 + Tensor([[0.2, 0.1, 0.7, 0.8]]), boxIndices: Tensor([0]),
          size: (2, 3))
      },
      picture("rotate", [1, 3, 3, 1]) { $0.rotate(radians: 0.4, interpolation: .bilinear) },
      picture("grayscale", [2, 3]) { $0.rgbToGrayscale() },
    ]
  }
}

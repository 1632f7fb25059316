import PlushConformance
import PlushNN
import PlushTensor

/// Convolutions, poolings and pictures of other sizes of the golden files.
enum GoldenImages {
  static func run(_ test: GoldenCase, _ inputs: [String: Tensor]) -> [Tensor]? {
    guard let x = inputs["x"] else { return nil }
    let result =
      convolution(test, x, inputs) ?? (test.operation.contains("Pool") ? pool(test, x) : nil)
      ?? picture(test, x)
    return result.map { [$0] }
  }

  private static func convolution(
    _ test: GoldenCase, _ x: Tensor, _ inputs: [String: Tensor]
  ) -> Tensor? {
    let strides = SpatialSizes(test.integers("strides") ?? test.integers("stride") ?? [1])
    let dilations = SpatialSizes(test.integers("dilations") ?? test.integers("dilation") ?? [1])
    let padding = padding(test)
    if let depthwise = inputs["depthwise"], let pointwise = inputs["pointwise"] {
      return x.separableConv2d(
        depthwise: depthwise, pointwise: pointwise, strides: strides, padding: padding)
    }
    guard let kernel = inputs["kernel"] else { return nil }
    switch test.operation {
    case "conv1d", "conv2d", "conv3d":
      return x.convolution(
        kernel, strides: strides, padding: padding, dilations: dilations,
        groups: test.attribute("groups")?.int ?? 1)
    case "depthwiseConv2d":
      return x.depthwiseConv2d(kernel, strides: strides, padding: padding)
    case "conv2dTranspose": return x.conv2dTranspose(kernel, strides: strides, padding: padding)
    default: return nil
    }
  }

  private static func pool(_ test: GoldenCase, _ x: Tensor) -> Tensor {
    let (size, strides) = (test.integers("poolSize")!, test.integers("strides")!)
    return test.operation.hasPrefix("max")
      ? x.maxPool(size: SpatialSizes(size), strides: SpatialSizes(strides), padding: padding(test))
      : x.averagePool(
        size: SpatialSizes(size), strides: SpatialSizes(strides), padding: padding(test))
  }

  private static func picture(_ test: GoldenCase, _ x: Tensor) -> Tensor? {
    let size = test.integers("size") ?? []
    switch test.operation {
    case "resizeNearestNeighbor": return x.resizeNearest(size)
    case "resizeBilinear": return x.resizeBilinear(size)
    case "resizeBicubic": return x.resizeBicubic(size)
    case "UpSampling2D":
      let sizes = [x.shape[1] * size[0], x.shape[2] * size[1]]
      let isBilinear = test.attribute("interpolation")?.string == "bilinear"
      return isBilinear ? x.resizeBilinear(sizes) : x.resizeNearest(sizes)
    case "rgbToGrayscale": return x.rgbToGrayscale()
    default: return nil
    }
  }

  private static func padding(_ test: GoldenCase) -> SpatialPadding {
    switch test.attribute("padding")?.string {
    case "same": .same
    case "causal": .causal
    default: .valid
    }
  }
}

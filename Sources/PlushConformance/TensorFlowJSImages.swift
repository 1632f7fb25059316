import PlushNN
import PlushTensor

extension TensorFlowJSOperators {
  static let images: [String: Operator] = [
    "cropAndResize": one { arguments in
      let size = try arguments.requiredIntegers(3)
      return try arguments.tensor(0).cropAndResize(
        boxes: try arguments.tensor(1), boxIndices: try arguments.tensor(2),
        size: (size[0], size[1]),
        interpolation: arguments.string(4) == "nearest" ? .nearest : .bilinear,
        extrapolationValue: arguments.double(5) ?? 0)
    },
    "flipLeftRight": one { try $0.tensor(0).flipLeftRight() },
    "grayscaleToRGB": one { try $0.tensor(0).grayscaleToRGB() },
    "nonMaxSuppression": one { try suppressed($0).indices },
    "nonMaxSuppressionPadded": several { arguments in
      let indices = try suppressed(arguments).indices
      let missing = try arguments.requiredInt(2) - indices.count
      let padded = arguments.flag(5) ? indices.pad([(0, missing)]) : indices
      return [padded, Tensor(indices.count)]
    },
    "nonMaxSuppressionWithScore": several { arguments in
      let (indices, scores) = try suppressed(arguments, softSigma: arguments.double(5) ?? 0)
      return [indices, scores]
    },
    "resizeBilinear": one { arguments in
      let (sizes, coordinates) = (try arguments.requiredIntegers(1), coordinates(arguments))
      return try batched(arguments) { $0.resizeBilinear(sizes, coordinates: coordinates) }
    },
    "resizeNearestNeighbor": one { arguments in
      let (sizes, coordinates) = (try arguments.requiredIntegers(1), coordinates(arguments))
      return try batched(arguments) { $0.resizeNearest(sizes, coordinates: coordinates) }
    },
    "rgbToGrayscale": one { try $0.tensor(0).rgbToGrayscale() },
    "rotateWithOffset": one {
      try $0.tensor(0).rotate(
        radians: try $0.requiredDouble(1), outside: .constant($0.double(2) ?? 0))
    },
    "threshold": one { arguments in
      let isOtsu = arguments.string(1) == "otsu"
      return try arguments.tensor(0).binarized(
        threshold: isOtsu ? nil : arguments.double(3) ?? 0.5, isInverted: arguments.flag(2))
    },
    "transform": one { arguments in
      let modes: [String: OutsideMode] = [
        "reflect": .reflect, "wrap": .wrap, "nearest": .nearest,
      ]
      let size = arguments.integers(5)
      return try arguments.tensor(0).transform(
        try arguments.tensor(1),
        interpolation: arguments.string(2) == "bilinear" ? .bilinear : .nearest,
        outside: modes[arguments.string(3) ?? ""] ?? .constant(arguments.double(4) ?? 0),
        size: size.map { ($0[0], $0[1]) })
    },
  ]

  private static func suppressed(
    _ arguments: TensorFlowJSArguments, softSigma: Double = 0
  ) throws -> (indices: Tensor, scores: Tensor) {
    nonMaxSuppression(
      boxes: try arguments.tensor(0), scores: try arguments.tensor(1),
      maxCount: try arguments.requiredInt(2), iouThreshold: arguments.double(3) ?? 0.5,
      scoreThreshold: arguments.double(4) ?? -.infinity, softSigma: softSigma)
  }

  private static func coordinates(_ arguments: TensorFlowJSArguments) -> ResizeCoordinates {
    arguments.flag(2) ? .alignCorners : arguments.flag(3) ? .halfPixel : .asymmetric
  }

  /// One picture stands for a batch of one, and gives one.
  private static func batched(
    _ arguments: TensorFlowJSArguments, _ body: (Tensor) -> Tensor
  ) throws -> Tensor {
    let x = try arguments.tensor(0)
    return x.rank == 4 ? body(x) : body(x.expandDims(axis: 0)).squeeze(axis: 0)
  }
}

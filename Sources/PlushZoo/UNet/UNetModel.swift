import Plush

extension UNet {
  /// How many filters each step down has, the deepest last.
  private var steps: [Int] { (0...4).map { filters << $0 } }

  /// Down: two convolutions and a pooling; up: doubled, joined with the same step of the way down,
  /// two convolutions. Pictures may have any sides that 16 divides.
  public func model(for record: JSON) throws -> Model {
    let input = Input(shape: [nil, nil, Self.channels(record)])
    var x = input
    var mirrors: [SymbolicTensor] = []
    for filters in steps.dropLast() {
      let mirror = twoConvolutions(x, filters)
      mirrors.append(mirror)
      x = MaxPooling2D(poolSize: 2)(mirror)
    }
    x = twoConvolutions(x, filters << 4)
    for (filters, mirror) in zip(steps, mirrors).reversed() {
      x = twoConvolutions(Concatenate(axis: 3)([UpSampling2D((2, 2))(x), mirror]), filters)
    }
    // Little is marked at first: else the way there kills what would find something.
    let output = Conv2D(
      1, kernelSize: 1, padding: .same, activation: .sigmoid, biasInitializer: .constant(-2))(x)
    return try Model(inputs: input, outputs: output, name: "unet")
  }

  private func twoConvolutions(_ input: SymbolicTensor, _ filters: Int) -> SymbolicTensor {
    (0..<2).reduce(input) { x, _ in
      Conv2D(
        filters, kernelSize: 3, padding: .same, activation: .relu, kernelInitializer: .heNormal)(
          x)
    }
  }

  public func compile(_ model: Model, _ parameters: Hyperparameters) throws {
    try model.compile(
      optimizer: .adam(learningRate: parameters.learningRate), loss: .binaryCrossentropy,
      metrics: [
        .accuracy, Metric.binaryIoU(targets: [1], threshold: 0.5).named("iou"),
        Metric("iou_per_picture", values: Self.overlap),
      ])
  }

  /// The area that answer and truth share over that of either, for each picture; 1 where neither
  /// has any.
  private static func overlap(_ truth: Tensor, _ answer: Tensor) -> Tensor {
    let (truth, answer) = (truth .> 0.5, answer .>= 0.5)
    func area(_ mask: Tensor) -> Tensor { mask.cast(to: .float32).sum(axes: [1, 2, 3]) }
    return (area(truth.logicalAnd(answer)) + 1e-6) / (area(truth.logicalOr(answer)) + 1e-6)
  }
}

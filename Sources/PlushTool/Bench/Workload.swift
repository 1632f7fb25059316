import Plush
import PlushZoo

/// A piece of work to be timed, the same as that of the peers.
enum Workload: String, CaseIterable {
  case xor, mlp, mlp1, mlpbf16, cnn, cnninf, unet, unetinf, gemm, gemmbf16, chain, softmax

  /// What it is, for people.
  var summary: String {
    switch self {
    case .xor: "2-4-1 sigmoid network, batch 4, SGD, one training step"
    case .mlp: "784-512-256-10 network, batch 128, Adam, one training step"
    case .mlp1: "the same network, inference of one sample"
    case .mlpbf16: "the training step of mlp in bfloat16, weights in float32"
    case .cnn: "28×28 network of three convolutions, batch 128, Adam, one training step"
    case .cnninf: "the same network, inference, batch 128"
    case .unet: "U-Net 64 to 1024 on 128×128, batch 2, Adam, one training step"
    case .unetinf: "the same network on 256×256, inference, batch 1"
    case .gemm: "2048×2048 matrix product"
    case .gemmbf16: "the same product in bfloat16"
    case .chain: "tanh(1.5x + 0.25) · sigmoid(x) over 4,194,304 elements"
    case .softmax: "softmax over the last axis of [4096, 1000]"
    }
  }

  /// Prepares the work; what is returned does it once.
  func prepare() throws -> () throws -> Void {
    seed(0)
    switch self {
    case .xor: return try xor()
    case .mlp: return try reading(MLP().model(), [784])
    case .mlpbf16: return try reading(MLP().model(), [784], .mixedBFloat16)
    case .mlp1: return inference(try MLP().model(), [1, 784])
    case .cnn: return try reading(CNN().model(), [28, 28, 1])
    case .cnninf: return inference(try CNN().model(), [128, 28, 28, 1])
    case .unet: return try unet()
    case .unetinf: return inference(try wholeUNet.model(), [1, 256, 256, 1])
    case .gemm: return gemm(.float32)
    case .gemmbf16: return gemm(.bfloat16)
    case .chain:
      let x = Tensor.randomNormal([1 << 22], mean: 0, standardDeviation: 1)
      return function([x]) { [($0[0] * 1.5 + 0.25).tanh() * $0[0].sigmoid()] }
    case .softmax:
      let x = Tensor.randomNormal([4096, 1000], mean: 0, standardDeviation: 1)
      return function([x]) { [$0[0].softmax()] }
    }
  }

  /// A compiled function whose result is computed but not read.
  private func function(
    _ inputs: [Tensor], _ body: @escaping @Sendable ([Tensor]) -> [Tensor]
  ) -> () throws -> Void {
    realize(inputs)
    let compiled = Compiled(body)
    return { realize(try compiled(inputs)) }
  }

  private func xor() throws -> () throws -> Void {
    let model = Sequential {
      Dense(4, activation: .sigmoid, inputShape: [2])
      Dense(1, activation: .sigmoid)
    }
    try model.compile(optimizer: .sgd(learningRate: 0.5), loss: .meanSquaredError)
    let x = [[0.0, 0], [1, 0], [0, 1], [1, 1]] as Tensor
    let y = [[0.0], [1], [1], [0]] as Tensor
    return training(model, x, y)
  }

  private func gemm(_ dtype: DType) -> () throws -> Void {
    let factors = (0..<2).map { _ in
      Tensor.randomUniform([2048, 2048], low: 0, high: 1).cast(to: dtype)
    }
    return function(factors) { [$0[0].matmul($0[1])] }
  }

  /// A training step of a network that reads digits, in pictures of this shape.
  private func reading(
    _ model: Model, _ shape: [Int], _ policy: DTypePolicy = .float32
  ) throws -> () throws -> Void {
    model.dtypePolicy = policy
    try model.compile(optimizer: .adam, loss: .sparseCategoricalCrossentropy)
    let digits = Tensor.randomUniform([128], low: 0, high: 10).floor().cast(to: .int32)
    return training(model, Tensor.randomUniform([128] + shape, low: 0, high: 1), digits)
  }

  /// U-Net of 64 to 1024 filters, for grey pictures.
  private var wholeUNet: UNet {
    var network = UNet()
    network.filters = 64
    return network
  }

  private func unet() throws -> () throws -> Void {
    let model = try wholeUNet.model()
    try model.compile(optimizer: .adam, loss: .binaryCrossentropy)
    let x = Tensor.randomUniform([2, 128, 128, 1], low: 0, high: 1)
    let mask = Tensor.randomUniform([2, 128, 128, 1], low: 0, high: 1).round()
    return training(model, x, mask)
  }

  private func training(_ model: Model, _ x: Tensor, _ y: Tensor) -> () throws -> Void {
    realize([x, y])
    return { _ = try model.trainOnBatch(x, y) }
  }

  private func inference(_ model: Model, _ shape: [Int]) -> () throws -> Void {
    let x = Tensor.randomUniform(shape, low: 0, high: 1)
    realize([x])
    return { realize(try model.predictOnBatch([x])) }
  }
}

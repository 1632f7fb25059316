import Plush
import PlushZoo

/// A piece of work to be timed, the same as that of the peers.
enum Workload: String, CaseIterable {
  case xor, mlp, mlp1, mlpbf16, cnn, cnninf, unet, unetinf, lstm, lstmlong, lstminf, generate
  case gemm, gemmbf16, chain, softmax
  case attention, transformer

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
    case .lstm: "LSTM 512, LSTM 512, dense 64; 40 steps, batch 64, Adam, one training step"
    case .lstmlong: "the same network, one training step on 4 sequences of 10,000 steps"
    case .lstminf: "the same network, inference of one sequence"
    case .generate: "the generator's LSTM 512, one character after the other, each fed back"
    case .gemm: "2048×2048 matrix product"
    case .gemmbf16: "the same product in bfloat16"
    case .chain: "tanh(1.5x + 0.25) · sigmoid(x) over 4,194,304 elements"
    case .attention: "attention of 8 heads of size 64 over 512 steps, batch 8"
    case .transformer: "a training step of two blocks of it with 512 features, Adam"
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
    case .lstm: return try characters(batch: 64, steps: 40)
    case .lstmlong: return try characters(batch: 4, steps: 10_000)
    case .lstminf:
      return inference(
        characterNetwork(), on: randomCharacters([1, 40]).oneHot(64))
    case .generate: return try generation()
    case .gemm: return gemm(.float32)
    case .gemmbf16: return gemm(.bfloat16)
    case .chain:
      let x = Tensor.randomNormal([1 << 22], mean: 0, standardDeviation: 1)
      return function([x]) { [($0[0] * 1.5 + 0.25).tanh() * $0[0].sigmoid()] }
    case .attention:
      let inputs = (0..<3).map { _ in Tensor.randomNormal([8, 512, 8, 64]) }
      return function(inputs) { [dotProductAttention(query: $0[0], key: $0[1], value: $0[2])] }
    case .transformer: return try transformer()
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

  private func transformer() throws -> () throws -> Void {
    let input = Input(shape: [256, 512])
    var x = input
    for _ in 0..<2 {
      let attention = MultiHeadAttention(heads: 8, keyDimension: 64, useCausalMask: true)
      let normal = LayerNormalization()(x)
      x = Add()([x, attention(query: normal, value: normal)])
      let hidden = Dense(2048, activation: .gelu)(LayerNormalization()(x))
      x = Add()([x, Dense(512)(hidden)])
    }
    let model = try Model(inputs: input, outputs: Dense(64, activation: .softmax)(x))
    try model.compile(optimizer: .adam, loss: .sparseCategoricalCrossentropy)
    let truth = Tensor.randomUniform([4, 256], low: 0, high: 64).floor().cast(to: .int32)
    return training(model, Tensor.randomNormal([4, 256, 512]), truth)
  }

  private func unet() throws -> () throws -> Void {
    let model = try wholeUNet.model()
    try model.compile(optimizer: .adam, loss: .binaryCrossentropy)
    let x = Tensor.randomUniform([2, 128, 128, 1], low: 0, high: 1)
    let mask = Tensor.randomUniform([2, 128, 128, 1], low: 0, high: 1).round()
    return training(model, x, mask)
  }

  /// Which of 64 characters follows those before.
  private func characterNetwork(steps: Int = 40) -> Sequential {
    Sequential {
      LSTM(512, returnSequences: true, inputShape: [steps, 64])
      LSTM(512)
      Dense(64, activation: .softmax)
    }
  }

  private func randomCharacters(_ shape: [Int]) -> Tensor {
    Tensor.randomUniform(shape, low: 0, high: 64).floor().cast(to: .int32)
  }

  private func characters(batch: Int, steps: Int) throws -> () throws -> Void {
    let model = characterNetwork(steps: steps)
    try model.compile(optimizer: .adam, loss: .sparseCategoricalCrossentropy)
    return training(
      model, randomCharacters([batch, steps]).oneHot(64), randomCharacters([batch]))
  }

  private func generation() throws -> () throws -> Void {
    let stepper = try Stepper(Generator().model(for: [:]))
    var character: Int32 = 0
    return {
      let next = try stepper(Tensor([character], shape: [1, 1])).dataSync()
      character = Int32(next.indices.max { next[$0] < next[$1] } ?? 0)
    }
  }

  private func training(_ model: Model, _ x: Tensor, _ y: Tensor) -> () throws -> Void {
    realize([x, y])
    return { _ = try model.trainOnBatch(x, y) }
  }

  private func inference(_ model: Model, _ shape: [Int]) -> () throws -> Void {
    inference(model, on: Tensor.randomUniform(shape, low: 0, high: 1))
  }

  private func inference(_ model: Model, on x: Tensor) -> () throws -> Void {
    realize([x])
    return { realize(try model.predictOnBatch([x])) }
  }
}

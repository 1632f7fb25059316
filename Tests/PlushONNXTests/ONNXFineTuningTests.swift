import Foundation
import Plush
import PlushONNX
import PlushTestSupport
import Testing

/// A model of others that is read, trained further, saved, loaded, and written as ONNX again.
@Suite struct ONNXFineTuningTests {
  /// Convolution, batch normalization, ReLU, means of the channels and a dense layer.
  private func file() -> [UInt8] {
    var file = ONNXFile()
    file.input("x", [nil, 2, 8, 8])
    file.array("w", Tensor.randomNormal([4, 2, 3, 3]) * 0.3)
    file.array("scale", Tensor([1.0, 0.5, 2, 1]))
    file.array("shift", Tensor([0.0, 0.1, -0.1, 0]))
    file.array("mean", Tensor([0.2, -0.1, 0, 0.3]))
    file.array("variance", Tensor([1.0, 2, 0.5, 1]))
    file.array("kernel", Tensor.randomNormal([3, 4]))
    file.array("bias", Tensor([0.1, 0, -0.1]))
    file.node("Conv", ["x", "w"], ["a"], ["pads": .ints([1, 1, 1, 1])])
    file.node("BatchNormalization", ["a", "scale", "shift", "mean", "variance"], ["b"])
    file.node("Relu", ["b"], ["c"])
    file.node("GlobalAveragePool", ["c"], ["d"])
    file.node("Flatten", ["d"], ["e"])
    file.node("Gemm", ["e", "kernel", "bias"], ["f"], ["transB": .int(1)])
    file.node("Softmax", ["f"], ["y"])
    file.output("y")
    return file.bytes
  }

  @Test func goesAllTheWayRound() async throws {
    ONNXModel.register()
    seed(4)
    let model = try ONNX.load(bytes: file())
    let x = Tensor.randomNormal([48, 2, 8, 8])
    let y = (x.mean(axes: [1, 2, 3]) .> 0).cast(to: .int32)
    func weight(_ name: String, of model: ONNXModel) throws -> Tensor {
      try #require(model.weights.first { $0.name.hasSuffix(name) }).value
    }
    let mean = try weight("mean", of: model)
    #expect(model.trainableWeights.count == 5)
    #expect(model.weights.count == 7)

    try model.compile(optimizer: .adam(learningRate: 0.02), loss: .sparseCategoricalCrossentropy)
    let before = try #require(try model.evaluate(x, y)["loss"])
    try await model.fit(x, y, epochs: 20, batchSize: 16, verbose: .silent)
    let after = try #require(try model.evaluate(x, y)["loss"])
    #expect(after < 0.8 * before)
    // Running moments follow the batches, and count when the model predicts.
    #expect((try weight("mean", of: model) - mean).abs().max().item() > 0.01)
    let expected = try model.predict(x)

    let folder = try TestFolder()
    try model.save(to: folder("model"))
    let loaded = try #require(try loadModel(from: folder("model")) as? ONNXModel)
    #expect((try loaded.predict(x) - expected).abs().max().item() == 0)

    try ONNX.save(loaded, to: folder("again.onnx"))
    let again = try ONNX.load(folder("again.onnx"))
    #expect(again.operators == model.operators)
    #expect((try again.predict(x) - expected).abs().max().item() == 0)

    try again.compile(optimizer: .sgd(learningRate: 0.01), loss: .sparseCategoricalCrossentropy)
    try await again.fit(x, y, epochs: 1, batchSize: 16, verbose: .silent)
    #expect((try again.predict(x) - expected).abs().max().item() > 0)
  }

  @Test func frozenWeightsStay() async throws {
    seed(4)
    let model = try ONNX.load(bytes: file())
    for layer in model.layers where layer.name != "f" { layer.trainable = false }
    try model.compile(optimizer: .sgd(learningRate: 0.1), loss: .sparseCategoricalCrossentropy)
    let x = Tensor.randomNormal([16, 2, 8, 8])
    let first = model.weights.map(\.value)
    try await model.fit(
      x, Tensor.zeros([16], dtype: .int32), epochs: 1, batchSize: 16, verbose: .silent)
    let changed = zip(model.weights, first).filter {
      ($0.value - $1).abs().max().item() > 0
    }
    #expect(Set(changed.map(\.0.name.lastPart)) == ["kernel", "bias"])
  }
}

extension String {
  fileprivate var lastPart: String { split(separator: "/").last.map { String($0) } ?? self }
}

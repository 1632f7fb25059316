import Foundation
import Plush
import PlushConformance
import PlushONNX
import PlushTestSupport
import Testing

/// Models of others, and those written here, read back.
@Suite struct ONNXImportTests {
  private func sample() throws -> Sequential {
    seed(3)
    let model = Sequential {
      Conv2D(4, kernelSize: 3, padding: .same, activation: .relu, inputShape: [8, 8, 2])
      MaxPooling2D(poolSize: 2)
      BatchNormalization()
      Flatten()
      Dense(3, activation: .softmax)
    }
    try model.build()
    return model
  }

  private func read(_ model: Model) throws -> ONNXModel {
    try ONNX.load(bytes: try ONNX.bytes(of: model))
  }

  @Test func predictsForAnyNumberOfSamples() throws {
    let model = try sample()
    let read = try read(model)
    for count in [1, 5] {
      let x = Tensor.randomNormal([count, 8, 8, 2])
      let difference = (try model.predict(x) - (try read.predict(x))).abs().max().item()
      #expect(difference < 1e-6)
    }
  }

  @Test func tellsItsLayersAndWeights() throws {
    let read = try read(try sample())
    let text = try read.summary(print: { _ in })
    #expect(text.contains("Conv") || text.contains("conv"))
    #expect(read.weights.map(\.shape).contains([4, 2, 3, 3]))
    #expect(read.operators["Conv"] == 1)
    #expect(read.operators["Softmax"] == 1)
    #expect(read.operators["Relu"] == 1)
  }

  @Test func convolutionsTakeTheirBiasAndFewTranspositions() throws {
    let operators = try read(try sample()).operators
    // One on entering, one before Flatten.
    #expect(operators["Transpose"] == 2)
    #expect(operators["Gemm"] == 1)
  }

  @Test func canBeTrainedFurther() async throws {
    let read = try read(try sample())
    try read.compile(optimizer: .adam(learningRate: 0.01), loss: .sparseCategoricalCrossentropy)
    seed(1)
    let x = Tensor.randomNormal([32, 8, 8, 2])
    let y = (x.mean(axes: [1, 2, 3]) .> 0).cast(to: .int32)
    let before = try read.evaluate(x, y)
    try await read.fit(x, y, epochs: 20, batchSize: 16, verbose: .silent)
    let after = try read.evaluate(x, y)
    #expect(try #require(after["loss"]) < 0.7 * (try #require(before["loss"])))
  }

  @Test func keepsWhatItLearned() throws {
    let read = try read(try sample())
    for weight in read.weights { weight.value = weight.value * 0.5 }
    let again = try ONNX.load(bytes: try ONNX.bytes(of: read))
    let x = Tensor.randomNormal([2, 8, 8, 2])
    #expect((try read.predict(x) - (try again.predict(x))).abs().max().item() == 0)
  }

  @Test func isSavedAsOtherModelsAre() throws {
    ONNXModel.register()
    let folder = try TestFolder()
    let read = try read(try sample())
    let x = Tensor.randomNormal([2, 8, 8, 2])
    let expected = try read.predict(x)
    try read.save(to: folder("model"))
    let loaded = try loadModel(from: folder("model"))
    #expect((try loaded.predict(x) - expected).abs().max().item() == 0)
  }

  @Test func errorsNameTheNodeAndTheFix() throws {
    let read = try read(try sample())
    let error = #expect(throws: ONNXError.self) { try read.run([Tensor.zeros([1, 8, 8])]) }
    #expect(error?.message.contains("axes of the input") == true)
    let model = Sequential { Dense(2, inputShape: [3]) }
    let bytes = try ONNX.bytes(of: model)
    let name = Array("Gemm".utf8)
    let place = try #require(bytes.indices.first { bytes[$0...].starts(with: name) })
    var other = bytes
    other.replaceSubrange(place..<place + 4, with: Array("Gemn".utf8))
    let unknown = #expect(throws: ONNXError.self) { try ONNX.load(bytes: other) }
    #expect(unknown?.message.contains("the nearest is Gemm") == true)
    #expect(unknown?.hint != nil)
  }

  @Test(.enabled(if: conformance != nil)) func computesModelsOfKeras() throws {
    let root = try #require(conformance) + "/keras"
    let names = try FileManager.default.contentsOfDirectory(atPath: root).sorted()
      .filter { FileManager.default.fileExists(atPath: "\(root)/\($0)/model.onnx") }
    #expect(names.count >= 15)
    for name in names {
      let folder = "\(root)/\(name)"
      func arrays(_ kind: String) throws -> [Tensor] {
        try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
          .filter { $0.hasPrefix(kind) && $0.hasSuffix(".npy") }
          .map { try NPY(file: "\(folder)/\($0)").tensor }
      }
      let model = try ONNX.load("\(folder)/model.onnx")
      let results = try model.predict(try arrays("input_"))
      for (result, expected) in zip(results, try arrays("output_")) {
        #expect((result - expected).abs().max().item() < 1e-5, "\(name)")
      }
    }
  }

  @Test(.enabled(if: conformance != nil)) func passesCasesOfONNX() throws {
    let folder = try TestFolder()
    let archive = try #require(conformance) + "/onnx/cases.tar.gz"
    #expect(run("tar", "xzf", archive, "-C", folder.path))
    let cases = try ONNXCase.all(in: folder.path)
    let failed = cases.filter { $0.run() != .passed }
    // Those left use texts, sequences, types of less than a byte or operators of signals.
    #expect(cases.count - failed.count >= 1140)
  }
}

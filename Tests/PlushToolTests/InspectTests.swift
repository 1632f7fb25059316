import Plush
import PlushTestSupport
import Testing

@Suite struct InspectTests {
  let folder: TestFolder

  init() throws { folder = try TestFolder() }

  @Test func aTrainedNetworkIsShown() throws {
    _ = try Tool.run("train", "linear", "--quiet", in: folder)
    let result = try Tool.run("inspect", "linear", "--picture", "graph.svg", in: folder)
    #expect(result.status == 0)
    #expect(result.output.contains("Total params:"))
    #expect(result.output.contains("dense/kernel"))
    #expect(result.output.contains("histogram"))
    #expect(result.errors.isEmpty)
    #expect(String(decoding: try readFile(folder("graph.svg")), as: UTF8.self).hasPrefix("<svg"))
  }

  @Test func picturesAreWrittenInTheFormatOfTheirName() throws {
    let png: [UInt8] = [0x89, 0x50, 0x4E, 0x47]
    _ = try Tool.run("train", "perceptron", "--quiet", in: folder)
    #expect(try Tool.run("inspect", "perceptron", "--picture", "graph.png", in: folder).status == 0)
    #expect(try readFile(folder("graph.png")).starts(with: png))
    let drawn = try Tool.run("evaluate", "perceptron", "--picture", "classes.png", in: folder)
    #expect(drawn.status == 0)
    #expect(try readFile(folder("classes.png")).starts(with: png))
    let other = try Tool.run("evaluate", "perceptron", "--picture", "classes.gif", in: folder)
    #expect(other.status == 1 && other.errors.contains(".svg, .png or .jpg"))
    _ = try Tool.run("train", "linear", "--quiet", in: folder)
    let refused = try Tool.run("evaluate", "linear", "--picture", "classes.png", in: folder)
    #expect(refused.status == 64 && refused.errors.contains("tells none"))
  }

  @Test func jsonIsOneObject() throws {
    _ = try Tool.run("train", "linear", "--quiet", in: folder)
    let object = try Tool.run("inspect", "linear", "--json", in: folder).last
    #expect(object["weights"]?.array?.count == 2)
    #expect(object["weights"]?[0]?["nan"] == 0)
    #expect(object["warnings"]?.array?.isEmpty == true)
    #expect(object["activations"]?.isNull == true)
  }

  @Test func whatIsWrongIsWarnedOf() throws {
    let model = Sequential {
      Dense(2, inputShape: [2], name: "first")
      Dense(2, kernelInitializer: .zeros, name: "dead")
    }
    try model.build()
    model.weights[0].value = Tensor([[.nan, 1], [.infinity, 1]] as [[Float]])
    try model.save(to: folder("broken"))
    let result = try Tool.run("inspect", "./broken", in: folder)
    #expect(result.status == 0)
    #expect(result.errors.contains("warning: weight first/kernel: 1 of 4 are NaN"))
    #expect(result.errors.contains("warning: weight first/kernel: 1 of 4 are infinite"))
    #expect(result.errors.contains("warning: weight dead/kernel: all are zero"))
    #expect(!result.errors.contains("bias"))
  }

  @Test func samplesShowActivationsAndGradients() throws {
    // xor has samples of its own, whatever the data.
    _ = try Tool.run("train", "xor", "--quiet", in: folder)
    let object = try Tool.run("inspect", "xor", "--data", "own", "--json", in: folder).last
    #expect(object["activations"]?.array?.isEmpty == false)
    #expect(object["gradients"]?.array?.count == object["weights"]?.array?.count)
    #expect(object["report"]?["accuracy"] == .double(1))
  }

  @Test func aMissingModelIsNamed() throws {
    let result = try Tool.run("inspect", "./nowhere", in: folder)
    #expect(result.status == 1)
    #expect(result.errors.contains("there is no model at ./nowhere"))
    #expect(result.errors.contains("hint: "))
  }
}

import Plush
import PlushMedia
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
    let drawn = try Tool.run("evaluate", "perceptron", "--confusion", "classes.png", in: folder)
    #expect(drawn.status == 0)
    #expect(try readFile(folder("classes.png")).starts(with: png))
    let other = try Tool.run("evaluate", "perceptron", "--confusion", "classes.gif", in: folder)
    #expect(other.status == 1 && other.errors.contains(".svg, .png or .jpg"))
    _ = try Tool.run("train", "linear", "--quiet", in: folder)
    let refused = try Tool.run("evaluate", "linear", "--confusion", "classes.png", in: folder)
    #expect(refused.status == 64 && refused.errors.contains("tells none"))
    let points = try Tool.run("evaluate", "perceptron", "--mistakes", "x.png", in: folder)
    #expect(points.status == 64 && points.errors.contains("no classes of pictures"))
  }

  @Test func layersShowTheirFiltersAndMaps() throws {
    let model = Sequential {
      Conv2D(6, kernelSize: 3, inputShape: [12, 10, 1], name: "small")
      Conv2D(4, kernelSize: 3, name: "next")
      Flatten(name: "flat")
      Dense(2, name: "dense")
    }
    try model.save(to: folder("pictures"))
    try Picture(width: 40, height: 30, color: 0x336699).write(to: folder("blue.jpg"))
    func show(_ options: String...) throws -> Tool.Result {
      try Tool(["inspect", "./pictures", "--picture", "x.png"] + options, in: folder.path).wait()
    }
    #expect(try show("--filters", "small").status == 0)
    // Six tiles of 40×3 pixels and more, three beside each other.
    let filters = try Picture(file: folder("x.png"))
    #expect(filters.width >= 3 * 120 && filters.height >= 2 * 120)
    #expect(try show("--feature-maps", "next", "--input", "blue.jpg").status == 0)
    // Four maps and what they were made of.
    #expect(try Picture(file: folder("x.png")) != filters)
    let dense = try show("--filters", "dense")
    #expect(dense.status == 1 && dense.errors.contains("a layer with filters: small, next"))
    let flat = try show("--feature-maps", "flat", "--input", "blue.jpg")
    #expect(flat.status == 1 && flat.errors.contains("a layer that gives pictures"))
    #expect(try show("--feature-maps", "next").status == 64)
    #expect(try show("--filters", "small", "--feature-maps", "next").status == 64)
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

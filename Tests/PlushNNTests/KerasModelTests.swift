import PlushFormats
import PlushNN
import PlushTensor
import PlushTestSupport
import Testing

/// Networks that Keras saved: layers from the configuration, weights from safetensors.
@Suite(.enabled(if: conformance != nil)) struct KerasModelTests {
  @Test(arguments: ["activations", "multi_io"]) func network(_ name: String) throws {
    let config = try #require(try golden("keras_\(name)")["config"])
    try check(config, name) { $0 }
  }

  /// Without the layers that repeat and pad at the end, and with the layer within TimeDistributed,
  /// which is the same for a Dense.
  @Test func shapesAndNorms() throws {
    var config = try #require(try golden("keras_shapes_norms")["config"])
    let layers = try config.get("layers", \.array).prefix { $0["name"] != "zp" }
    config["layers"] = .array(
      layers.map { layer in
        guard layer["class_name"] == "TimeDistributed" else { return layer }
        var inner = layer["config"]?["layer"] ?? [:]
        inner["name"] = "td"
        inner["inbound_nodes"] = layer["inbound_nodes"]
        inner["config"]?["name"] = "td"
        return inner
      })
    config["output_layers"] = ["rv", 0, 0]
    try check(config, "shapes_norms") { outputs in
      outputs.map { $0.slice(starts: [0, 2, 0], sizes: [$0.shape[0], 3, 4], strides: [1, 2, 1]) }
    }
  }

  private func check(
    _ config: JSON, _ name: String, expecting part: ([Tensor]) -> [Tensor]
  ) throws {
    let folder = "\(conformance ?? "")/keras/\(name)"
    let model = try #require(try Layer.make(className: "Functional", config: config) as? Model)
    let arrays = try Safetensors(file: "\(folder)/weights.safetensors").arrays
    #expect(model.namedWeights.count == arrays.count)
    for array in arrays {
      let name = array.name.replacing("td/dense/", with: "td/")
      let weight = try #require(model.namedWeights.first { $0.name == name }, "\(name)")
      weight.variable.value = array.tensor
    }
    let inputs = try model.inputShapes.indices.map { try read("\(folder)/input_\($0).npy") }
    let outputs = try model.outputShapes.indices.map { try read("\(folder)/output_\($0).npy") }
    for (found, expected) in zip(try model.predict(inputs), part(outputs)) {
      #expect(isClose(found, expected))
    }
  }

  private func read(_ path: String) throws -> Tensor { try NPY(file: path).tensor }
}

import PlushFormats
import PlushNN
import PlushTensor
import PlushTestSupport
import Testing

/// Networks that Keras saved: layers from the configuration, weights from safetensors.
@Suite(.enabled(if: conformance != nil)) struct KerasModelTests {
  @Test(arguments: ["activations", "multi_io", "shapes_norms"])
  func network(_ name: String) throws {
    let config = try #require(try golden("keras_\(name)")["config"])
    let folder = "\(conformance ?? "")/keras/\(name)"
    let model = try #require(try Layer.make(className: "Functional", config: config) as? Model)
    let arrays = try Safetensors(file: "\(folder)/weights.safetensors").arrays
    #expect(model.namedWeights.count == arrays.count)
    for array in arrays {
      let weight = model.namedWeights.first { $0.name == array.name }
      try #require(weight, "\(array.name)").variable.value = array.tensor
    }
    let inputs = try model.inputShapes.indices.map { try readNPY("\(folder)/input_\($0).npy") }
    let outputs = try model.outputShapes.indices.map { try readNPY("\(folder)/output_\($0).npy") }
    for (found, expected) in zip(try model.predict(inputs), outputs) {
      #expect(isClose(found, expected))
    }
  }
}

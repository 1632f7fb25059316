import PlushData
import PlushEngine
import PlushFormats
import PlushNN
import PlushTensor
import PlushTestSupport
import Testing

/// Models in the layers format of TensorFlow.js.
@Suite struct TensorFlowJSModelTests {
  /// Models of Keras 2 that TensorFlow's converter wrote: whole, in pieces and quantized.
  static let folders = [
    "k2_cnn/tfjs", "k2_cnn/tfjs_sharded", "k2_cnn/tfjs_float16", "k2_cnn/tfjs_uint8",
    "k2_embed/tfjs", "k2_func/tfjs", "k2_func_tfjs/tfjs", "k2_mlp/tfjs", "k2_rnn/tfjs",
    "k2_rnn_tfjs/tfjs",
  ]

  @Test(.enabled(if: conformance != nil), arguments: folders)
  func convertedModel(_ name: String) throws {
    let parts = name.split(separator: "/").map(String.init)
    let folder = "\(conformance ?? "")/keras/\(parts[0])"
    let model = try loadModel(from: "\(conformance ?? "")/keras/\(name)")
    let inputs = try model.inputShapes.indices.map {
      try NPY(file: "\(folder)/input_\($0).npy").tensor
    }
    // What quantized weights give was computed with them.
    let prefix = parts[1].hasSuffix("16") || parts[1].hasSuffix("8") ? "\(parts[1])_" : ""
    let found = try model.predict(inputs)
    #expect(found.count == model.outputShapes.count)
    for (place, found) in found.enumerated() {
      let expected = try NPY(file: "\(folder)/\(prefix)output_\(place).npy").tensor
      #expect(found.shape == expected.shape)
      let pairs = zip(found.dataSync(), expected.dataSync())
      #expect(pairs.allSatisfy { abs($0 - $1) <= 1e-5 * max(1, abs($1)) }, "\(name) \(place)")
    }
  }

  @Test func weightsOfGraphModels() throws {
    let folder = try TestFolder()
    try writeFile(folder("group1-shard1of1.bin"), [0, 0, 128, 63, 7, 0, 0, 0])
    let json: JSON = [
      "format": "graph-model", "modelTopology": ["node": []],
      "weightsManifest": [
        [
          "paths": ["group1-shard1of1.bin"],
          "weights": [
            ["name": "a/Const", "shape": [1], "dtype": "float32"],
            ["name": "b/axis", "shape": [], "dtype": "int32"],
          ],
        ]
      ],
    ]
    try json.write(to: folder("model.json"))
    let weights = try TensorFlowJSWeights(file: folder.path)
    #expect(weights.model.map(\.name) == ["a/Const", "b/axis"])
    #expect(weights.model[0].tensor.dataSync() == [1])
    #expect(weights.model[1].tensor.dataSync() == [7])
    try (["format": "graph-model"] as JSON).write(to: folder("model.json"))
    let error = #expect(throws: FileError.self) { try TensorFlowJSWeights(file: folder.path) }
    #expect(error?.expected == "a weightsManifest")
  }

  /// A description that claims what no memory holds is an error, and soon.
  @Test(arguments: [
    #""units": 9223372036854775807"#, #""units": 4611686018427387904"#, #""units": -1"#,
    #""units": 1e300"#, #""units": 0.5"#, #""units": null"#, #""units": 99999999999999999999"#,
  ])
  func hugeLayers(_ units: String) throws {
    let folder = try TestFolder()
    try Sequential { Dense(2, inputShape: [3]) }.save(to: folder.path)
    let text = try JSON(file: folder("model.json")).text()
    let changed = text.replacing(#""units":2"#, with: units)
    #expect(text != changed)
    try writeFile(folder("model.json"), Array(changed.utf8))
    #expect(throws: ModelError.self) { try loadModel(from: folder.path) }
  }

  @Test(arguments: [
    "[9223372036854775807]", "[4294967296, 4294967296, 4294967296]", "[-5]", "[null, [1]]", "[]",
  ])
  func hugeInputs(_ shape: String) throws {
    let folder = try TestFolder()
    try Sequential { Dense(2, inputShape: [3]) }.save(to: folder.path)
    let text = try JSON(file: folder("model.json")).text()
    let changed = text.replacing("[null,3]", with: shape)
    #expect(text != changed)
    try writeFile(folder("model.json"), Array(changed.utf8))
    #expect(throws: (any Error).self) { try loadModel(from: folder.path) }
  }

  @Test func deepDescription() throws {
    let folder = try TestFolder()
    let deep = String(repeating: #"{"modelTopology":"#, count: 100_000)
    try writeFile(folder("model.json"), Array(deep.utf8))
    let error = #expect(throws: FileError.self) { try loadModel(from: folder.path) }
    #expect(error?.expected == "at most 200 levels")
  }

  /// Models in models, as deep as texts may be.
  @Test func deepModels() throws {
    var layer: JSON = [
      "class_name": "Dense", "config": ["units": 1, "batch_input_shape": [nil, 1]],
    ]
    for _ in 0..<60 {
      layer = ["class_name": "Sequential", "config": ["layers": [layer]]]
    }
    let folder = try TestFolder()
    try (["modelTopology": layer] as JSON).write(to: folder("model.json"))
    #expect(try loadModel(from: folder.path).layers.count == 1)
  }
}

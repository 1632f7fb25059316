import PlushData
import PlushEngine
import PlushFormats
import PlushNN
import PlushTestSupport
import Testing

@Suite struct TensorFlowJSWeightsTests {
  let folder: TestFolder
  let model: String

  init() throws {
    folder = try TestFolder()
    model = folder("model.json")
  }

  func weight(_ name: String, _ dtype: String, _ shape: [Int], _ quantization: JSON? = nil) -> JSON
  {
    var json: JSON = [
      "name": .string(name), "dtype": .string(dtype), "shape": .array(shape.map(JSON.int)),
    ]
    json["quantization"] = quantization
    return json
  }

  func read(_ paths: [String], _ weights: JSON...) throws -> [NamedArray] {
    let manifest: JSON = [["paths": .array(paths.map(JSON.string)), "weights": .array(weights)]]
    return try TensorFlowJSWeights(manifest: manifest, path: model).model
  }

  func floats(_ array: NamedArray) -> [Float] {
    let bytes = Array(array.bytes)
    return stride(from: 0, to: bytes.count, by: 4).map { place in
      Float(bitPattern: bytes[place..<place + 4].reversed().reduce(0) { $0 << 8 | UInt32($1) })
    }
  }

  func error(_ paths: [String], _ weights: JSON...) -> FileError? {
    let manifest: JSON = [["paths": .array(paths.map(JSON.string)), "weights": .array(weights)]]
    return #expect(throws: FileError.self) {
      try TensorFlowJSWeights(manifest: manifest, path: model)
    }
  }

  @Test func readsWhatItWrote() throws {
    let kernel = NamedArray(
      "dense/kernel", .float32, shape: [2, 1], bytes: [0, 0, 128, 63, 0, 0, 0, 64])
    let arrays =
      [kernel]
      + DType.allCases.map { type in
        NamedArray(
          type.name, type, shape: [2], bytes: [UInt8](repeating: 1, count: 2 * type.byteCount)[...])
      }
    let step = NamedArray("dense/kernel", .int32, shape: [], bytes: [5, 0, 0, 0])
    let written = TensorFlowJSWeights(model: arrays, optimizer: [step])
    let manifest = try written.write(to: folder("weights.bin"))
    #expect(try TensorFlowJSWeights(manifest: manifest, path: model) == written)
    #expect(manifest[0]?["paths"] == ["weights.bin"])
    #expect(
      manifest[0]?["weights"]?[0] == ["name": "dense/kernel", "shape": [2, 1], "dtype": "float32"])
    #expect(manifest[0]?["weights"]?[9]?["group"] == "optimizer")
  }

  @Test func joinsShardsAndGroups() throws {
    let bytes = (0..<20).map { UInt8($0) }
    try writeFile(folder("group1-shard1of2.bin"), bytes[..<6])
    try writeFile(folder("group1-shard2of2.bin"), bytes[6..<12])
    try writeFile(folder("group2.bin"), bytes[12...])
    let manifest: JSON = [
      [
        "paths": ["group1-shard1of2.bin", "group1-shard2of2.bin"],
        "weights": [weight("a", "float32", [1]), weight("b", "int32", [2])],
      ],
      ["paths": ["group2.bin"], "weights": [weight("c", "float32", [2])]],
    ]
    let read = try TensorFlowJSWeights(manifest: manifest, path: model).model
    #expect(read.map(\.name) == ["a", "b", "c"])
    #expect(read.flatMap { Array($0.bytes) } == bytes)
  }

  @Test func expandsQuantizedValues() throws {
    try writeFile(folder("w.bin"), [0, 255, 0, 0, 255, 255, 0x00, 0x3C, 0x01, 0x00, 0, 5])
    let read = try read(
      ["w.bin"], weight("a", "float32", [2], ["dtype": "uint8", "scale": 0.5, "min": -1]),
      weight("b", "float32", [2], ["dtype": "uint16", "scale": 2, "min": 1]),
      weight("c", "float32", [2], ["dtype": "float16"]),
      weight("d", "int32", [2], ["dtype": "uint8", "scale": 0.5, "min": 0]))
    #expect(floats(read[0]) == [-1, 126.5])
    #expect(floats(read[1]) == [1, 131_071])
    #expect(floats(read[2]) == [1, 0x1p-24])
    #expect(read[3].bytes == [0, 0, 0, 0, 3, 0, 0, 0])
  }

  @Test func readsEveryHalf() throws {
    let bytes = [0x00, 0x7C, 0x00, 0xFC, 0x01, 0x7E, 0x00, 0x80, 0xFF, 0x7B, 0x55, 0x35]
    try writeFile(folder("w.bin"), bytes.map { UInt8($0) })
    let values = floats(try read(["w.bin"], weight("a", "float32", [6], ["dtype": "float16"]))[0])
    #expect(values[0] == .infinity && values[1] == -.infinity && values[2].isNaN)
    #expect(values[3] == 0 && values[3].sign == .minus)
    #expect(values[4] == 65504 && values[5] == 0.33325195)
  }

  @Test func tellsWhatIsWrong() throws {
    try writeFile(folder("w.bin"), [1, 2, 3, 4])
    let path = folder("w.bin")
    #expect(
      error(["w.bin"], weight("a", "float32", [2]))?.message
        == "\(path), 'a': expected 8 bytes from byte 0, found 4")
    #expect(
      error(["w.bin"], weight("a", "bool", [2]))?.message
        == "\(path), 'a': expected truth values 0 or 1, found 2")
    #expect(
      error(["w.bin"])?.message == "\(path): expected 0 bytes, as the manifest says, found 4")
    #expect(
      error(["w.bin"], weight("a", "string", [2]))?.message
        == "\(model), 'a': expected one of the types float32, float16, bfloat16, float64, int32, "
        + "int64, uint8, bool, found 'string'")
    #expect(error(["w.bin"], weight("a", "complex64", [2]))?.kind == .unsupported)
    #expect(
      error(["w.bin"], weight("a", "float32", [-1]))?.message
        == "\(model), 'a': expected a shape of whole numbers, found a list of 1")
    #expect(
      error(["w.bin"], weight("a", "float32", [1 << 40, 1 << 40]))?.message
        == "\(model), 'a': expected a shape that fits into memory, "
        + "found [1099511627776, 1099511627776]")
    #expect(
      error(["w.bin"], weight("a", "uint8", [2]), weight("a", "uint8", [2]))?.message
        == "\(model), 'a': expected every name once, found the name twice")
    #expect(
      error(["w.bin"], weight("a", "float32", [1], ["dtype": "uint4"]))?.message
        == "\(model), 'a': expected quantization to uint8, uint16 or float16, found 'uint4'")
    #expect(
      error(["w.bin"], weight("a", "float32", [1], ["dtype": "uint8"]))?.message
        == "\(model), 'a': expected a quantization with 'scale' and 'min', "
        + "found an object of 1 members")
    #expect(error(["none.bin"])?.kind == .missing)
    let notAList = #expect(throws: FileError.self) {
      try TensorFlowJSWeights(manifest: ["a": 1], path: model)
    }
    #expect(
      notAList?.message
        == "\(model), 'weightsManifest': expected a list of groups, found an object of 1 members")
  }

  @Test(arguments: ["../w.bin", "/etc/passwd", "a/../../w", "", "a//b", "..\\w", "w\0.bin"])
  func staysInItsFolder(path: String) {
    #expect(error([path])?.kind == .corrupt)
    #expect(error([path])?.expected == "a file beside or below this one")
  }

  @Test func survivesAnyManifest() throws {
    try writeFile(folder("w.bin"), [1, 0, 0, 1])
    let manifest: JSON = [
      [
        "paths": ["w.bin"],
        "weights": [
          weight("a", "bool", [2, 1]),
          weight("b", "float32", [2], ["dtype": "uint8", "scale": 2.5, "min": 1]),
        ],
      ]
    ]
    #expect(throws: Never.self) { try TensorFlowJSWeights(manifest: manifest, path: model) }
    let text = Array(try manifest.text().utf8)
    var generator = TestGenerator(seed: 9)
    for _ in 0..<10_000 {
      guard let json = try? JSON(parsing: generator.flippingBits(of: text)) else { continue }
      _ = try? TensorFlowJSWeights(manifest: json, path: model)
    }
  }
}

import Foundation
import Plush
import PlushData
import PlushFormats
import PlushMedia
import PlushONNX

/// Something that reads files from outside.
struct Reader {
  let name: String
  /// How many of all inputs it gets, as against the other readers.
  let share: Int
  /// Sound files.
  var samples: [[UInt8]]
  /// What its files are made of, to be strewn in.
  var words: [String] = []
  let read: ([UInt8]) throws -> Void

  /// All readers: a line for each; `folder` is for those that read files only.
  static func all(in folder: String) throws -> [Reader] {
    try builtIn(in: folder).map { reader in
      var reader = reader
      reader.samples += try Self.given(to: reader.name)
      return reader
    }
  }

  /// Further sound files: those in the folder that PLUSH_FUZZ_SAMPLES names whose names begin with
  /// that of the reader, such as `onnx-1.onnx`.
  private static func given(to name: String) throws -> [[UInt8]] {
    guard let folder = ProcessInfo.processInfo.environment["PLUSH_FUZZ_SAMPLES"] else { return [] }
    return try FileSystem.names(in: folder).sorted().filter { $0.hasPrefix("\(name)-") }
      .map { try readFile("\(folder)/\($0)") }
  }

  private static func builtIn(in folder: String) throws -> [Reader] {
    let samples = try Samples(folder)
    let (model, files) = (try ModelReader(folder), try ModelFiles(folder))
    return [
      Reader(name: "safetensors", share: 20, samples: samples.safetensors, words: Words.tensors) {
        for array in try Safetensors(parsing: $0).arrays { _ = array.tensor.shape }
      },
      Reader(name: "mapped safetensors", share: 2, samples: samples.safetensors) {
        let path = folder + "/mapped"
        try replaceFile(path, $0)
        let file = try MappedSafetensors(file: path)
        for name in file.names { _ = try file.tensor(name)?.shape }
      },
      Reader(name: "npy", share: 20, samples: samples.npy, words: Words.npy) {
        _ = try NPY(parsing: $0).tensor.shape
      },
      Reader(name: "mapped npy", share: 2, samples: samples.npy, words: Words.npy) {
        try replaceFile(folder + "/mapped", $0)
        _ = try MappedNPY(file: folder + "/mapped").tensor().shape
      },
      Reader(name: "mapped npz", share: 2, samples: samples.npz) {
        try replaceFile(folder + "/mapped", $0)
        let file = try MappedNPZ(file: folder + "/mapped")
        for name in file.names { _ = try file.tensor(name)?.shape }
      },
      Reader(name: "npz", share: 10, samples: samples.npz) { _ = try NPZ(parsing: $0).arrays },
      Reader(name: "zip", share: 10, samples: samples.npz) {
        let archive = try ZipArchive(parsing: $0)
        for entry in archive.entries { _ = try archive.read(entry, limit: 1 << 20) }
      },
      Reader(name: "gzip", share: 10, samples: samples.gzip) { _ = try GZip.decompress($0) },
      Reader(name: "json", share: 20, samples: samples.json, words: Words.json) {
        _ = try JSON(parsing: $0)
      },
      Reader(name: "idx", share: 20, samples: samples.idx) { _ = try IDXArray(parsing: $0) },
      Reader(name: "csv", share: 10, samples: samples.csv, words: Words.csv) {
        _ = try Table(parsing: $0)
      },
      Reader(name: "training state", share: 2, samples: [samples.trainingState]) {
        try replaceFile(folder + "/state", $0)
        _ = try TrainingState(file: folder + "/state")
      },
      Reader(name: "model.json", share: 3, samples: model.samples, words: Words.model) {
        try model.read(json: $0)
      },
      Reader(name: "model weights", share: 1, samples: [model.weights]) {
        try model.read(weights: $0)
      },
      Reader(name: "hdf5", share: 20, samples: samples.hdf5, words: Words.hdf5) {
        try HDF5File(parsing: $0).readAll()
      },
      Reader(name: "h5 model", share: 4, samples: files.hdf5, words: Words.keras) {
        try files.read($0)
      },
      Reader(name: "keras", share: 4, samples: files.keras) { try files.read($0) },
      Reader(name: "keras config", share: 3, samples: [files.kerasConfig], words: Words.keras) {
        try files.read(kerasConfig: $0)
      },
      Reader(name: "keras weights", share: 3, samples: [files.kerasWeights], words: Words.hdf5) {
        try files.read(weights: $0)
      },
      Reader(name: "weights.h5", share: 8, samples: files.hdf5Weights, words: Words.hdf5) {
        try files.read(weightsAlone: $0)
      },
      Reader(name: "weights", share: 8, samples: files.arrays, words: Words.tensors) {
        try files.read(weightsAlone: $0)
      },
      Reader(name: "onnx", share: 20, samples: files.onnx, words: Words.onnx) {
        _ = try ONNX.load(bytes: $0)
      },
      Reader(name: "onnx build", share: 2, samples: files.onnx, words: Words.onnx) {
        try ONNX.load(bytes: $0).build()
      },
      Reader(name: "onnx tensor", share: 20, samples: samples.tensors) {
        _ = try ONNX.tensor(bytes: $0)
      },
      Reader(name: "png", share: 3, samples: samples.png) {
        _ = try Picture(parsing: $0, pixelLimit: 1 << 16)
      },
      Reader(name: "jpeg", share: 3, samples: samples.jpeg) {
        _ = try Picture(parsing: $0, pixelLimit: 1 << 16)
      },
    ]
  }
}

/// Words of the formats.
private enum Words {
  static let json = [
    "{", "[", "]", "}", ":", ",", "\"", "null", "NaN", "-Infinity", "\\ud800", "1e999",
  ]
  static let tensors =
    json + ["\"dtype\"", "\"BF16\"", "\"F8_E4M3\"", "\"U64\"", "\"shape\"", "__metadata__"]
  static let npy = ["'descr'", "'<f8'", "'>i2'", "'<u8'", "True", "(", ")", "'shape'", "1,"]
  static let csv = ["\"", "\"\"", ",", "\n", "\r\n", "\r", "NaN", "1e400", "é", "true"]
  static let hdf5 = [
    "TREE", "SNOD", "HEAP", "GCOL", "OHDR", "OCHK", "FRHP", "BTHD", "BTLF", "FAHD", "\0\0\0\0",
  ]
  static let keras =
    model + [
      "\"module\"", "\"registered_name\"", "\"inbound_nodes\"", "\"keras_history\"",
      "\"layers\"", "\"compile_config\"", "\"dtype\"", "\"Functional\"", "\"Sequential\"",
    ]
  // Each takes the place of one of as many letters.
  static let onnx = [
    "Add", "Max", "Pow", "Mod", "Sum", "Not", "Pad", "Loop", "Scan", "Tile", "Conv", "Gemm",
    "TopK", "Slice", "Range", "Where", "Shape", "Split", "Expand", "Gather", "MatMul", "Resize",
    "Concat", "OneHot", "Reshape", "Squeeze", "Flatten", "MaxPool", "Constant", "GatherND",
    "ReduceMean", "Transpose",
  ]
  static let model =
    json + [
      "\"Dense\"", "\"Conv2D\"", "\"Reshape\"", "\"Embedding\"", "\"units\"", "\"config\"", "../",
      "\"float16\"", "\"uint8\"", "\"quantization\"", "\"same\"", "\"MultiHeadAttention\"",
    ]
}

/// Sound files of all formats but models.
private struct Samples {
  let safetensors, npy, npz, gzip, json, idx, csv, png, jpeg, hdf5, tensors: [[UInt8]]
  let trainingState: [UInt8]

  init(_ folder: String) throws {
    let arrays = DType.allCases.map { type in
      NamedArray(
        "a/\(type.name)", type, shape: [2, 3],
        bytes: [UInt8](repeating: 1, count: 6 * type.byteCount)[...])
    }
    let file = folder + "/sample"
    try Safetensors(arrays, metadata: ["format": "plush"]).write(to: file)
    let all = try readFile(file)
    try Safetensors(Array(arrays.prefix(1))).write(to: file)
    safetensors = [all, try readFile(file)]
    npy = try arrays.map { array in
      try NPY(array.dtype, shape: array.shape, bytes: array.bytes).write(to: file)
      return try readFile(file)
    }
    npz = try [false, true].map { isCompressed in
      try NPZ(arrays).write(to: file, isCompressed: isCompressed)
      return try readFile(file)
    }
    let text = Array(#"{"a":[1,-2.5e3,true,null,"é\n\u00e9"],"b":{"c":[[],{}]},"d":NaN}"#.utf8)
    json = [text, Array(String(repeating: "[", count: 150).utf8)]
    gzip = [GZip.compress(text), GZip.compress([UInt8](repeating: 7, count: 20_000))]
    idx = [
      [0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6],
      [0, 0, 0x0D, 1, 0, 0, 0, 1, 0x3F, 0x80, 0, 0], [0, 0, 0x0B, 1, 0, 0, 0, 2, 1, 2, 3, 4],
    ]
    csv = [
      Array("a,b,c\n1,\"x, \"\"y\"\"\",2.5\n3,z,NA\n".utf8), Array("a\ttrue\r\n1\tfalse".utf8),
    ]
    let pixels = (0..<(12 * 9 * 3)).map { UInt8($0 % 251) }
    let picture = Picture(width: 12, height: 9, channels: 3, pixels: pixels)
    png = [try picture.encoded(as: .png), try picture.converted(channels: 1).encoded(as: .png)]
    jpeg = [try picture.encoded(as: .jpeg), try picture.converted(channels: 1).encoded(as: .jpeg)]
    try NamedArray.write(arrays, to: file + ".h5")
    let golden = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../PlushFormatsTests/Golden").path
    hdf5 = try ["\(file).h5", "\(golden)/old.h5", "\(golden)/new.h5"].map { try readFile($0) }
    // Types 1 to 13 and 16, of 6 elements in the raw bytes, and of others in fields of their own.
    let sizes = [4, 1, 1, 2, 2, 4, 8, 0, 1, 2, 8, 4, 8]
    let raw = zip([UInt8](1...13) + [16], sizes + [2]).map { type, size in
      Self.tensor(type, field: 9, [UInt8](repeating: 1, count: 6 * size))
    }
    tensors =
      raw + [
        Self.tensor(1, field: 4, [UInt8](repeating: 0, count: 24)),
        Self.tensor(6, field: 5, [1, 2, 3, 4, 5, 6]), Self.tensor(7, field: 7, [6, 5, 4, 3, 2, 1]),
      ]
    trainingState = try Self.trainingState(file)
  }

  /// A tensor of ONNX of 2×3 elements.
  private static func tensor(_ type: UInt8, field: UInt8, _ data: [UInt8]) -> [UInt8] {
    [0x08, 2, 0x08, 3, 0x10, type, 0x42, 1, 0x77, field << 3 | 2, UInt8(data.count)] + data
  }

  private static func trainingState(_ file: String) throws -> [UInt8] {
    let json: JSON = [
      "epoch": 1, "batch": 2, "step": 3, "seed": 4,
      "history": ["end": "completed", "epochs": [], "logs": []],
      "callbacks": [["best": 1]],
    ]
    let state = try TrainingState(
      json: json, tensors: ["model/a": Tensor([1.0, 2]), "callback/0/best": Tensor([3.0])])
    try state.write(to: file)
    return try readFile(file)
  }
}

/// Not through `writeFile`, which waits for the disk.
func replaceFile(_ path: String, _ bytes: [UInt8]) throws {
  guard FileManager.default.createFile(atPath: path, contents: Data(bytes)) else {
    fatalError("\(path) cannot be written")
  }
}

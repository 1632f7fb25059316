import PlushData
import PlushEngine
import PlushNN

/// The weights of a model in the TensorFlow.js layers format: the `weightsManifest` of its
/// `model.json` and the binary files named there.
///
/// TensorFlow.js itself knows float32, int32 and bool; arrays of other types stand under their
/// own names, such as `float16` or `int64`, and only Plush reads them back.
public struct TensorFlowJSWeights: Sendable, Hashable {
  /// The weights of the layers.
  public let model: [NamedArray]
  /// The state of the optimizer, if it was saved.
  public let optimizer: [NamedArray]

  /// Makes the weights to write.
  public init(model: [NamedArray], optimizer: [NamedArray] = []) {
    self.model = model
    self.optimizer = optimizer
  }
}

// MARK: - Reading

extension TensorFlowJSWeights {
  /// Reads the weights of a folder in a format of TensorFlow.js: of a layers model, or of a graph
  /// model, whose operations are not read.
  ///
  /// - Parameter path: the folder, or the `model.json` in it.
  /// - Throws: `FileError` that names the file and the array at fault.
  public init(file path: String) throws {
    let file = path.hasSuffix(".json") ? path : "\(path)/model.json"
    guard let manifest = try JSON(file: file)["weightsManifest"] else {
      throw FileError(
        .unsupported, file, expected: "a weightsManifest", found: "none",
        hint: "is this the model.json of TensorFlow.js?")
    }
    try self.init(manifest: manifest, path: file)
  }

  /// Reads the weights that a manifest lists.
  ///
  /// - Parameters:
  ///   - manifest: the value of `weightsManifest`.
  ///   - path: the file of the manifest; the binary files stand beside or below it.
  /// - Throws: `FileError` that names the file and the array at fault.
  public init(manifest: JSON, path: String) throws {
    guard let groups = manifest.array else {
      throw FileError(
        .corrupt, path, at: .entry("weightsManifest"), expected: "a list of groups",
        found: manifest.summary)
    }
    let entries = try groups.flatMap { try Self.read($0, path) }
    var seen: Set<String> = []
    for (entry, array) in entries {
      guard seen.insert("\(entry.isOptimizer) \(array.name)").inserted else {
        throw FileError(
          .corrupt, path, at: .entry(array.name), expected: "every name once",
          found: "the name twice")
      }
    }
    self.init(
      model: entries.filter { !$0.0.isOptimizer }.map(\.1),
      optimizer: entries.filter { $0.0.isOptimizer }.map(\.1))
  }

  private static func read(
    _ group: JSON, _ path: String
  ) throws -> [(WeightEntry, NamedArray)] {
    let paths = try group.list("paths", of: "file names", path).map { json in
      guard let name = json.string, staysInside(name) else {
        throw FileError(
          .corrupt, path, at: .entry("paths"), expected: "a file beside or below this one",
          found: json.summary)
      }
      return name
    }
    let entries = try group.list("weights", of: "weights", path).map {
      try WeightEntry($0, path)
    }
    let files = try paths.map { try readFile(folder(of: path) + $0, limit: 1 << 36) }
    let data = files.count == 1 ? files[0] : Array(files.joined())
    let source =
      paths.count == 1 ? folder(of: path) + paths[0] : "the \(paths.count) files of \(path)"
    return try split(data, entries, source)
  }

  /// Cuts the joined files into the values of the entries.
  private static func split(
    _ data: [UInt8], _ entries: [WeightEntry], _ path: String
  ) throws -> [(WeightEntry, NamedArray)] {
    var position = 0
    let arrays = try entries.map { entry in
      guard entry.storedSize <= data.count - position else {
        throw FileError(
          .truncated, path, at: .entry(entry.name),
          expected: "\(entry.storedSize) bytes from byte \(position)",
          found: "\(data.count - position)", hint: "are all files there, and complete?")
      }
      let stored = data[position..<position + entry.storedSize]
      position += entry.storedSize
      let bytes = entry.quantization.map { $0.expand(stored, to: entry.dtype)[...] } ?? stored
      return (
        entry,
        try NamedArray(entry.name, entry.dtype, shape: entry.shape, bytes: bytes, from: path)
      )
    }
    guard position == data.count else {
      throw FileError(
        .corrupt, path, expected: "\(position) bytes, as the manifest says",
        found: "\(data.count)", hint: "do model.json and its weights belong together?")
    }
    return arrays
  }

  /// Whether a name from a file leads to a place in the folder of that file.
  private static func staysInside(_ name: String) -> Bool {
    let parts = name.split(separator: "/", omittingEmptySubsequences: false)
    return parts.allSatisfy { !$0.isEmpty && $0 != ".." } && !name.utf8.contains(0)
      && !name.contains("\\")
  }
}

/// The folder a file stands in, with the slash behind it; nothing for a bare name.
private func folder(of path: String) -> String {
  path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
}

extension JSON {
  fileprivate func list(_ key: String, of what: String, _ path: String) throws -> [JSON] {
    if let list = self[key]?.array { return list }
    throw FileError(
      .corrupt, path, at: .entry("weightsManifest"), expected: "'\(key)', a list of \(what)",
      found: self[key]?.summary ?? "no '\(key)'")
  }
}

/// What the manifest says about one array.
private struct WeightEntry {
  let name: String
  let dtype: DType
  let shape: [Int]
  let quantization: Quantization?
  let isOptimizer: Bool
  /// The bytes of the array in the file.
  let storedSize: Int

  init(_ json: JSON, _ path: String) throws {
    guard let name = json["name"]?.string else {
      throw FileError(
        .corrupt, path, at: .entry("weightsManifest"), expected: "a weight with a name",
        found: json.summary)
    }
    guard let shape = json["shape"]?.wholeNumbers else {
      throw FileError(
        .corrupt, path, at: .entry(name), expected: "a shape of whole numbers",
        found: json["shape"]?.summary ?? "no 'shape'")
    }
    guard let typeName = json["dtype"]?.string, let dtype = DType(name: typeName) else {
      throw FileError(
        .unsupported, path, at: .entry(name),
        expected: "one of the types \(DType.allCases.map(\.name).joined(separator: ", "))",
        found: json["dtype"]?.summary ?? "no 'dtype'")
    }
    self.name = name
    self.dtype = dtype
    self.shape = shape
    isOptimizer = json["group"]?.string == "optimizer"
    quantization = try json["quantization"].map {
      try Quantization($0, of: dtype, .entry(name), path)
    }
    guard let size = byteCount(of: quantization?.stored.dtype ?? dtype, shape) else {
      throw FileError(
        .corrupt, path, at: .entry(name), expected: "a shape that fits into memory",
        found: "\(shape)")
    }
    storedSize = size
  }
}

// MARK: - Writing

extension TensorFlowJSWeights {
  /// Writes all weights into one binary file, in one step.
  ///
  /// - Parameters:
  ///   - path: the binary file, by custom `weights.bin` beside `model.json`.
  ///   - quantization: in what fewer bits the float32 weights of layers are kept, if any.
  /// - Returns: the value of `weightsManifest`.
  /// - Throws: `FileError` if writing fails.
  public func write(to path: String, quantization: WeightQuantization? = nil) throws -> JSON {
    var entries: [JSON] = []
    try writeFile(path) { writer in
      for array in model {
        var entry = Self.entry(array, group: nil)
        if let quantization, array.dtype == .float32, !array.bytes.isEmpty {
          let packed = quantization.pack(array.bytes)
          entry["quantization"] = packed.description
          try writer.write(packed.bytes)
        } else {
          try writer.write(array.bytes)
        }
        entries.append(entry)
      }
      for array in optimizer {
        try writer.write(array.bytes)
        entries.append(Self.entry(array, group: "optimizer"))
      }
    }
    let name = String(path.dropFirst(folder(of: path).count))
    return [["paths": [.string(name)], "weights": .array(entries)]]
  }

  private static func entry(_ array: NamedArray, group: String?) -> JSON {
    var entry: JSON = [
      "name": .string(array.name),
      "shape": .array(array.shape.map(JSON.int)),
      "dtype": .string(array.dtype.name),
    ]
    if let group { entry["group"] = .string(group) }
    return entry
  }
}

import PlushData
import PlushNN
import PlushTensor

extension TrainingState {
  /// Writes the state into one file, in one step: a safetensors file whose metadata tell the rest.
  ///
  /// - Throws: `FileError` if writing fails; the old file is then as it was.
  public func write(to path: String) throws {
    let arrays = allTensors.sorted { $0.key < $1.key }.map { NamedArray($0.key, $0.value) }
    let metadata = try json.text(nonFinite: .literal)
    try Safetensors(arrays, metadata: ["training": metadata]).write(to: path)
  }

  /// Reads a state.
  ///
  /// - Throws: `FileError` if the file is missing, damaged or something else.
  public init(file path: String) throws {
    let file = try Safetensors(file: path)
    guard let text = file.metadata["training"] else {
      throw FileError(
        .unsupported, path, expected: "the state of an interrupted training",
        found: "a safetensors file without one")
    }
    do {
      let tensors = Dictionary(uniqueKeysWithValues: file.arrays.map { ($0.name, $0.tensor) })
      try self.init(json: try JSON(parsing: text), tensors: tensors)
    } catch let error as JSONError {
      throw FileError(error, path)
    }
  }
}

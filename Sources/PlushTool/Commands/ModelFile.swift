import Plush
import PlushONNX

/// A model in a file or folder of any format, ONNX included.
struct ModelFile {
  let path: String

  init(_ path: String) { self.path = path }

  /// Whether the name says that it is ONNX.
  var isONNX: Bool { path.lowercased().hasSuffix(".onnx") }

  /// Reads the model.
  ///
  /// - Throws: `FileError` or `ONNXError` if it is missing, damaged, or of no known format.
  func load(_ options: LoadOptions = LoadOptions()) throws -> Model {
    isONNX ? try ONNX.load(path) : try loadModel(from: path, options)
  }
}

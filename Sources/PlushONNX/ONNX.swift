import Foundation
import PlushData
import PlushNN
import PlushTensor

/// Models in the format of ONNX, https://onnx.ai.
///
/// ```swift
/// let model = try ONNX.load("resnet.onnx")
/// try model.summary()
/// let classes = try model.predict(pictures)  // [batch, 3, 224, 224]
/// ```
public enum ONNX {
  /// Reads a model.
  ///
  /// Shapes are those of the file: pictures have their channels first. Floating arrays of the file
  /// become weights, which training changes.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - inputShapes: the shapes of the inputs, the axis of samples first, where the file leaves
  ///     open what the model needs to know.
  /// - Throws: `FileError` if it is no model, `ONNXError` that names the node that cannot be
  ///   computed here.
  public static func load(_ path: String, inputShapes: [Shape]? = nil) throws -> ONNXModel {
    let bytes = try readFile(path, limit: 1 << 31)
    let folder = FileSystem.parent(of: path) ?? "."
    return try load(
      bytes, path: path, external: ExternalData(folder: folder), inputShapes: inputShapes)
  }

  /// Reads a model from the bytes of a file, whose name is told in errors.
  ///
  /// - Throws: as `load(_:inputShapes:)`; data in other files are not read.
  public static func load(
    bytes: [UInt8], path: String = "ONNX data", inputShapes: [Shape]? = nil
  ) throws -> ONNXModel {
    try load(bytes, path: path, external: nil, inputShapes: inputShapes)
  }

  private static func load(
    _ bytes: [UInt8], path: String, external: ExternalData?, inputShapes: [Shape]?
  ) throws -> ONNXModel {
    let file = try ONNXModelProto(parsing: bytes, path: path)
    return try ONNXModel(file, external: external, inputShapes: inputShapes)
  }

  /// Reads one tensor in ONNX's format, as test cases hold them.
  package static func tensor(bytes: [UInt8]) throws -> Tensor {
    let proto: ONNXTensorProto
    do {
      proto = try ONNXTensorProto(serializedBytes: bytes)
    } catch {
      throw FileError(
        .corrupt, "ONNX data", expected: "a tensor in the format of ONNX", found: "\(error)")
    }
    return try proto.read().tensor
  }
}

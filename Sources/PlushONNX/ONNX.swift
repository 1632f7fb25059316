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
    let source = try ByteSource(file: path)
    guard source.size <= 1 << 31 else {
      throw FileError(
        .tooLarge, path, expected: "at most 2 GiB, as the format allows",
        found: "\(source.size) bytes", hint: "keep the weights in a file beside the model")
    }
    let folder = FileSystem.parent(of: path) ?? "."
    return try ONNXModel(source, external: ExternalData(folder: folder), inputShapes: inputShapes)
  }

  /// Reads a model from the bytes of a file, whose name is told in errors.
  ///
  /// - Throws: as `load(_:inputShapes:)`; data in other files are not read.
  public static func load(
    bytes: [UInt8], path: String = "ONNX data", inputShapes: [Shape]? = nil
  ) throws -> ONNXModel {
    try ONNXModel(ByteSource(bytes, path: path), external: nil, inputShapes: inputShapes)
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

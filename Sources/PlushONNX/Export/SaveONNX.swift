import Foundation
import PlushData
import PlushEngine
import PlushNN
import PlushTensor

extension ONNX {
  /// Writes a model in the format of ONNX, with operators of version 18.
  ///
  /// The number of samples stays open. Shapes are those of the model: pictures have their channels
  /// last. A model read from ONNX is written as it was, with the weights of now.
  ///
  /// - Parameters:
  ///   - model: the model.
  ///   - path: the file.
  ///   - batchSize: the number of samples, for a model that does not compute the same for any.
  ///   - inputShapes: the shapes of the inputs, the axis of samples first, of a model that takes any
  ///     sizes; the file is for these.
  /// - Throws: `ONNXError` if ONNX has no operator for something, `ModelError` if the model cannot
  ///   be built, `FileError` if writing fails.
  public static func save(
    _ model: Model, to path: String, batchSize: Int? = nil, inputShapes: [Shape]? = nil
  ) throws {
    try writeFile(
      path, try bytes(of: model, batchSize: batchSize, inputShapes: inputShapes))
  }

  /// The bytes of the file that `save` writes.
  ///
  /// - Throws: as `save`.
  public static func bytes(
    of model: Model, batchSize: Int? = nil, inputShapes: [Shape]? = nil
  ) throws -> [UInt8] {
    let proto =
      if let model = model as? ONNXModel { model.proto } else {
        try self.proto(of: model, batchSize, inputShapes)
      }
    return [UInt8](try proto.serializedData())
  }

  private static func proto(
    of model: Model, _ batchSize: Int?, _ inputShapes: [Shape]?
  ) throws -> ONNXModelProto {
    try model.build()
    let shapes = inputShapes ?? model.inputShapes
    let batches = batchSize.map { ($0, $0) } ?? (7, 11)
    let first = try record(model, shapes, batches.0)
    let second = batchSize == nil ? try record(model, shapes, batches.1) : first
    if first.isRandom {
      throw ONNXError(
        expected: "a model that predicts the same each time", found: "one that draws numbers")
    }
    var given = NameGiver(taken: model.inputNames)
    let outputs = model.outputNames.map { given.name(for: $0) }
    let known = Dictionary(
      model.namedWeights.map { (ObjectIdentifier($0.variable), $0.name) },
      uniquingKeysWith: { first, _ in first })
    let names =
      first.variables.map { given.name(for: known[ObjectIdentifier($0)] ?? $0.name) }
      + first.constants.map { _ in given.name(for: "array") }
    var exporter = try Exporter(
      first, second, batches: batches, names: names, inputs: model.inputNames, outputs: outputs)
    var proto = ONNXModelProto()
    proto.irVersion = 8
    proto.producerName = "Plush"
    proto.opsetImport = [ONNXOperatorSetIdProto()]
    proto.opsetImport[0].domain = ""
    proto.opsetImport[0].version = Int64(GraphWriter.opset)
    proto.graph = try exporter.finish(inputs: model.inputNames, outputs: outputs)
    proto.graph.name = model.name
    return proto
  }

  /// What the model does with so many samples.
  private static func record(
    _ model: Model, _ shapes: [Shape], _ count: Int
  ) throws -> RecordedProgram {
    let types = try zip(shapes, model.inputTypes).map { shape, dtype in
      let sizes = shape.dropFirst().compactMap { $0 }
      guard sizes.count == shape.count - 1 else {
        throw ONNXError(
          expected: "inputs of known sizes but for the samples", found: "the shape \(shape.text)",
          hint: "give inputShapes")
      }
      return TensorType([count] + sizes, dtype)
    }
    return try RecordedProgram(types) { try model.call($0, training: false) }
  }
}

import Foundation
import PlushData
import SwiftProtobuf

extension ONNXModelProto {
  /// Decodes a model all but the elements of its initializers, which are told by their number.
  ///
  /// - Throws: `FileError` if it is no model.
  static func read(
    _ source: ByteSource
  ) throws -> (model: ONNXModelProto, elements: [Int: ByteSource]) {
    let path = source.path
    let skeleton = try ModelSkeleton(source)
    try MessageCount.check(skeleton.bytes, fileSize: source.size, path: path)
    var options = BinaryDecodingOptions()
    options.messageDepthLimit = 8 * Limits.depth
    options.discardUnknownFields = true
    let model: ONNXModelProto
    do {
      model = try ONNXModelProto(serializedBytes: skeleton.bytes, options: options)
    } catch {
      throw FileError(
        .corrupt, path, expected: "a model in the format of ONNX", found: "\(error)",
        hint: "fetch or export the file again")
    }
    guard model.hasGraph else {
      throw FileError(
        .corrupt, path, expected: "the graph of an ONNX model", found: "none",
        hint: "is this an ONNX file?")
    }
    return (model, skeleton.elements)
  }

  /// Versions of the sets of operators by domain.
  var opsets: [String: Int] {
    Dictionary(
      opsetImport.map { ($0.domain == "ai.onnx" ? "" : $0.domain, Int($0.version)) },
      uniquingKeysWith: Swift.max)
  }

  /// Checks what can be known before there are values.
  ///
  /// - Throws: `ONNXError` that names the node at fault.
  func check() throws {
    for function in functions { try check(function.node, depth: 0) }
    try check(graph, depth: 0)
    if !graph.sparseInitializer.isEmpty {
      throw ONNXError(
        expected: "arrays with all their elements", found: "sparse initializers",
        hint: "export the model without sparse tensors")
    }
  }

  private func check(_ graph: ONNXGraphProto, depth: Int) throws {
    guard depth < Limits.depth else {
      throw ONNXError(expected: "at most \(Limits.depth) graphs inside each other", found: "more")
    }
    try check(graph.node, depth: depth)
  }

  private func check(_ nodes: [ONNXNodeProto], depth: Int) throws {
    let own = Set(functions.map { "\($0.domain)::\($0.name)" })
    for node in nodes {
      if !own.contains("\(node.standardDomain)::\(node.opType)") {
        _ = try ONNXOperators.named(node, opset: opsets[node.standardDomain] ?? 1)
      }
      for attribute in node.attribute where attribute.hasG {
        try check(attribute.g, depth: depth + 1)
      }
    }
  }
}

extension ONNXValueInfoProto {
  /// The type of the elements of a tensor.
  ///
  /// - Throws: `ONNXError` for sequences, texts and other types.
  func element() throws -> ElementType {
    guard type.hasTensorType else {
      throw ONNXError(
        expected: "a tensor as '\(name)'", found: "a sequence, map or optional value",
        hint: "export the model with tensors only")
    }
    return try ElementType(number: type.tensorType.elemType, of: name)
  }

  /// The sizes, nil where any will do; nil if not even their number is told.
  var shape: [Int?]? {
    guard type.tensorType.hasShape else { return nil }
    return type.tensorType.shape.dim.map { dimension in
      guard case .dimValue(let size)? = dimension.value, size > 0 else { return nil }
      return Int(size)
    }
  }
}

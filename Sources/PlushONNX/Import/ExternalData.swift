import Foundation
import PlushData

/// Files beside a model that hold elements of its tensors.
final class ExternalData {
  private let folder: String
  private var files: [String: Data] = [:]

  init(folder: String) { self.folder = folder }

  /// The bytes that a tensor names.
  ///
  /// - Throws: `ONNXError` if the file lies outside of the model's folder or is too short.
  func bytes(of tensor: ONNXTensorProto, count: Int) throws -> Data {
    let entries = Dictionary(
      tensor.externalData.map { ($0.key, $0.value) }, uniquingKeysWith: { first, _ in first })
    let location = entries["location"] ?? ""
    let file = try contents(of: location, tensor.name)
    let offset = Int(entries["offset"] ?? "0") ?? -1
    let length = entries["length"].map { Int($0) ?? -1 } ?? count
    guard offset >= 0, length == count, offset <= file.count, length <= file.count - offset else {
      throw ONNXError(
        expected: "\(count) bytes of the tensor '\(tensor.name)' in '\(location)'",
        found: "\(length) from byte \(offset) of \(file.count)",
        hint: "are the model and the file of its data of one export?")
    }
    return file[file.startIndex + offset..<file.startIndex + offset + length]
  }

  private func contents(of location: String, _ name: String) throws -> Data {
    if let known = files[location] { return known }
    let path = "\(folder)/\(location)"
    let parts = location.split(separator: "/", omittingEmptySubsequences: false)
    // A link could lead out of the folder too.
    let isInside =
      FileSystem.resolved(path).flatMap { file in
        FileSystem.resolved(folder).map { file.hasPrefix($0 == "/" ? $0 : $0 + "/") }
      } ?? true
    guard !location.hasPrefix("/"), !parts.contains(".."), !location.isEmpty, isInside else {
      throw ONNXError(
        expected: "data of the tensor '\(name)' in the folder of the model",
        found: "the location '\(location)'", hint: "files outside of that folder are not read")
    }
    let data = Data(try readFile(path, limit: 1 << 36))
    files[location] = data
    return data
  }
}

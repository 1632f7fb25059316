import PlushData

/// Files beside a model that hold elements of its tensors, which are read one by one.
final class ExternalData {
  private let folder: String
  // The last one only: a model may have very many.
  private var open: (location: String, file: ByteSource)?

  init(folder: String) { self.folder = folder }

  /// The bytes that a tensor names.
  ///
  /// - Throws: `ONNXError` if the file lies outside of the model's folder or is too short.
  func bytes(of tensor: ONNXTensorProto, count: Int) throws -> [UInt8] {
    let entries = Dictionary(
      tensor.externalData.map { ($0.key, $0.value) }, uniquingKeysWith: { first, _ in first })
    let location = entries["location"] ?? ""
    let file = try file(at: location, tensor.name)
    let offset = Int(entries["offset"] ?? "0") ?? -1
    let length = entries["length"].map { Int($0) ?? -1 } ?? count
    guard offset >= 0, length == count, offset <= file.size, length <= file.size - offset else {
      throw ONNXError(
        expected: "\(count) bytes of the tensor '\(tensor.name)' in '\(location)'",
        found: "\(length) from byte \(offset) of \(file.size)",
        hint: "are the model and the file of its data of one export?")
    }
    return try file.bytes(offset..<offset + length)
  }

  private func file(at location: String, _ name: String) throws -> ByteSource {
    if let open, open.location == location { return open.file }
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
    let file = try ByteSource(file: path)
    open = (location, file)
    return file
  }
}

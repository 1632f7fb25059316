import PlushData
import PlushEngine
import PlushNN

/// A file of named arrays in the safetensors format of Hugging Face.
///
/// The file is 8 bytes with the length of a JSON header, the header, and the data. The data of
/// all arrays follow each other without gaps. Integers that have no type here are widened, floating
/// numbers of 8 bits too. See https://huggingface.co/docs/safetensors.
public struct Safetensors: Sendable, Hashable {
  /// The arrays, in the order of their data.
  public let arrays: [NamedArray]
  /// What else the file says, such as `format`.
  public let metadata: [String: String]

  /// Makes the contents of a file.
  public init(_ arrays: [NamedArray], metadata: [String: String] = [:]) {
    self.arrays = arrays
    self.metadata = metadata
  }

  /// The array with this name, or nil.
  public subscript(_ name: String) -> NamedArray? { arrays.first { $0.name == name } }
}

// MARK: - Reading

extension Safetensors {
  /// Reads a file.
  ///
  /// - Throws: `FileError` that names the file and the array at fault.
  public init(file path: String) throws {
    try self.init(parsing: try readFile(path, limit: 1 << 36), path: path)
  }

  /// Parses the bytes of a file; `path` names it in errors. The arrays share the bytes.
  ///
  /// - Throws: `FileError` that names the file and the array at fault.
  public init(parsing file: [UInt8], path: String = "safetensors data") throws {
    let header = try SafetensorsHeader(size: file.count, path) { Array(file[$0]) }
    metadata = header.metadata
    arrays = try header.entries.map { entry in
      try entry.array(file[header.end + entry.begin..<header.end + entry.end], path)
    }
  }
}

// MARK: - Writing

extension Safetensors {
  /// Writes the file in one step, wide types first so that every array is aligned.
  ///
  /// - Throws: `FileError` if two arrays have one name or writing fails.
  public func write(to path: String) throws {
    let ordered = arrays.enumerated().sorted { first, second in
      let (wide, narrow) = (first.element.dtype.byteCount, second.element.dtype.byteCount)
      return wide == narrow ? first.offset < second.offset : wide > narrow
    }.map(\.element)
    let header = try Self.headerBytes(ordered, metadata, path)
    try writeFile(path) { writer in
      try writer.write(UInt64(header.count).littleEndianBytes)
      try writer.write(header)
      for array in ordered { try writer.write(array.bytes) }
    }
  }

  private static func headerBytes(
    _ arrays: [NamedArray], _ metadata: [String: String], _ path: String
  ) throws -> [UInt8] {
    var header: [String: JSON] = [:]
    if !metadata.isEmpty { header["__metadata__"] = .object(metadata.mapValues(JSON.string)) }
    var position = 0
    for array in arrays {
      guard array.name != "__metadata__", header[array.name] == nil else {
        throw FileError(
          .unsupported, path, at: .entry(array.name), expected: "every name once",
          found: "a name that is taken")
      }
      header[array.name] = [
        "dtype": .string(SafetensorsElement(array.dtype).rawValue),
        "shape": .array(array.shape.map(JSON.int)),
        "data_offsets": [.int(position), .int(position + array.bytes.count)],
      ]
      position += array.bytes.count
    }
    var bytes = Array(try JSON.object(header).text().utf8)
    // Spaces bring the data to a multiple of 8 bytes.
    while bytes.count % 8 != 0 { bytes.append(UInt8(ascii: " ")) }
    return bytes
  }
}

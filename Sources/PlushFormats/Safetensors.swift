import PlushData
import PlushEngine
import PlushNN

/// A file of named arrays in the safetensors format of Hugging Face.
///
/// The file is 8 bytes with the length of a JSON header, the header, and the data. The data of
/// all arrays follow each other without gaps. See https://huggingface.co/docs/safetensors.
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

/// The longest header the format allows.
private let maximumHeader = 100_000_000

extension DType {
  fileprivate var safetensorsName: String {
    switch self {
    case .float32: "F32"
    case .float16: "F16"
    case .bfloat16: "BF16"
    case .float64: "F64"
    case .int32: "I32"
    case .int64: "I64"
    case .uint8: "U8"
    case .bool: "BOOL"
    }
  }
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
    let headerEnd = try Self.headerEnd(file, path)
    var metadata: [String: String] = [:]
    var entries: [Entry] = []
    for (name, json) in try Self.header(file[8..<headerEnd], path) {
      if name == "__metadata__" {
        metadata = try Self.metadata(json, path)
      } else {
        entries.append(try Entry(name, json, path))
      }
    }
    entries.sort { ($0.begin, $0.end, $0.name) < ($1.begin, $1.end, $1.name) }
    try Self.checkLayout(entries, file.count - headerEnd, path)
    self.metadata = metadata
    arrays = try entries.map { entry in
      let bytes = file[headerEnd + entry.begin..<headerEnd + entry.end]
      return try NamedArray(
        entry.name, entry.dtype, shape: entry.shape, bytes: bytes, from: path)
    }
  }

  private static func headerEnd(_ file: [UInt8], _ path: String) throws -> Int {
    guard file.count >= 8 else {
      throw FileError(
        .truncated, path, expected: "the 8 bytes of the header's length",
        found: "\(file.count) bytes")
    }
    let length = file[..<8].littleEndianNumber
    guard length <= maximumHeader else {
      throw FileError(
        .corrupt, path, at: .byte(0),
        expected: "the length of the header, at most \(maximumHeader)", found: "\(length)",
        hint: "is this a safetensors file?")
    }
    guard Int(length) <= file.count - 8 else {
      throw FileError(
        .truncated, path, at: .byte(8), expected: "a header of \(length) bytes",
        found: "\(file.count - 8) bytes", hint: "fetch the file again")
    }
    return 8 + Int(length)
  }

  private static func header(
    _ bytes: ArraySlice<UInt8>, _ path: String
  ) throws -> [String: JSON] {
    do {
      let json = try JSON(parsing: bytes, maximumDepth: 8, maximumSize: maximumHeader)
      if let header = json.object { return header }
      throw FileError(
        .corrupt, path, at: .byte(8), expected: "a header that is a JSON object",
        found: json.summary)
    } catch let error as JSONError {
      throw FileError(
        .corrupt, path, at: .byte(8 + (error.position?.offset ?? 0)),
        expected: "in the header \(error.expected)", found: error.found)
    }
  }

  private static func metadata(_ json: JSON, _ path: String) throws -> [String: String] {
    guard let members = json.object else {
      throw FileError(
        .corrupt, path, at: .entry("__metadata__"), expected: "an object of texts",
        found: json.summary)
    }
    return try Dictionary(
      uniqueKeysWithValues: members.map { key, value in
        guard let text = value.string else {
          throw FileError(
            .corrupt, path, at: .entry("__metadata__"), expected: "a text for '\(key)'",
            found: value.summary)
        }
        return (key, text)
      })
  }

  /// Checks that the entries, ordered by place, cover the data without overlap or gap.
  private static func checkLayout(_ entries: [Entry], _ size: Int, _ path: String) throws {
    var position = 0
    for entry in entries {
      guard entry.end <= size else {
        throw FileError(
          .truncated, path, at: .entry(entry.name),
          expected: "data from byte \(entry.begin) to \(entry.end)",
          found: "only \(size) bytes of data", hint: "fetch the file again")
      }
      guard entry.begin == position else {
        throw FileError(
          .corrupt, path, at: .entry(entry.name),
          expected: "data that starts at byte \(position)",
          found: "\(entry.begin < position ? "an overlap" : "a gap"): it starts at \(entry.begin)")
      }
      position = entry.end
    }
    guard position == size else {
      throw FileError(
        .corrupt, path, expected: "\(position) bytes of data, as the header says",
        found: "\(size)")
    }
  }
}

/// What the header says about one array.
private struct Entry {
  let name: String
  let dtype: DType
  let shape: [Int]
  let begin: Int
  let end: Int

  init(_ name: String, _ json: JSON, _ path: String) throws {
    func wrong(
      _ key: String, _ expected: String, _ kind: FileError.Kind = .corrupt
    ) -> FileError {
      FileError(
        kind, path, at: .entry(name), expected: expected,
        found: json[key]?.summary ?? "no '\(key)'")
    }
    guard let typeName = json["dtype"]?.string else { throw wrong("dtype", "a type") }
    guard let dtype = DType.allCases.first(where: { $0.safetensorsName == typeName }) else {
      let names = DType.allCases.map(\.safetensorsName).joined(separator: ", ")
      throw wrong("dtype", "one of the types \(names)", .unsupported)
    }
    guard let shape = json["shape"]?.wholeNumbers else {
      throw wrong("shape", "a shape of whole numbers")
    }
    guard let offsets = json["data_offsets"]?.wholeNumbers, offsets.count == 2,
      offsets[0] <= offsets[1]
    else { throw wrong("data_offsets", "a start and an end of the data") }
    guard byteCount(of: dtype, shape) == offsets[1] - offsets[0] else {
      let size = byteCount(of: dtype, shape).map { "\($0)" } ?? "far more"
      throw FileError(
        .corrupt, path, at: .entry(name),
        expected: "\(size) bytes for the shape \(shape) of \(typeName)",
        found: "\(offsets[1] - offsets[0])")
    }
    self.name = name
    self.dtype = dtype
    self.shape = shape
    begin = offsets[0]
    end = offsets[1]
  }
}

extension JSON {
  /// A list of whole numbers that are not negative, or nil.
  var wholeNumbers: [Int]? {
    guard let array else { return nil }
    let numbers = array.compactMap(\.int).filter { $0 >= 0 }
    return numbers.count == array.count ? numbers : nil
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
        "dtype": .string(array.dtype.safetensorsName),
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

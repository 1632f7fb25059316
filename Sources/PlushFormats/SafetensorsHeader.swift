import PlushData
import PlushEngine
import PlushNN

/// What the begin of a safetensors file tells about its arrays.
struct SafetensorsHeader: Sendable {
  /// What the header says about one array.
  struct Entry: Sendable {
    let name: String
    let element: SafetensorsElement
    let shape: [Int]
    let begin: Int
    let end: Int
  }

  /// The arrays, in the order of their data.
  private(set) var entries: [Entry] = []
  /// What else the file says.
  private(set) var metadata: [String: String] = [:]
  /// The first byte of the data.
  let end: Int

  /// The longest header the format allows.
  private static let maximumSize = 100_000_000

  /// Reads the header of a file of `size` bytes, any range of which `read` gives.
  ///
  /// - Throws: `FileError` that names the file and the array at fault.
  init(size: Int, _ path: String, read: (Range<Int>) -> [UInt8]) throws {
    end = try Self.end(size, path, read)
    for (name, json) in try Self.members(read(8..<end)[...], path) {
      if name == "__metadata__" {
        metadata = try Self.metadata(json, path)
      } else {
        entries.append(try Entry(name, json, path))
      }
    }
    entries.sort { ($0.begin, $0.end, $0.name) < ($1.begin, $1.end, $1.name) }
    try Self.checkLayout(entries, size - end, path)
  }

  private static func end(
    _ size: Int, _ path: String, _ read: (Range<Int>) -> [UInt8]
  ) throws -> Int {
    guard size >= 8 else {
      throw FileError(
        .truncated, path, expected: "the 8 bytes of the header's length",
        found: "\(size) bytes")
    }
    let length = read(0..<8)[...].littleEndianNumber
    guard length <= maximumSize else {
      throw FileError(
        .corrupt, path, at: .byte(0),
        expected: "the length of the header, at most \(maximumSize)", found: "\(length)",
        hint: "is this a safetensors file?")
    }
    guard Int(length) <= size - 8 else {
      throw FileError(
        .truncated, path, at: .byte(8), expected: "a header of \(length) bytes",
        found: "\(size - 8) bytes", hint: "fetch the file again")
    }
    return 8 + Int(length)
  }

  private static func members(
    _ bytes: ArraySlice<UInt8>, _ path: String
  ) throws -> [String: JSON] {
    do {
      let json = try JSON(parsing: bytes, maximumDepth: 8, maximumSize: maximumSize)
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

extension SafetensorsHeader.Entry {
  init(_ name: String, _ json: JSON, _ path: String) throws {
    func wrong(
      _ key: String, _ expected: String, _ kind: FileError.Kind = .corrupt
    ) -> FileError {
      FileError(
        kind, path, at: .entry(name), expected: expected,
        found: json[key]?.summary ?? "no '\(key)'")
    }
    guard let typeName = json["dtype"]?.string else { throw wrong("dtype", "a type") }
    guard let element = SafetensorsElement(rawValue: typeName) else {
      let names = SafetensorsElement.allCases.map(\.rawValue).joined(separator: ", ")
      throw wrong("dtype", "one of the types \(names)", .unsupported)
    }
    guard let shape = json["shape"]?.wholeNumbers else {
      throw wrong("shape", "a shape of whole numbers")
    }
    guard let offsets = json["data_offsets"]?.wholeNumbers, offsets.count == 2,
      offsets[0] <= offsets[1]
    else { throw wrong("data_offsets", "a start and an end of the data") }
    let size = byteCount(shape, elementSize: element.storedSize)
    guard size == offsets[1] - offsets[0], byteCount(of: element.dtype, shape) != nil else {
      let size = size.map { "\($0)" } ?? "far more"
      throw FileError(
        .corrupt, path, at: .entry(name),
        expected: "\(size) bytes for the shape \(shape) of \(typeName)",
        found: "\(offsets[1] - offsets[0])")
    }
    self.name = name
    self.element = element
    self.shape = shape
    begin = offsets[0]
    end = offsets[1]
  }

  /// The array of these bytes.
  ///
  /// - Throws: `FileError` if a number has no place here.
  func array(_ bytes: ArraySlice<UInt8>, _ path: String) throws -> NamedArray {
    guard let widened = element.widened(bytes) else {
      throw FileError(
        .unsupported, path, at: .entry(name), expected: "numbers below 2^63", found: "larger ones")
    }
    return try NamedArray(name, element.dtype, shape: shape, bytes: widened, from: path)
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

/// A JSON value.
///
/// The parser keeps whole numbers and fractions apart, takes the `NaN` and `Infinity` that Python
/// writes, and refuses duplicate keys, which weight files must not have.
public enum JSON: Sendable, Hashable {
  /// `null`.
  case null
  /// `true` or `false`.
  case bool(Bool)
  /// A number written without fraction or exponent that fits 64 bits.
  case int(Int)
  /// Any other number.
  case double(Double)
  /// A text.
  case string(String)
  /// Values in order.
  case array([JSON])
  /// Values by name.
  case object([String: JSON])
}

// MARK: - Reading values

extension JSON {
  /// Whether this is `null`.
  public var isNull: Bool { self == .null }

  /// The truth value, or nil.
  public var bool: Bool? {
    if case .bool(let value) = self { value } else { nil }
  }

  /// The whole number, also when written as `2.0` if it fits 32 bits, or nil.
  public var int: Int? {
    switch self {
    case .int(let value): value
    case .double(let value): Int32(exactly: value).map(Int.init)
    default: nil
    }
  }

  /// The number, or nil.
  public var double: Double? {
    switch self {
    case .int(let value): Double(value)
    case .double(let value): value
    default: nil
    }
  }

  /// The text, or nil.
  public var string: String? {
    if case .string(let value) = self { value } else { nil }
  }

  /// The elements, or nil.
  public var array: [JSON]? {
    if case .array(let value) = self { value } else { nil }
  }

  /// The members, or nil.
  public var object: [String: JSON]? {
    if case .object(let value) = self { value } else { nil }
  }

  /// The member with this name; nil if there is none or this is not an object.
  ///
  /// Setting turns `null` into an object and does nothing to any other value.
  public subscript(_ key: String) -> JSON? {
    get { object?[key] }
    set {
      guard var members = self == .null ? [:] : object else { return }
      members[key] = newValue
      self = .object(members)
    }
  }

  /// The element at this position; nil if there is none or this is not an array.
  public subscript(_ index: Int) -> JSON? {
    guard let array, array.indices.contains(index) else { return nil }
    return array[index]
  }

  /// A member that must be there, as in `try config.get("units", \.int)`.
  ///
  /// - Throws: `JSONError` that names the member if it is missing or of another type.
  public func get<Value>(_ key: String, _ read: (JSON) -> Value?) throws -> Value {
    guard let member = self[key] else {
      throw JSONError(.missing, expected: "the member '\(key)'", found: kindWithKeys)
    }
    guard let value = read(member) else {
      let expected = "'\(key)' to be \(Self.name(of: Value.self))"
      throw JSONError(.wrongType, expected: expected, found: member.summary)
    }
    return value
  }

  private var kindWithKeys: String {
    guard let object else { return summary }
    if object.isEmpty { return "an empty object" }
    let keys = object.keys.sorted().prefix(8).map { "'\($0)'" }.joined(separator: ", ")
    return object.count > 8 ? "only \(keys), …" : "only \(keys)"
  }

  /// The value in a few words, for an error.
  package var summary: String {
    switch self {
    case .null: "null"
    case .bool(let value): "\(value)"
    case .int(let value): "\(value)"
    case .double(let value): "\(value)"
    case .string(let value): value.count > 40 ? "'\(value.prefix(40))…'" : "'\(value)'"
    case .array(let values): "a list of \(values.count)"
    case .object(let members): "an object of \(members.count) members"
    }
  }

  private static func name(of type: Any.Type) -> String {
    switch type {
    case is Bool.Type: "true or false"
    case is Int.Type: "a whole number"
    case is Double.Type: "a number"
    case is String.Type: "a text"
    case is [JSON].Type: "a list"
    case is [String: JSON].Type: "an object"
    default: "a \(type)"
    }
  }
}

// MARK: - Literals

extension JSON: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByFloatLiteral, ExpressibleByStringLiteral, ExpressibleByStringInterpolation,
  ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  /// `nil` is `null`.
  public init(nilLiteral: ()) { self = .null }
  /// `true` or `false`.
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  /// A whole number.
  public init(integerLiteral value: Int) { self = .int(value) }
  /// A number.
  public init(floatLiteral value: Double) { self = .double(value) }
  /// A text.
  public init(stringLiteral value: String) { self = .string(value) }
  /// A list.
  public init(arrayLiteral elements: JSON...) { self = .array(elements) }
  /// An object; of equal keys the last counts.
  public init(dictionaryLiteral elements: (String, JSON)...) {
    self = .object(Dictionary(elements, uniquingKeysWith: { $1 }))
  }
}

// MARK: - Codable

extension JSON: Codable {
  /// Decodes whatever value stands there.
  ///
  /// - Throws: what the decoder throws.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode(Bool.self) {
      self = .bool(value)
    } else if let value = try? container.decode(Int.self) {
      self = .int(value)
    } else if let value = try? container.decode(Double.self) {
      self = .double(value)
    } else if let value = try? container.decode(String.self) {
      self = .string(value)
    } else if let value = try? container.decode([JSON].self) {
      self = .array(value)
    } else {
      self = .object(try container.decode([String: JSON].self))
    }
  }

  /// Encodes the value as itself.
  ///
  /// - Throws: what the encoder throws.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .null: try container.encodeNil()
    case .bool(let value): try container.encode(value)
    case .int(let value): try container.encode(value)
    case .double(let value): try container.encode(value)
    case .string(let value): try container.encode(value)
    case .array(let value): try container.encode(value)
    case .object(let value): try container.encode(value)
    }
  }
}

// MARK: - Writing

extension JSON {
  /// How to write numbers that JSON has no way to write.
  public enum NonFinite: Sendable {
    /// An error that tells where the number stands.
    case refused
    /// `NaN`, `Infinity` and `-Infinity`, as Python writes and reads them.
    case literal
    /// `null`, as JavaScript writes them.
    case null
  }

  /// The value as text, members in the order of their names.
  ///
  /// - Throws: `JSONError` if a number is not finite and `nonFinite` is `.refused`.
  public func text(pretty: Bool = false, nonFinite: NonFinite = .refused) throws -> String {
    var writer = JSONWriter(pretty: pretty, nonFinite: nonFinite)
    try writer.write(self)
    if pretty { writer.bytes.append(UInt8(ascii: "\n")) }
    return String(decoding: writer.bytes, as: UTF8.self)
  }
}

private struct JSONWriter {
  let pretty: Bool
  let nonFinite: JSON.NonFinite
  var bytes: [UInt8] = []
  var path: [String] = []

  mutating func write(_ value: JSON) throws {
    switch value {
    case .null: append("null")
    case .bool(let value): append(value ? "true" : "false")
    case .int(let value): append("\(value)")
    case .double(let value): try write(value)
    case .string(let value): write(value)
    case .array(let values):
      try writeAll(values, "[", "]") { writer, index, value in
        writer.path.append("[\(index)]")
        try writer.write(value)
      }
    case .object(let members):
      try writeAll(members.sorted { $0.key < $1.key }, "{", "}") { writer, _, member in
        writer.path.append(member.key)
        writer.write(member.key)
        writer.append(writer.pretty ? ": " : ":")
        try writer.write(member.value)
      }
    }
  }

  private mutating func writeAll<Element>(
    _ elements: [Element], _ opening: String, _ closing: String,
    _ write: (inout JSONWriter, Int, Element) throws -> Void
  ) throws {
    append(opening)
    let depth = path.count
    for (index, element) in elements.enumerated() {
      if index > 0 { append(",") }
      indent(depth + 1)
      try write(&self, index, element)
      path.removeLast()
    }
    if !elements.isEmpty { indent(depth) }
    append(closing)
  }

  private mutating func write(_ value: Double) throws {
    if value.isFinite { return append("\(value)") }
    switch nonFinite {
    case .null: append("null")
    case .literal: append(value.isNaN ? "NaN" : value < 0 ? "-Infinity" : "Infinity")
    case .refused:
      let place = path.isEmpty ? "the value" : "'\(path.joined(separator: "/"))'"
      throw JSONError(.notFinite, expected: "\(place) to be a finite number", found: "\(value)")
    }
  }

  private mutating func write(_ text: String) {
    append("\"")
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""): append("\\\"")
      case UInt8(ascii: "\\"): append("\\\\")
      case 0x0A: append("\\n")
      case 0x0D: append("\\r")
      case 0x09: append("\\t")
      case 0..<0x20:
        append(byte < 16 ? "\\u000" : "\\u00")
        append(String(byte, radix: 16))
      default: bytes.append(byte)
      }
    }
    append("\"")
  }

  private mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }

  private mutating func indent(_ depth: Int) {
    guard pretty else { return }
    bytes.append(UInt8(ascii: "\n"))
    bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: 2 * depth))
  }
}

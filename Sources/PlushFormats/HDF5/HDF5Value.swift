import PlushData
import PlushEngine

/// The value of an attribute.
public enum HDF5Value: Sendable, Hashable {
  /// A single text.
  case string(String)
  /// A list of texts, in row-major order if there is more than one axis.
  case strings([String])
  /// Numbers or truth values.
  case array(NamedArray)

  /// The text, if there is just one.
  public var string: String? {
    if let strings, strings.count == 1 { strings[0] } else { nil }
  }

  /// The texts; an array without elements holds none, whatever its type.
  public var strings: [String]? {
    switch self {
    case .string(let string): [string]
    case .strings(let strings): strings
    case .array(let array): array.bytes.isEmpty ? [] : nil
    }
  }
}

/// What an object header says of an attribute.
struct HDF5Attribute {
  let name: String
  private let type: HDF5Type
  private let space: HDF5Dataspace
  private let data: HDF5Cursor

  init(_ message: HDF5Cursor) throws {
    var message = message
    let version = try message.version(1...3, of: "an attribute")
    let flags = try message.number(1)
    let sizes = [try message.number(2), try message.number(2), try message.number(2)]
    if version == 3 { try message.skip(1) }
    guard version == 1 || flags & 3 == 0 else {
      throw message.wrong("a type beside the attribute", "a shared one", .unsupported)
    }
    func part(_ size: Int) throws -> HDF5Cursor {
      let part = try message.piece(size)
      if version == 1 { try message.align() }
      return part
    }
    var nameBytes = try part(sizes[0])
    name = try nameBytes.text(sizes[0])
    type = try HDF5Type(try part(sizes[1]))
    space = try HDF5Dataspace(try part(sizes[2]))
    data = try message.piece(message.rest)
  }

  func value(_ reader: HDF5Reader) throws -> HDF5Value {
    var data = data
    guard let count = space.count, type.size > 0, count <= data.rest / type.size else {
      throw data.wrong(
        "a value of '\(name)' that fits its \(data.rest) bytes", "the shape \(space.shape)")
    }
    switch type {
    case .number(let element):
      return .array(
        try element.array(
          name, shape: space.isNull ? [0] : space.shape, try data.take(count * type.size),
          reader.path))
    case .text(let size, let isPadded):
      return Self.texts(
        try (0..<count).map { _ in
          let text = try data.text(size)
          return isPadded ? String(text.reversed().drop { $0 == " " }.reversed()) : text
        }, space)
    case .heapText:
      return Self.texts(try (0..<count).map { _ in try Self.text(&data, reader) }, space)
    case .other(let kind, _):
      throw data.wrong("numbers or texts as '\(name)'", "a \(kind)", .unsupported)
    }
  }

  private static func texts(_ texts: [String], _ space: HDF5Dataspace) -> HDF5Value {
    space.shape.isEmpty && texts.count == 1 ? .string(texts[0]) : .strings(texts)
  }

  /// The text that the next 16 bytes lead to.
  private static func text(_ data: inout HDF5Cursor, _ reader: HDF5Reader) throws -> String {
    let size = try data.number(4)
    let address = try data.address()
    let index = try data.number(4)
    guard let address, size > 0 else { return "" }
    let bytes = try reader.globalHeap(at: address).bytes(of: index, size, reader)
    return String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
  }
}

extension ObjectHeader {
  /// The attributes.
  func attributes() throws -> [HDF5Attribute] {
    var found = try messages.filter { $0.kind == Kind.attribute && !$0.isShared }
      .map { try HDF5Attribute($0.body) }
    if let info = try message(Kind.attributeInfo) {
      found += try FractalHeap.attributes(info, reader).map { try HDF5Attribute($0) }
    }
    return found
  }

  /// The value of an attribute, or nil if there is none of this name.
  func attribute(_ name: String) throws -> HDF5Value? {
    try attributes().first { $0.name == name }?.value(reader)
  }
}

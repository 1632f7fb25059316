import PlushData

/// The type of elements in an HDF5 file, as far as it is read.
indirect enum HDF5Type {
  /// Numbers and truth values, by the code of NumPy.
  case number(NPYElement)
  /// Texts of a fixed length.
  case text(size: Int, isPadded: Bool)
  /// Texts in global heaps.
  case heapText
  /// Something else, which an error names.
  case other(String, size: Int)

  init(_ message: HDF5Cursor) throws {
    var message = message
    let head = try message.number(1)
    let bits = try message.number(3)
    let size = try message.number(4)
    guard (1...5).contains(head >> 4) else {
      throw message.wrong("a type of version 1 to 5", "\(head >> 4)", .unsupported)
    }
    switch head & 15 {
    case 0: self = Self.number(bits & 8 == 0 ? "u" : "i", size, isBig: bits & 1 != 0)
    case 1: self = try Self.float(message, size, bits)
    case 3: self = .text(size: size, isPadded: bits & 15 == 2)
    case 8: self = try Self.enumeration(message, size, count: bits & 0xFFFF)
    case 9 where bits & 15 == 1: self = .heapText
    case let kind: self = .other(Self.name(kind), size: size)
    }
  }

  private static func number(_ kind: String, _ size: Int, isBig: Bool) -> HDF5Type {
    let element = NPYElement(code: "\(kind)\(size)", isBigEndian: isBig)
    return element.map(HDF5Type.number) ?? .other("\(kind)\(8 * size)", size: size)
  }

  /// Numbers with fractions: those of IEEE 754, and bfloat16.
  private static func float(_ message: HDF5Cursor, _ size: Int, _ bits: Int) throws -> HDF5Type {
    var message = message
    try message.skip(5)
    let exponentSize = try message.number(1)
    if size == 2, exponentSize == 8 { return number("V", 2, isBig: bits & 1 != 0) }
    return number("f", size, isBig: bits & 1 != 0)
  }

  /// h5py writes truth values as an enumeration of FALSE and TRUE.
  private static func enumeration(
    _ message: HDF5Cursor, _ size: Int, count: Int
  ) throws -> HDF5Type {
    var message = message
    // Past the type of the numbers behind the names.
    try message.skip(12)
    let first = try message.text(min(6, message.rest))
    let isBool = size == 1 && count == 2 && first == "FALSE"
    return isBool ? number("b", 1, isBig: false) : .other("enumeration", size: size)
  }

  private static func name(_ kind: Int) -> String {
    let names = [
      "number", "float", "time", "text", "bit field", "opaque type", "record", "reference",
      "enumeration", "list of any length", "array",
    ]
    return names.indices.contains(kind) ? names[kind] : "type of class \(kind)"
  }

  /// Bytes of an element in the file.
  var size: Int {
    switch self {
    case .number(let element): element.storedSize
    case .text(let size, _), .other(_, let size): size
    case .heapText: 16
    }
  }
}

import PlushData
import PlushEngine

/// What an `.npy` file tells about its array: a Python dictionary, as text.
struct NPYHeader {
  let element: NPYElement
  let isColumnMajor: Bool
  let shape: [Int]
  /// The first byte of the elements.
  let end: Int

  /// How many axes an array of NumPy can have.
  private static let maximumRank = 64
  private static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

  /// Reads the header of a file of `size` bytes, any range of which `read` gives.
  init(size: Int, _ path: String, read: (Range<Int>) -> [UInt8]) throws {
    let range = try Self.textRange(read(0..<min(12, size)), size, path)
    var text = PythonText(rest: read(0..<range.upperBound)[range], path: path)
    try text.expect("{")
    var (element, order, shape): (NPYElement?, Bool?, [Int]?)
    while !text.take("}") {
      let key = try text.string()
      try text.expect(":")
      switch key {
      case "descr" where element == nil: element = try NPYElement(&text)
      case "fortran_order" where order == nil: order = try text.bool()
      case "shape" where shape == nil: shape = try text.tuple()
      default:
        throw text.wrong("the keys 'descr', 'fortran_order' and 'shape' once", "'\(key)'")
      }
      if !text.take(",") {
        try text.expect("}")
        break
      }
    }
    guard let element, let order, let shape else {
      throw text.wrong("the keys 'descr', 'fortran_order' and 'shape'", "not all of them")
    }
    guard text.isAtEnd else { throw text.wrong("the end of the header", "more text") }
    guard shape.count <= Self.maximumRank else {
      throw text.wrong("at most \(Self.maximumRank) axes", "\(shape.count)")
    }
    (self.element, isColumnMajor, self.shape, end) = (element, order, shape, range.upperBound)
  }

  /// Where the dictionary stands in a file that begins so.
  private static func textRange(
    _ start: [UInt8], _ size: Int, _ path: String
  ) throws -> Range<Int> {
    guard start.starts(with: magic) else {
      let isCut = magic.starts(with: start)
      throw FileError(
        isCut ? .truncated : .corrupt, path, at: .byte(0),
        expected: "an .npy file, which begins with '\\x93NUMPY'",
        found: isCut ? "\(size) bytes" : "other bytes",
        hint: start.starts(with: [0x50, 0x4B]) ? "read .npz files with NPZ" : nil)
    }
    let major = size > 6 ? start[6] : 1
    guard (1...3).contains(major), size <= 7 || start[7] == 0 else {
      throw FileError(
        .unsupported, path, at: .byte(6), expected: "version 1, 2 or 3 of the format",
        found: "\(major)")
    }
    let text = major == 1 ? 10 : 12
    guard size >= text else {
      throw FileError(
        .truncated, path, at: .byte(8), expected: "the length of the header",
        found: "the end of the file", hint: "fetch the file again")
    }
    let length = Int(start[8..<text].littleEndianNumber)
    guard length <= size - text else {
      throw FileError(
        .truncated, path, at: .byte(text), expected: "a header of \(length) bytes",
        found: "\(size - text)", hint: "fetch the file again")
    }
    return text..<text + length
  }

  /// Compares what the header claims with the size of the file.
  func check(size: Int, _ path: String) throws {
    let actual = size - end
    let claimed = byteCount(shape, elementSize: element.storedSize)
    guard claimed == actual else {
      let isShort = (claimed ?? .max) > actual
      throw FileError(
        isShort ? .truncated : .corrupt, path, at: .byte(end),
        expected: "\(claimed.map { "\($0)" } ?? "far more") bytes for the shape \(shape) "
          + "of '\(element.description)'",
        found: "\(actual)",
        hint: isShort ? "fetch the file again" : "several arrays belong into an .npz file")
    }
  }

  /// Whether the elements stand in the file as tensors hold them.
  var isPlain: Bool {
    let own = NPYElement(element.dtype).description
    return element.description == own && !isColumnMajor && element.dtype != .bool
  }

  /// The array of these elements.
  ///
  /// - Throws: `FileError` if they are not those of the shape.
  func array(_ bytes: ArraySlice<UInt8>, _ path: String) throws -> NamedArray {
    let size = element.storedSize
    let ordered = isColumnMajor ? rowMajor(bytes, shape, size: size)[...] : bytes
    return try element.array("array", shape: shape, ordered, path)
  }

  /// The header of a file with an array in row-major order; the elements then are aligned.
  static func bytes(_ dtype: DType, _ shape: [Int], _ path: String) throws -> [UInt8] {
    guard shape.count <= maximumRank else {
      throw FileError(
        .unsupported, path, expected: "an array of at most \(maximumRank) axes",
        found: "\(shape.count)")
    }
    let extents = shape.map(String.init).joined(separator: ", ") + (shape.count == 1 ? "," : "")
    var text = "{'descr': '\(NPYElement(dtype).description)', 'fortran_order': False, "
    text += "'shape': (\(extents)), }"
    text += String(repeating: " ", count: 63 - (10 + text.utf8.count) % 64) + "\n"
    return magic + [1, 0] + UInt16(text.utf8.count).littleEndianBytes + text.utf8
  }
}

/// The elements of a column-major array in row-major order.
private func rowMajor(_ bytes: ArraySlice<UInt8>, _ shape: [Int], size: Int) -> [UInt8] {
  if bytes.isEmpty { return [] }
  var strides = [size]
  for extent in shape.dropLast() { strides.append(strides[strides.count - 1] * extent) }
  var (place, source) = (shape.map { _ in 0 }, 0)
  return bytes.withUnsafeBytes { bytes in
    [UInt8](unsafeUninitializedCapacity: bytes.count) { buffer, count in
      let target = UnsafeMutableRawBufferPointer(buffer).baseAddress!
      while count < bytes.count {
        (target + count).copyMemory(from: bytes.baseAddress! + source, byteCount: size)
        count += size
        // On to the next place, whose last axes begin anew where they are through.
        for axis in shape.indices.reversed() {
          place[axis] += 1
          source += strides[axis]
          if place[axis] < shape[axis] { break }
          source -= strides[axis] * shape[axis]
          place[axis] = 0
        }
      }
    }
  }
}

/// The element types of NumPy that are read.
struct NPYElement: CustomStringConvertible {
  /// Kind and size in bytes, such as `f4`.
  private let code: String
  let isBigEndian: Bool
  /// The type of the elements in memory.
  let dtype: DType

  private static let types: KeyValuePairs<String, DType> = [
    "f2": .float16, "f4": .float32, "f8": .float64, "V2": .bfloat16,
    "i1": .int32, "i2": .int32, "i4": .int32, "i8": .int64,
    "u1": .uint8, "u2": .int32, "u4": .int64, "b1": .bool,
  ]

  /// The type that stores another as it is.
  init(_ dtype: DType) {
    isBigEndian = false
    self.dtype = dtype
    // The only one of its type with its size.
    code = Self.types.first { $0.value == dtype && $0.key.hasSuffix("\(dtype.byteCount)") }!.key
  }

  /// The type with a code such as `f4`, or nil if none is read here.
  init?(code: String, isBigEndian: Bool) {
    guard let type = Self.types.first(where: { $0.key == code }) else { return nil }
    (self.code, self.isBigEndian, dtype) = (type.key, isBigEndian, type.value)
  }

  /// Reads the value of `descr`.
  init(_ text: inout PythonText) throws {
    guard text.isAtString else {
      throw text.wrong(
        "an array of numbers", "one of records", .unsupported,
        hint: "save its fields as arrays of their own")
    }
    let name = try text.string()
    let code = name.drop { "<>|=".contains($0) }
    guard name.count <= code.count + 1, let type = Self.types.first(where: { $0.key == code })
    else { throw Self.unknown(name, code.first, text) }
    (self.code, isBigEndian, dtype) = (type.key, name.hasPrefix(">"), type.value)
  }

  private static func unknown(_ name: String, _ kind: Character?, _ text: PythonText) -> FileError {
    if kind == "O" {
      return text.wrong(
        "an array of numbers", "pickled Python objects ('\(name)')", .unsupported,
        hint: "pickles can run code and are not read; save numbers, with allow_pickle=False")
    }
    let known = types.map(\.key).joined(separator: ", ")
    return text.wrong(
      "one of the types \(known)", "'\(name)'", .unsupported, hint: "convert it with astype")
  }

  /// Bytes of one element in the file.
  var storedSize: Int { Int(code.dropFirst())! }

  /// The type as the file names it.
  var description: String { (storedSize == 1 ? "|" : isBigEndian ? ">" : "<") + code }

  /// Elements of a file in row-major order as an array of `dtype`.
  ///
  /// - Throws: `FileError` if the bytes are not those of the shape.
  func array(
    _ name: String, shape: [Int], _ bytes: ArraySlice<UInt8>, _ path: String
  ) throws -> NamedArray {
    let isTurned = isBigEndian && storedSize > 1
    let bytes = isTurned ? bytes.reversed(inGroupsOf: storedSize)[...] : bytes
    return try NamedArray(name, dtype, shape: shape, bytes: widened(bytes), from: path)
  }

  private func widened(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    switch code {
    case "i1": wide(bytes, Int8.self, Int32.self)
    case "i2": wide(bytes, Int16.self, Int32.self)
    case "u2": wide(bytes, UInt16.self, Int32.self)
    case "u4": wide(bytes, UInt32.self, Int64.self)
    default: bytes
    }
  }
}

/// Little-endian integers as wider ones.
func wide<Narrow: FixedWidthInteger, Wide: FixedWidthInteger>(
  _ bytes: ArraySlice<UInt8>, _: Narrow.Type, _: Wide.Type
) -> ArraySlice<UInt8> {
  let elements = bytes.withUnsafeBytes { raw in
    raw.elements(of: Narrow.self).map { Wide($0).littleEndian }
  }
  return elements.withUnsafeBytes { ArraySlice($0) }
}

/// The little of Python's syntax that headers are made of.
struct PythonText {
  var rest: ArraySlice<UInt8>
  let path: String

  /// Whether only space is left.
  var isAtEnd: Bool { rest.allSatisfy(Self.isSpace) }

  /// Whether a string comes next.
  var isAtString: Bool {
    let next = rest.first { !Self.isSpace($0) }
    return next == UInt8(ascii: "'") || next == UInt8(ascii: "\"")
  }

  /// Takes a word if it comes next.
  mutating func take(_ word: String) -> Bool {
    rest = rest.drop(while: Self.isSpace)
    guard rest.starts(with: word.utf8) else { return false }
    rest = rest.dropFirst(word.utf8.count)
    return true
  }

  mutating func expect(_ word: String) throws {
    if !take(word) { throw wrong("'\(word)'", nextText) }
  }

  mutating func string() throws -> String {
    let quote = take("\"") ? "\"" : "'"
    if quote == "'" { try expect(quote) }
    guard let end = rest.firstIndex(of: quote.utf8.first!) else {
      throw wrong("the end of a text", nextText)
    }
    defer { rest = rest[(end + 1)...] }
    return String(decoding: rest[..<end], as: UTF8.self)
  }

  mutating func bool() throws -> Bool {
    if take("True") { return true }
    if take("False") { return false }
    throw wrong("True or False", nextText)
  }

  /// Whole numbers in parentheses; Python 2 wrote an L behind some.
  mutating func tuple() throws -> [Int] {
    try expect("(")
    var numbers: [Int] = []
    while !take(")") {
      rest = rest.drop(while: Self.isSpace)
      let digits = rest.prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
      guard let number = Int(String(decoding: digits, as: UTF8.self)) else {
        throw wrong("a shape of whole numbers", nextText)
      }
      numbers.append(number)
      rest = rest.dropFirst(digits.count)
      _ = take("L")
      if !take(",") {
        try expect(")")
        break
      }
    }
    return numbers
  }

  func wrong(
    _ expected: String, _ found: String, _ kind: FileError.Kind = .corrupt, hint: String? = nil
  ) -> FileError {
    FileError(
      kind, path, at: .byte(rest.startIndex), expected: "in the header \(expected)", found: found,
      hint: hint)
  }

  private var nextText: String {
    rest.isEmpty ? "its end" : "'\(String(decoding: rest.prefix(20), as: UTF8.self))'"
  }

  private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x0A }
}

import PlushEngine

/// An array in the IDX format, in which MNIST and its relatives are published.
///
/// The format knows 8- and 16-bit signed integers, which become int32 in memory.
public struct IDXArray: Sendable, Hashable {
  /// The element types of the format, by their code in the file.
  public enum Element: UInt8, Sendable, CaseIterable {
    /// Unsigned, 8 bits.
    case uint8 = 0x08
    /// Signed, 8 bits.
    case int8 = 0x09
    /// Signed, 16 bits.
    case int16 = 0x0B
    /// Signed, 32 bits.
    case int32 = 0x0C
    /// IEEE 754 single precision.
    case float32 = 0x0D
    /// IEEE 754 double precision.
    case float64 = 0x0E

    /// Bytes of one element in the file.
    public var byteCount: Int {
      switch self {
      case .uint8, .int8: 1
      case .int16: 2
      case .int32, .float32: 4
      case .float64: 8
      }
    }

    /// The type of the elements in memory.
    public var dtype: DType {
      switch self {
      case .uint8: .uint8
      case .int8, .int16, .int32: .int32
      case .float32: .float32
      case .float64: .float64
      }
    }
  }

  /// The type of the elements in the file.
  public let element: Element
  /// The extent of each axis, outermost first.
  public let shape: [Int]
  /// The elements in row-major order, little-endian, of the type `dtype`.
  public let bytes: [UInt8]

  /// The type of the elements in `bytes`.
  public var dtype: DType { element.dtype }

  /// The number of elements.
  public var count: Int { bytes.count / dtype.byteCount }

  /// An array of unsigned bytes, such as pictures or labels.
  ///
  /// - Precondition: the shape holds as many elements as there are bytes.
  public init(_ bytes: [UInt8], shape: [Int]) {
    self.init(element: .uint8, shape: shape, bytes: bytes)
  }

  /// An array of any element type; `bytes` are little-endian elements of `element.dtype`.
  ///
  /// - Precondition: the shape holds as many elements as there are in `bytes`.
  public init(element: Element, shape: [Int], bytes: [UInt8]) {
    let count = shape.reduce(element.dtype.byteCount, *)
    precondition(
      count == bytes.count && shape.allSatisfy { $0 >= 0 },
      "an IDX array of shape \(shape) needs \(count) bytes, got \(bytes.count)")
    self.element = element
    self.shape = shape
    self.bytes = bytes
  }

  /// The elements as floats.
  public var floats: [Float] {
    bytes.withUnsafeBytes { raw in
      switch dtype {
      case .uint8: raw.map { Float($0) }
      case .float32: raw.elements(of: UInt32.self).map { Float(bitPattern: $0) }
      case .float64: raw.elements(of: UInt64.self).map { Float(Double(bitPattern: $0)) }
      default: raw.elements(of: UInt32.self).map { Float(Int32(bitPattern: $0)) }
      }
    }
  }
}

// MARK: - Reading

extension IDXArray {
  /// Reads an IDX file, plain or packed with gzip.
  ///
  /// - Throws: `FileError` if the file is missing, damaged or not as long as its header says.
  public init(file path: String, limit: Int = 1 << 32) throws {
    try self.init(parsing: try readUnpackedFile(path, limit: limit), path: path)
  }

  /// Parses an IDX file; `path` names it in errors.
  ///
  /// - Throws: `FileError` if the bytes are not as long as their header says.
  public init(parsing file: [UInt8], path: String = "IDX data") throws {
    let (element, shape, start) = try Self.parseHeader(file, path)
    let payload = file[start...]
    self.element = element
    self.shape = shape
    switch element {
    case .uint8: bytes = Array(payload)
    case .int8: bytes = payload.flatMap { Int32(Int8(bitPattern: $0)).littleEndianBytes }
    case .int16:
      bytes = payload.withUnsafeBytes { raw in
        raw.elements(of: UInt16.self).flatMap {
          Int32(Int16(bitPattern: $0.byteSwapped)).littleEndianBytes
        }
      }
    case .int32, .float32: bytes = payload.reversed(inGroupsOf: 4)
    case .float64: bytes = payload.reversed(inGroupsOf: 8)
    }
  }

  private static func parseHeader(
    _ file: [UInt8], _ path: String
  ) throws -> (Element, [Int], Int) {
    guard file.count >= 4 else {
      throw FileError(
        .truncated, path, expected: "an IDX header of at least 4 bytes",
        found: "\(file.count) bytes")
    }
    guard file[0] == 0, file[1] == 0 else {
      throw FileError(
        .corrupt, path, at: .byte(0), expected: "two zero bytes, as an IDX file starts",
        found: "\(file[0]), \(file[1])")
    }
    guard let element = Element(rawValue: file[2]) else {
      throw FileError(
        .corrupt, path, at: .byte(2), expected: "an IDX element type (8, 9, 11, 12, 13 or 14)",
        found: "\(file[2])")
    }
    let start = 4 + 4 * Int(file[3])
    guard file.count >= start else {
      throw FileError(
        .truncated, path, at: .byte(4), expected: "the lengths of \(file[3]) axes",
        found: "\(file.count - 4) bytes")
    }
    let shape = stride(from: 4, to: start, by: 4).map { place in
      file[place..<place + 4].reduce(0) { $0 << 8 | Int($1) }
    }
    try check(shape, of: element, in: file.count - start, path, start)
    return (element, shape, start)
  }

  /// Compares what the header claims with what is there, before anything is allocated for it.
  private static func check(
    _ shape: [Int], of element: Element, in actual: Int, _ path: String, _ start: Int
  ) throws {
    let what = "\(shape.map(String.init).joined(separator: "×")) elements of \(element)"
    // Overflow counts even beside a zero: nobody must multiply these lengths.
    var claimed: Int? = element.byteCount
    for extent in shape where extent > 0 {
      claimed = claimed.flatMap {
        let (product, overflow) = $0.multipliedReportingOverflow(by: extent)
        return overflow ? nil : product
      }
    }
    if claimed != nil, shape.contains(0) { claimed = 0 }
    guard let claimed, claimed == actual else {
      let size = claimed.map { "\($0)" } ?? "far more"
      throw FileError(
        (claimed ?? .max) > actual ? .truncated : .corrupt, path, at: .byte(start),
        expected: "\(size) bytes for \(what)", found: "\(actual) bytes")
    }
  }
}

// MARK: - Writing

extension IDXArray {
  /// Writes an IDX file in one step, packed with gzip if the path ends in `.gz`.
  ///
  /// - Throws: `FileError` if an element or extent does not fit the format, or writing fails.
  public func write(to path: String) throws {
    let file = try encoded(path: path)
    try writeFile(path, path.hasSuffix(".gz") ? GZip.compress(file) : file)
  }

  /// The bytes of an IDX file; `path` names it in errors.
  ///
  /// - Throws: `FileError` if an element or extent does not fit the format.
  public func encoded(path: String = "IDX data") throws -> [UInt8] {
    guard shape.count < 256, shape.allSatisfy({ $0 <= UInt32.max }) else {
      throw FileError(
        .unsupported, path, expected: "at most 255 axes of at most \(UInt32.max) elements",
        found: "the shape \(shape)")
    }
    var file: [UInt8] = [0, 0, element.rawValue, UInt8(shape.count)]
    for extent in shape { file += UInt32(extent).littleEndianBytes.reversed() }
    switch element {
    case .uint8: file += bytes
    case .int8: file += try narrowed(to: Int8.self, path).flatMap { $0.littleEndianBytes }
    case .int16:
      file += try narrowed(to: Int16.self, path).flatMap { $0.littleEndianBytes.reversed() }
    case .int32, .float32: file += bytes[...].reversed(inGroupsOf: 4)
    case .float64: file += bytes[...].reversed(inGroupsOf: 8)
    }
    return file
  }

  private func narrowed<Narrow: FixedWidthInteger>(
    to type: Narrow.Type, _ path: String
  ) throws -> [Narrow] {
    try bytes.withUnsafeBytes { raw in
      try raw.elements(of: UInt32.self).enumerated().map { index, bits in
        let value = Int32(bitPattern: bits)
        guard let narrow = Narrow(exactly: value) else {
          throw FileError(
            .unsupported, path, at: .entry("element \(index)"),
            expected: "a value from \(Narrow.min) to \(Narrow.max)", found: "\(value)")
        }
        return narrow
      }
    }
  }
}

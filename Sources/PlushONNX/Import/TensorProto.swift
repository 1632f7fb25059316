import Foundation
import PlushData
import PlushEngine
import PlushTensor

extension ONNXTensorProto {
  /// The number of elements that the file claims, which no array is made for before it is checked.
  func elementCount() throws -> Int {
    var count = 1
    for size in dims {
      let (product, overflow) = count.multipliedReportingOverflow(by: Int(size))
      guard size >= 0, !overflow, product <= Limits.elements else {
        throw fault("sizes that memory can hold", "\(dims)")
      }
      count = product
    }
    return count
  }

  private func fault(_ expected: String, _ found: String, hint: String? = nil) -> ONNXError {
    ONNXError(expected: "\(expected) in the tensor '\(name)'", found: found, hint: hint)
  }

  /// The elements as a tensor and the type that the file gives them.
  ///
  /// - Parameters:
  ///   - elements: the raw data, if they are still in the file.
  ///   - folder: where files with external data lie.
  /// - Throws: `ONNXError` if the data do not fit the sizes, or `FileError`.
  func read(
    elements: ByteSource? = nil, folder: ExternalData? = nil
  ) throws -> (tensor: Tensor, element: ElementType) {
    let element = try ElementType(number: dataType, of: name)
    let shape = dims.map { Int($0) }
    let count = try elementCount()
    if hasDataLocation, dataLocation == .external {
      guard let folder else {
        throw fault(
          "data in the file itself", "external data", hint: "load the model from its file")
      }
      let width = element.storedByteCount
      let bytes = try folder.bytes(of: self, count: count * width)
      return (try tensor(raw: bytes, element, shape, count), element)
    }
    if let elements {
      let bytes = try elements.bytes(0..<elements.size)
      return (try tensor(raw: bytes, element, shape, count), element)
    }
    if hasRawData { return (try tensor(raw: rawData, element, shape, count), element) }
    return (try tensor(fields: element, shape, count), element)
  }

  private func tensor(
    raw: some Collection<UInt8> & ContiguousBytes, _ element: ElementType, _ shape: [Int],
    _ count: Int
  ) throws -> Tensor {
    guard raw.count == count * element.storedByteCount else {
      throw fault("\(count * element.storedByteCount) bytes for \(shape)", "\(raw.count)")
    }
    return try raw.withUnsafeBytes { bytes in
      switch element {
      case .int8: widened(bytes, Int8.self, shape)
      case .int16: widened(bytes, Int16.self, shape)
      case .uint16: widened(bytes, UInt16.self, shape)
      case .uint32:
        Tensor(bytes.elements(UInt32.self).map { Int64($0) }, shape: shape, dtype: .int64)
      case .bool:
        if let bad = bytes.first(where: { $0 > 1 }) {
          throw fault("truth values 0 or 1", "\(bad)")
        } else {
          Tensor(bytes: bytes, shape: shape, dtype: .bool)
        }
      default: Tensor(bytes: bytes, shape: shape, dtype: element.dtype)
      }
    }
  }

  private func widened<Element: FixedWidthInteger>(
    _ bytes: UnsafeRawBufferPointer, _ type: Element.Type, _ shape: [Int]
  ) -> Tensor {
    Tensor(bytes.elements(type).map { Int32(truncatingIfNeeded: $0) }, shape: shape)
  }

  /// Elements in the field for their type.
  private func tensor(
    fields element: ElementType, _ shape: [Int], _ count: Int
  ) throws -> Tensor {
    func checked<Element>(_ elements: [Element]) throws -> [Element] {
      guard elements.count == count else {
        throw fault("\(count) elements for \(shape)", "\(elements.count)")
      }
      return elements
    }
    switch element {
    case .float: return Tensor(try checked(floatData), shape: shape)
    case .double: return Tensor(try checked(doubleData), shape: shape, dtype: .float64)
    case .int64: return Tensor(try checked(int64Data), shape: shape)
    case .uint32, .uint64:
      let values = try checked(uint64Data).map { Int64(bitPattern: $0) }
      return Tensor(values, shape: shape, dtype: .int64)
    case .int32, .int16, .int8, .uint16: return Tensor(try checked(int32Data), shape: shape)
    case .uint8: return Tensor(try checked(int32Data), shape: shape, dtype: .uint8)
    case .bool: return Tensor(try checked(int32Data).map { $0 != 0 }, shape: shape)
    case .float16, .bfloat16:
      let bits = try checked(int32Data).map { UInt16(truncatingIfNeeded: $0) }
      return bits.withUnsafeBytes { Tensor(bytes: $0, shape: shape, dtype: element.dtype) }
    }
  }

  /// A tensor under a name, its elements as raw bytes.
  init(_ name: String, _ tensor: Tensor, as element: ElementType? = nil) {
    self.init()
    self.name = name
    dims = tensor.shape.map { Int64($0) }
    let element = element ?? ElementType(tensor.dtype)
    dataType = element.rawValue
    switch element {
    case .int8: rawData = Data(narrowing: tensor, Int8.self)
    case .int16: rawData = Data(narrowing: tensor, Int16.self)
    case .uint16: rawData = Data(narrowing: tensor, UInt16.self)
    case .uint32: rawData = Data(narrowing: tensor, UInt32.self)
    default: rawData = Data(tensor.bytes())
    }
  }
}

extension Data {
  fileprivate init<Element: FixedWidthInteger>(narrowing tensor: Tensor, _ type: Element.Type) {
    let elements = tensor.dataSync(as: Int64.self).map { Element(truncatingIfNeeded: $0) }
    self = elements.withUnsafeBytes { Data($0) }
  }
}

extension UnsafeRawBufferPointer {
  /// The bytes as integers, wherever they begin.
  fileprivate func elements<Element: FixedWidthInteger>(_ type: Element.Type) -> [Element] {
    stride(from: 0, to: count, by: MemoryLayout<Element>.size).map {
      loadUnaligned(fromByteOffset: $0, as: type)
    }
  }
}

extension ElementType {
  /// Bytes of an element in a file.
  var storedByteCount: Int {
    switch self {
    case .int8: 1
    case .int16, .uint16: 2
    case .uint32: 4
    default: dtype.byteCount
    }
  }
}

/// What no model may exceed, whatever its file claims.
enum Limits {
  /// Elements of one tensor.
  static let elements = 1 << 31
  /// Graphs and functions inside each other.
  static let depth = 32
  /// Steps of a loop.
  static let steps = 100_000
}

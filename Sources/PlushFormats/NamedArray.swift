import PlushData
import PlushEngine

/// A named array in a file of weights.
public struct NamedArray: Sendable, Hashable {
  /// The name, such as `dense/kernel`.
  public let name: String
  /// The type of the elements.
  public let dtype: DType
  /// The extent of each axis, outermost first.
  public let shape: [Int]
  /// The elements in row-major order, little-endian; perhaps a slice of a whole file.
  public let bytes: ArraySlice<UInt8>

  /// Makes an array of little-endian elements.
  ///
  /// - Precondition: the shape holds as many elements as there are in `bytes`.
  public init(_ name: String, _ dtype: DType, shape: [Int], bytes: ArraySlice<UInt8>) {
    let count = byteCount(of: dtype, shape)
    precondition(
      count == bytes.count,
      "'\(name)' of shape \(shape) needs \(count ?? .max) bytes, got \(bytes.count)")
    self.name = name
    self.dtype = dtype
    self.shape = shape
    self.bytes = bytes
  }
}

/// How many bytes an array takes; nil if an extent is negative or the number too large to count.
func byteCount(of dtype: DType, _ shape: [Int]) -> Int? {
  byteCount(shape, elementSize: dtype.byteCount)
}

/// The same for elements of a size.
func byteCount(_ shape: [Int], elementSize: Int) -> Int? {
  var total = elementSize
  // Overflow counts even beside a zero: nobody must multiply these lengths.
  for extent in shape where extent != 0 {
    let (product, overflow) = total.multipliedReportingOverflow(by: extent)
    if overflow || extent < 0 { return nil }
    total = product
  }
  return shape.contains(0) ? 0 : total
}

extension NamedArray {
  /// An array out of a file, checked against what the file says about it.
  ///
  /// - Throws: `FileError` that names the file and the array.
  init(
    _ name: String, _ dtype: DType, shape: [Int], bytes: ArraySlice<UInt8>, from path: String
  ) throws {
    let count = byteCount(of: dtype, shape)
    guard count == bytes.count else {
      throw FileError(
        .corrupt, path, at: .entry(name),
        expected: "\(count.map { "\($0)" } ?? "far more") bytes for the shape \(shape) "
          + "of \(dtype.name)",
        found: "\(bytes.count)")
    }
    if dtype == .bool, let bad = bytes.first(where: { $0 > 1 }) {
      throw FileError(
        .corrupt, path, at: .entry(name), expected: "truth values 0 or 1", found: "\(bad)")
    }
    self.init(name, dtype, shape: shape, bytes: bytes)
  }
}

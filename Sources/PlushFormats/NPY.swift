import PlushData
import PlushEngine
import PlushTensor

/// An array in the `.npy` format of NumPy.
///
/// Versions 1.0 to 3.0 are read, in both orders of bytes and of axes. Integers that have no type
/// here are widened: 8 and 16 bits become int32, unsigned 32 bits int64. bfloat16, which NumPy does
/// not know, is stored as its package ml_dtypes does, under `V2`. See
/// https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html.
public struct NPY: Sendable, Hashable {
  /// The type of the elements.
  public let dtype: DType
  /// The extent of each axis, outermost first.
  public let shape: [Int]
  /// The elements in row-major order, little-endian; perhaps a slice of a whole file.
  public let bytes: ArraySlice<UInt8>

  /// Makes an array of little-endian elements.
  ///
  /// - Precondition: the shape holds as many elements as there are in `bytes`.
  public init(_ dtype: DType, shape: [Int], bytes: ArraySlice<UInt8>) {
    self.init(NamedArray("array", dtype, shape: shape, bytes: bytes))
  }

  /// Makes an array of the value of a tensor.
  public init(_ tensor: Tensor) { self.init(NamedArray("array", tensor)) }

  init(_ array: NamedArray) {
    (dtype, shape, bytes) = (array.dtype, array.shape, array.bytes)
  }

  /// The array as a tensor.
  public var tensor: Tensor { named("array").tensor }

  /// The array under a name.
  func named(_ name: String) -> NamedArray {
    NamedArray(name, dtype, shape: shape, bytes: bytes)
  }
}

// MARK: - Reading

extension NPY {
  /// Reads a file.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - limit: the most bytes to read.
  /// - Throws: `FileError` if the file is missing, damaged, not as long as its header says, or holds
  ///   something else than numbers and truth values.
  public init(file path: String, limit: Int = 1 << 34) throws {
    try self.init(parsing: try readFile(path, limit: limit), path: path)
  }

  /// Parses the bytes of a file; `path` names it in errors. Where it can the array shares the bytes.
  ///
  /// - Throws: `FileError` as `init(file:)` does.
  public init(parsing file: [UInt8], path: String = "npy data") throws {
    let header = try NPYHeader(size: file.count, path) { Array(file[$0]) }
    try header.check(size: file.count, path)
    self.init(try header.array(file[header.end...], path))
  }
}

// MARK: - Writing

extension NPY {
  /// Writes the array in one step, as version 1.0 in row-major order.
  ///
  /// - Throws: `FileError` if the array has more axes than NumPy knows, or writing fails.
  public func write(to path: String) throws {
    let header = try NPYHeader.bytes(dtype, shape, path)
    try writeFile(path) { writer in
      try writer.write(header)
      try writer.write(bytes)
    }
  }
}

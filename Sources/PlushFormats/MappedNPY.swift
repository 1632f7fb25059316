import PlushData
import PlushEngine
import PlushTensor

/// An `.npy` file of NumPy that is mapped into memory: only its header is read before its elements
/// are asked for, and they go into a tensor without another copy.
///
/// ```swift
/// let samples = try MappedNPY(file: "samples.npy")
/// print(samples.shape)
/// let x = try samples.tensor()
/// ```
///
/// The file must not be shortened as long as this lives.
public struct MappedNPY: Sendable {
  private let mapped: MappedArray

  /// Opens a file and checks its header.
  ///
  /// - Throws: `FileError` as `NPY(file:)` does.
  public init(file path: String) throws {
    let file = try MappedFile(path)
    mapped = try MappedArray(npy: 0..<file.bytes.count, in: file, path)
  }

  /// The type that the elements have here.
  public var dtype: DType { mapped.dtype }
  /// The extent of each axis, outermost first.
  public var shape: [Int] { mapped.shape }

  /// The array, in memory.
  ///
  /// - Throws: `FileError` if its truth values are neither 0 nor 1.
  public func array() throws -> NPY { NPY(try mapped.array()) }

  /// The array as a tensor.
  ///
  /// - Throws: `FileError` if its truth values are neither 0 nor 1.
  public func tensor() throws -> Tensor { try mapped.tensor() }
}

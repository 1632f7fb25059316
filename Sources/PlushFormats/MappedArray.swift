import PlushData
import PlushEngine
import PlushTensor

/// An array in a file that is mapped into memory, whose elements are read when they are asked for.
struct MappedArray: Sendable {
  let dtype: DType
  let shape: [Int]
  private let file: MappedFile
  private let range: Range<Int>
  private let isPlain: Bool
  private let convert: @Sendable (ArraySlice<UInt8>) throws -> NamedArray

  /// - Parameters:
  ///   - range: where the elements stand.
  ///   - isPlain: whether they stand there as a tensor holds them.
  ///   - convert: makes the array of their bytes.
  init(
    _ dtype: DType, shape: [Int], in file: MappedFile, _ range: Range<Int>, isPlain: Bool,
    convert: @escaping @Sendable (ArraySlice<UInt8>) throws -> NamedArray
  ) {
    (self.dtype, self.shape, self.file, self.range) = (dtype, shape, file, range)
    (self.isPlain, self.convert) = (isPlain, convert)
  }

  /// The array of an `.npy` file that is all of a file, or a part of it.
  ///
  /// - Throws: `FileError` if it is damaged, not as long as its header says, or holds something else
  ///   than numbers and truth values.
  init(npy part: Range<Int>, in file: MappedFile, _ path: String) throws {
    let header = try NPYHeader(size: part.count, path) { range in
      Array(file.bytes[part.lowerBound + range.lowerBound..<part.lowerBound + range.upperBound])
    }
    try header.check(size: part.count, path)
    self.init(
      header.element.dtype, shape: header.shape, in: file,
      part.lowerBound + header.end..<part.upperBound, isPlain: header.isPlain
    ) { try header.array($0, path) }
  }

  /// The array, in memory.
  ///
  /// - Throws: `FileError` if it holds numbers that have no place here.
  func array() throws -> NamedArray { try convert(Array(file.bytes[range])[...]) }

  /// The array as a tensor.
  ///
  /// - Throws: `FileError` if it holds numbers that have no place here.
  func tensor() throws -> Tensor {
    guard isPlain else { return try array().tensor }
    // The elements go from the file into the tensor, without another copy.
    return withExtendedLifetime(file) {
      defer { file.release(range) }
      return Tensor(
        bytes: UnsafeRawBufferPointer(rebasing: file.bytes[range]), shape: shape, dtype: dtype)
    }
  }
}

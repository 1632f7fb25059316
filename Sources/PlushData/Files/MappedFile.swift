#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// A file in the address space of the process: what is read of it comes from the disk then, and
/// takes memory only as long as there is some.
///
/// Nobody may shorten the file meanwhile: the system would end the process that reads on.
package final class MappedFile: @unchecked Sendable {
  /// The bytes of the file, which live as long as this does.
  package let bytes: UnsafeRawBufferPointer

  /// Opens a file.
  ///
  /// - Throws: `FileError` if the file is missing, a folder, not permitted or no file on a disk.
  package init(_ path: String) throws {
    let file = try OpenFile(reading: path)
    guard let size = try file.size() else {
      throw FileError(
        .unsupported, path, expected: "a file on a disk", found: "a pipe or a device")
    }
    bytes = size == 0 ? UnsafeRawBufferPointer(start: nil, count: 0) : try file.map(size)
  }

  /// Gives the memory of bytes back to the system, which reads them again if they are asked for.
  package func release(_ range: Range<Int>) {
    let page = Int(getpagesize())
    let first = (range.lowerBound + page - 1) / page * page
    guard let start = bytes.baseAddress, first < range.upperBound else { return }
    _ = madvise(
      UnsafeMutableRawPointer(mutating: start + first), range.upperBound - first, MADV_DONTNEED)
  }

  deinit {
    guard let start = bytes.baseAddress else { return }
    munmap(UnsafeMutableRawPointer(mutating: start), bytes.count)
  }
}

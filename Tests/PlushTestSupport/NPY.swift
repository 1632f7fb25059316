import Foundation

/// An array of float32 in a NumPy file, for tests.
public struct NPY {
  /// The sizes of the axes.
  public let shape: [Int]
  /// The elements in row-major order.
  public let values: [Float]

  /// Reads a file of little-endian float32.
  public init(_ path: String) throws {
    let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    let length = Int(bytes[8]) + 256 * Int(bytes[9])
    let header = String(decoding: bytes[10..<10 + length], as: UTF8.self)
    let sizes = header.split(separator: "(")[1].split(separator: ")")[0]
    shape = sizes.split(separator: ",").compactMap { Int($0.filter(\.isNumber)) }
    let data = bytes[(10 + length)...]
    values = data.withUnsafeBytes { raw in
      (0..<raw.count / 4).map { raw.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self) }
    }
  }
}

/// The folder of conformance cases, if the environment names one.
public let conformance = ProcessInfo.processInfo.environment["PLUSH_CONFORMANCE"]

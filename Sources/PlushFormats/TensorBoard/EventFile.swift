import PlushData
import PlushNN

/// A file of events for TensorBoard: records of TFRecord that hold messages `Event`.
struct EventFile {
  private let path: String

  /// Creates a file in a folder, under a name that TensorBoard finds.
  ///
  /// - Throws: `FileError` if that fails.
  init(in folder: String, number: Int) throws {
    try FileSystem.createDirectory(folder)
    let second = String(Int(WallClock.seconds()))
    path = "\(folder)/events.out.tfevents.\(second).plush.\(FileSystem.processNumber).\(number)"
    try write(step: 0) { $0.write(3, "brain.Event:2") }
  }

  /// Writes numbers by their tags.
  func write(_ scalars: [(tag: String, value: Double)], step: Int) throws {
    try write(step: step) { event in
      event.write(5) { summary in
        for scalar in scalars {
          summary.write(1) { value in
            value.write(1, scalar.tag)
            value.write(2, Float(scalar.value))
          }
        }
      }
    }
  }

  /// Writes how values are distributed.
  func write(_ histogram: Histogram, tag: String, step: Int) throws {
    try write(step: step) { event in
      event.write(5) { summary in
        summary.write(1) { value in
          value.write(1, tag)
          value.write(5) { histogram.write(to: &$0) }
        }
      }
    }
  }

  /// Writes what layers a model has and how they are connected, as a `GraphDef`.
  func write(graph connections: [Connection]) throws {
    try write(step: 0) { event in
      event.write(4) { graph in
        for connection in connections { graph.write(1) { Self.write(connection, to: &$0) } }
        graph.write(4) { $0.write(1, Int64(22)) }
      }
    }
  }

  private static func write(_ connection: Connection, to node: inout ProtobufWriter) {
    node.write(1, connection.name)
    node.write(2, type(of: connection.layer).className)
    for input in connection.inputs { node.write(3, input) }
  }

  private func write(step: Int, _ content: (inout ProtobufWriter) -> Void) throws {
    var event = ProtobufWriter()
    event.write(1, WallClock.seconds())
    event.write(2, Int64(step))
    content(&event)
    try appendToFile(path, record(event.bytes))
  }
}

/// A record of TFRecord: length, its checksum, content, its checksum.
package func record(_ content: [UInt8]) -> [UInt8] {
  func bytes(_ value: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { Array($0) }
  }
  let length = bytes(UInt64(content.count))
  return length + bytes(maskedCRC(length)) + content + bytes(maskedCRC(content))
}

/// The checksum turned and shifted, so that checksums of checksums mean something.
private func maskedCRC(_ bytes: [UInt8]) -> UInt32 {
  let crc = crc32c(bytes)
  return (crc >> 15 | crc << 17) &+ 0xA282_EAD8
}

/// The cyclic redundancy check of Castagnoli, 1993.
package func crc32c(_ bytes: some Sequence<UInt8>) -> UInt32 {
  ~bytes.reduce(~0) { crc, byte in
    crc >> 8 ^ castagnoli[Int(UInt8(truncatingIfNeeded: crc) ^ byte)]
  }
}

private let castagnoli: [UInt32] = (0..<256).map { byte in
  (0..<8).reduce(UInt32(byte)) { crc, _ in crc & 1 == 0 ? crc >> 1 : crc >> 1 ^ 0x82F6_3B78 }
}

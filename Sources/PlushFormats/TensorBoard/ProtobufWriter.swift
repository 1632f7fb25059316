/// Writes the fields of a Protocol Buffers message, as its encoding guide says: a number and a kind,
/// then the value.
struct ProtobufWriter {
  private(set) var bytes: [UInt8] = []

  /// A whole number, seven bits to a byte.
  mutating func write(_ field: Int, _ value: Int64) {
    writeKey(field, kind: 0)
    writeVarint(UInt64(bitPattern: value))
  }

  /// A number in eight bytes.
  mutating func write(_ field: Int, _ value: Double) {
    writeKey(field, kind: 1)
    writeLittleEndian(value.bitPattern)
  }

  /// A number in four bytes.
  mutating func write(_ field: Int, _ value: Float) {
    writeKey(field, kind: 5)
    writeLittleEndian(value.bitPattern)
  }

  /// A text.
  mutating func write(_ field: Int, _ text: String) { write(field, Array(text.utf8)) }

  /// Bytes, or a message that was written before.
  mutating func write(_ field: Int, _ content: [UInt8]) {
    writeKey(field, kind: 2)
    writeVarint(UInt64(content.count))
    bytes += content
  }

  /// A message.
  mutating func write(_ field: Int, _ fields: (inout ProtobufWriter) -> Void) {
    var message = ProtobufWriter()
    fields(&message)
    write(field, message.bytes)
  }

  /// Numbers in eight bytes each, packed.
  mutating func write(_ field: Int, _ values: [Double]) {
    var packed = ProtobufWriter()
    for value in values { packed.writeLittleEndian(value.bitPattern) }
    write(field, packed.bytes)
  }

  private mutating func writeKey(_ field: Int, kind: UInt64) {
    writeVarint(UInt64(field) << 3 | kind)
  }

  private mutating func writeVarint(_ value: UInt64) {
    var rest = value
    while rest > 0x7F {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  private mutating func writeLittleEndian(_ value: some FixedWidthInteger) {
    withUnsafeBytes(of: value.littleEndian) { bytes += $0 }
  }
}

import PlushData

/// A model without the elements of its initializers, which are nearly all of its file: each is read
/// from there when a tensor is made of it.
struct ModelSkeleton {
  /// The rest of the model, in the format of the file.
  private(set) var bytes: [UInt8] = []
  /// The elements of initializers, by their number.
  private(set) var elements: [Int: ByteSource] = [:]
  private var initializerCount = 0
  private var reader: WireReader

  /// The messages on the way to the elements.
  private enum Message { case model, graph, initializer }

  init(_ source: ByteSource) throws {
    reader = WireReader(source)
    try copy(.model, 0..<source.size)
  }

  private mutating func copy(_ message: Message, _ range: Range<Int>) throws {
    var place = range.lowerBound
    while let field = try reader.field(at: place, before: range.upperBound) {
      place = field.range.upperBound
      switch (message, field.number, field.contents) {
      case (.model, 7, let contents?): try copy(.graph, contents, of: field)
      case (.graph, 5, let contents?):
        try copy(.initializer, contents, of: field)
        initializerCount += 1
      case (.initializer, 9, let contents?):
        elements[initializerCount] = reader.source.part(contents)
      default: bytes += try reader.bytes(field.range)
      }
    }
    // What is damaged is left to the decoder.
    bytes += try reader.bytes(place..<range.upperBound)
  }

  /// Copies the message in a field, with the length that is left.
  private mutating func copy(
    _ message: Message, _ contents: Range<Int>, of field: WireReader.Field
  ) throws {
    bytes.append(UInt8(field.number << 3 | 2))
    let start = bytes.count
    bytes += repeatElement(0, count: Self.lengthSize)
    try copy(message, contents)
    let length = bytes.count - start - Self.lengthSize
    for place in 0..<Self.lengthSize {
      let isLast = place == Self.lengthSize - 1
      bytes[start + place] = UInt8(length >> (7 * place) & 127) | (isLast ? 0 : 128)
    }
  }

  /// Bytes for a length that is not known yet: more than 2 GiB, which no message exceeds.
  private static let lengthSize = 5
}

import PlushData

/// Counts the messages of a file before they are decoded: an empty one takes two bytes in the file
/// and a hundred in memory.
struct MessageCount {
  private var count = 0
  private let limit: Int
  private let bytes: UnsafeRawBufferPointer

  /// The messages inside a kind of message that have messages themselves, by their field.
  private enum Kind {
    case model, graph, node, attribute, tensor, valueInfo, type, tensorType, shape, function, other

    func inner(_ field: Int) -> Kind? {
      switch (self, field) {
      case (.model, 7), (.attribute, 6), (.attribute, 11): .graph
      case (.model, 25): .function
      case (.graph, 1), (.function, 7): .node
      case (.graph, 5), (.attribute, 5), (.attribute, 10): .tensor
      case (.graph, 11), (.graph, 12), (.graph, 13): .valueInfo
      case (.node, 5), (.function, 11): .attribute
      case (.valueInfo, 2): .type
      case (.type, 1): .tensorType
      case (.tensorType, 2): .shape
      case (.model, 8), (.model, 14), (.graph, 15), (.function, 9), (.tensor, 13), (.shape, 1):
        .other
      default: nil
      }
    }
  }

  /// Checks that the messages of a file take no more memory than a file of its size may.
  ///
  /// - Throws: `FileError` if there are too many, or too deep inside each other.
  static func check(_ file: [UInt8], path: String) throws {
    let fits = file.withUnsafeBytes { bytes in
      var counter = MessageCount(limit: 300_000 + bytes.count / 64, bytes: bytes)
      return counter.visit(.model, 0..<bytes.count, depth: 0)
    }
    guard fits else {
      throw FileError(
        .tooLarge, path, expected: "a graph of a size that goes with that of its file",
        found: "more than \(300_000 + file.count / 64) parts, or parts deep inside each other",
        hint: "is the file damaged?")
    }
  }

  private init(limit: Int, bytes: UnsafeRawBufferPointer) {
    self.limit = limit
    self.bytes = bytes
  }

  /// Counts a message and those inside; false if there are too many. What is no message is left to
  /// the decoder.
  private mutating func visit(_ kind: Kind, _ range: Range<Int>, depth: Int) -> Bool {
    count += 1
    if count > limit || depth > 8 * Limits.depth { return false }
    var place = range.lowerBound
    while place < range.upperBound, let tag = varint(&place, range.upperBound) {
      switch tag & 7 {
      case 0: if varint(&place, range.upperBound) == nil { return true }
      case 1: place += 8
      case 5: place += 4
      case 2:
        guard let length = varint(&place, range.upperBound),
          length <= UInt64(range.upperBound - place)
        else { return true }
        let end = place + Int(length)
        if let inner = kind.inner(Int(truncatingIfNeeded: tag >> 3)),
          !visit(inner, place..<end, depth: depth + 1)
        {
          return false
        }
        place = end
      default: return true
      }
    }
    return true
  }

  private func varint(_ place: inout Int, _ end: Int) -> UInt64? {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while place < end, shift < 64 {
      let byte = bytes[place]
      place += 1
      value |= UInt64(byte & 127) << shift
      if byte < 128 { return value }
      shift += 7
    }
    return nil
  }
}

import PlushData

/// Counts the messages of a file before they are decoded: an empty one takes two bytes in the file
/// and a hundred in memory.
struct MessageCount {
  private var count = 0
  private let limit: Int
  private var reader: WireReader

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

  /// Checks that the messages of a model take no more memory than a file of its size may.
  ///
  /// - Parameter size: that of the file the model comes from.
  /// - Throws: `FileError` if there are too many, or too deep inside each other.
  static func check(_ model: [UInt8], fileSize size: Int, path: String) throws {
    let limit = 300_000 + size / 64
    var counter = MessageCount(
      limit: limit, reader: WireReader(ByteSource(model, path: path)))
    guard try counter.visit(.model, 0..<model.count, depth: 0) else {
      throw FileError(
        .tooLarge, path, expected: "a graph of a size that goes with that of its file",
        found: "more than \(limit) parts, or parts deep inside each other",
        hint: "is the file damaged?")
    }
  }

  private init(limit: Int, reader: WireReader) { (self.limit, self.reader) = (limit, reader) }

  /// Counts a message and those inside; false if there are too many. What is no message is left to
  /// the decoder.
  private mutating func visit(_ kind: Kind, _ range: Range<Int>, depth: Int) throws -> Bool {
    count += 1
    if count > limit || depth > 8 * Limits.depth { return false }
    var place = range.lowerBound
    while let field = try reader.field(at: place, before: range.upperBound) {
      place = field.range.upperBound
      if let contents = field.contents, let inner = kind.inner(field.number),
        try !visit(inner, contents, depth: depth + 1)
      {
        return false
      }
    }
    return true
  }
}

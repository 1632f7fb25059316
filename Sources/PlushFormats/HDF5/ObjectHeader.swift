import PlushData

/// What a file says about a group or an array: a list of messages.
struct ObjectHeader {
  struct Message {
    let kind: Int
    /// Whether the message stands elsewhere and this is only its place.
    let isShared: Bool
    let body: HDF5Cursor
  }

  enum Kind {
    static let dataspace = 0x01
    static let linkInfo = 0x02
    static let datatype = 0x03
    static let oldFillValue = 0x04
    static let fillValue = 0x05
    static let link = 0x06
    static let layout = 0x08
    static let filters = 0x0B
    static let attribute = 0x0C
    static let continuation = 0x10
    static let symbolTable = 0x11
    static let attributeInfo = 0x15
  }

  let reader: HDF5Reader
  let messages: [Message]

  init(_ messages: [Message], _ reader: HDF5Reader) {
    self.messages = messages
    self.reader = reader
  }

  init(at address: Int, _ reader: HDF5Reader) throws {
    self.reader = reader
    let head = try reader.piece(at: address, min(16, max(0, reader.source.size - address)))
    var first = head
    // Version 2 begins with a signature.
    if try first.number(1) == 1 {
      messages = try Self.oldMessages(head, address, reader)
    } else {
      messages = try Self.newMessages(head, address, reader)
    }
  }

  /// The first message of a kind, or nil.
  func message(_ kind: Int) throws -> HDF5Cursor? {
    guard let message = messages.first(where: { $0.kind == kind }) else { return nil }
    guard !message.isShared else {
      throw message.body.wrong("a description beside the data", "a shared one", .unsupported)
    }
    return message.body
  }

  /// The messages of version 1, each aligned.
  private static func oldMessages(
    _ head: HDF5Cursor, _ address: Int, _ reader: HDF5Reader
  ) throws -> [Message] {
    var head = head
    try head.skip(8)
    let first = try reader.piece(at: address + 16, try head.number(4))
    return try messages(first, reader) { block in
      let (kind, size) = (try block.number(2), try block.number(2))
      let flags = try block.number(1)
      try block.skip(3)
      return Message(kind: kind, isShared: flags & 2 != 0, body: try block.piece(size))
    } continuation: {
      try reader.piece(at: $0, $1)
    }
  }

  /// The messages of version 2, whose blocks end with a checksum.
  private static func newMessages(
    _ head: HDF5Cursor, _ address: Int, _ reader: HDF5Reader
  ) throws -> [Message] {
    var head = head
    try head.expect("OHDR")
    _ = try head.version(2...2, of: "an object header")
    let flags = try head.number(1)
    // Times, and how many attributes are compact.
    let prefix = 6 + (flags & 0x20 != 0 ? 16 : 0) + (flags & 0x10 != 0 ? 4 : 0)
    let width = 1 << (flags & 3)
    let isOrdered = flags & 4 != 0
    var size = try reader.piece(at: address + prefix, width)
    let first = try reader.piece(at: address + prefix + width, try size.number(width))
    return try messages(first, reader) { block in
      if block.rest < (isOrdered ? 6 : 4) { return nil }
      let (kind, size) = (try block.number(1), try block.number(2))
      let flags = try block.number(1)
      if isOrdered { try block.skip(2) }
      return Message(kind: kind, isShared: flags & 2 != 0, body: try block.piece(size))
    } continuation: {
      var block = try reader.piece(at: $0, $1)
      try block.expect("OCHK")
      return try block.piece(block.rest - 4)
    }
  }

  /// All messages of a first block and those it leads to.
  ///
  /// - Parameters:
  ///   - next: takes a message off a block; nil where the rest is filling.
  ///   - continuation: the block at an address.
  private static func messages(
    _ first: HDF5Cursor, _ reader: HDF5Reader, next: (inout HDF5Cursor) throws -> Message?,
    continuation: (_ address: Int, _ size: Int) throws -> HDF5Cursor
  ) throws -> [Message] {
    var messages: [Message] = []
    var blocks = [first]
    var seen: Set<Int> = []
    while var block = blocks.popLast() {
      while block.rest > 0, let message = try next(&block) {
        guard message.kind == Kind.continuation else {
          messages.append(message)
          continue
        }
        var place = message.body
        guard let address = try place.address(), seen.insert(address).inserted else {
          throw block.wrong("the address of a further block", "none, or a circle")
        }
        blocks.append(try continuation(address, try place.number(8)))
      }
    }
    return messages
  }
}

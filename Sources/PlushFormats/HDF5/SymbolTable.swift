import PlushData

/// A group of the old kind: a tree of nodes with entries, whose names stand in a heap.
enum SymbolTable {
  /// No name is longer than this; the format knows no limit.
  private static let longestName = 1024

  /// The addresses of the members by name.
  ///
  /// - Parameter message: the symbol table message of the group.
  static func links(_ message: HDF5Cursor, _ reader: HDF5Reader) throws -> [String: Int] {
    var message = message
    guard let tree = try message.address(), let heap = try message.address() else {
      throw message.wrong("the addresses of a tree and a heap", "none")
    }
    let names = try LocalHeap(at: heap, reader)
    var links: [String: Int] = [:]
    for node in try BTree.leaves(at: tree, kind: .group, keySize: 8, reader).map(\.child) {
      var head = try reader.piece(at: node, 8)
      try head.expect("SNOD")
      _ = try head.version(1...1, of: "a node of symbols")
      try head.skip(1)
      let count = try head.number(2)
      var entries = try reader.piece(at: node + 8, count * 40)
      for _ in 0..<count {
        let (name, address) = (try entries.number(8), try entries.address())
        // 2 is a link by name, which leads to nothing that is read.
        let isSoft = try entries.number(4) == 2
        try entries.skip(20)
        guard let address, !isSoft else { continue }
        let text = try names.text(at: name, longestName)
        guard links.updateValue(address, forKey: text) == nil else {
          throw entries.wrong("every name once", "'\(text)' twice")
        }
      }
    }
    return links
  }
}

/// The names of a group of the old kind.
private struct LocalHeap {
  private let start: Int
  private let size: Int
  private let reader: HDF5Reader

  init(at address: Int, _ reader: HDF5Reader) throws {
    var head = try reader.piece(at: address, 32)
    try head.expect("HEAP")
    _ = try head.version(0...0, of: "a local heap")
    try head.skip(3)
    size = try head.number(8)
    try head.skip(8)
    guard let start = try head.address() else {
      throw head.wrong("the address of the names", "none")
    }
    self.start = start
    self.reader = reader
  }

  func text(at offset: Int, _ longest: Int) throws -> String {
    guard offset < size, start <= reader.source.size else {
      throw reader.wrong(at: start, "a name before byte \(size) of the heap", "\(offset)")
    }
    let room = min(size - offset, longest, max(0, reader.source.size - start - offset))
    // Names are short: most end in the first piece.
    for count in [min(room, 64), room] {
      var piece = try reader.piece(at: start + offset, count)
      let bytes = try piece.take(count)
      if let end = bytes.firstIndex(of: 0) {
        return String(decoding: bytes[..<end], as: UTF8.self)
      }
    }
    throw reader.wrong(
      at: start + offset, "a name of at most \(longest) bytes that ends in the heap", "a longer one"
    )
  }
}

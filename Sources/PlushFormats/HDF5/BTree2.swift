import PlushData

/// A tree of version 2, all of whose nodes hold records.
enum BTree2 {
  /// All records.
  static func records(
    at address: Int, kind: Int, _ reader: HDF5Reader
  ) throws -> [HDF5Cursor] {
    var head = try reader.piece(at: address, 38)
    try head.expect("BTHD")
    _ = try head.version(0...0, of: "a tree")
    guard try head.number(1) == kind else {
      throw head.wrong("a tree of kind \(kind)", "another", .unsupported)
    }
    let nodeSize = try head.number(4)
    let recordSize = try head.number(2)
    let depth = try head.number(2)
    try head.skip(2)
    guard let root = try head.address() else { return [] }
    let count = try head.number(2)
    guard nodeSize > 10 + recordSize, recordSize > 0, depth < 16 else {
      throw head.wrong("nodes that hold a record", "nodes of \(nodeSize) bytes")
    }
    let sizes = Sizes(nodeSize, recordSize, depth)
    var records: [HDF5Cursor] = []
    var open = [(address: root, count: count, depth: depth)]
    var seen: Set<Int> = []
    while let (address, count, depth) = open.popLast() {
      guard seen.insert(address).inserted else {
        throw reader.wrong(at: address, "a tree", "a node that stands in it twice")
      }
      var node = try reader.piece(at: address, nodeSize)
      try node.expect(depth == 0 ? "BTLF" : "BTIN")
      try node.skip(2)
      for _ in 0..<count { records.append(try node.piece(recordSize)) }
      if depth == 0 { continue }
      for _ in 0...count {
        guard let child = try node.address() else { throw node.wrong("a node", "none") }
        let count = try node.number(sizes.count)
        try node.skip(sizes.total[depth - 1])
        open.append((child, count, depth - 1))
      }
    }
    return records
  }

  /// In how many bytes nodes count records: those of a child, and with all below it.
  private struct Sizes {
    let count: Int
    private(set) var total: [Int] = [0]

    init(_ nodeSize: Int, _ recordSize: Int, _ depth: Int) {
      let most = (nodeSize - 10) / recordSize
      count = (most.bitCount + 7) / 8
      var all = most
      for level in stride(from: 1, through: depth, by: 1) {
        let pointer = 8 + count + total[level - 1]
        let most = max(0, (nodeSize - 10 - pointer) / (recordSize + pointer))
        let (product, overflow) = (most + 1).multipliedReportingOverflow(by: all)
        all = overflow ? .max / 2 : min(.max / 2, product) + most
        total.append((all.bitCount + 7) / 8)
      }
    }
  }
}

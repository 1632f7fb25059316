import PlushData

/// A tree of version 1, which leads to the members of a group or to the chunks of an array.
enum BTree {
  enum Kind: Int {
    case group = 0
    case chunks = 1
  }

  struct Leaf {
    /// The key before the child.
    let key: HDF5Cursor
    let child: Int
  }

  /// What the lowest nodes lead to, in order.
  static func leaves(
    at root: Int, kind: Kind, keySize: Int, _ reader: HDF5Reader
  ) throws -> [Leaf] {
    var leaves: [Leaf] = []
    var open: [(address: Int, level: Int?)] = [(root, nil)]
    var seen: Set<Int> = []
    while let (address, expected) = open.popLast() {
      guard seen.insert(address).inserted else {
        throw reader.wrong(at: address, "a tree", "a node that stands in it twice")
      }
      var head = try reader.piece(at: address, 24)
      try head.expect("TREE")
      guard try head.number(1) == kind.rawValue else {
        throw head.wrong("a tree of \(kind)", "another tree")
      }
      let level = try head.number(1)
      guard expected.map({ $0 == level }) ?? true else {
        throw head.wrong("a node of level \(expected ?? 0)", "\(level)")
      }
      let count = try head.number(2)
      var entries = try reader.piece(at: address + 24, count * (keySize + 8))
      var children: [(address: Int, level: Int?)] = []
      for _ in 0..<count {
        let key = try entries.piece(keySize)
        guard let child = try entries.address() else {
          throw entries.wrong("the address of a node", "none")
        }
        if level == 0 {
          leaves.append(Leaf(key: key, child: child))
        } else {
          children.append((child, level - 1))
        }
      }
      open += children.reversed()
    }
    return leaves
  }
}

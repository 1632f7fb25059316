import PlushData

/// A heap of the new kind, which holds the many links of a group or the many attributes of an
/// object. A tree of version 2 leads to what is in it.
struct FractalHeap {
  private let reader: HDF5Reader
  private let address: Int
  private let offsetSize: Int
  private let lengthSize: Int
  private let tableWidth: Int
  private let firstBlockSize: Int
  private let largestBlockSize: Int
  private let rootAddress: Int
  private let rootRows: Int

  /// The links that a link info message leads to.
  static func links(_ message: HDF5Cursor, _ reader: HDF5Reader) throws -> [HDF5Cursor] {
    // Records of the tree by name: a hash and the place in the heap.
    try objects(message, reader, orderSize: 8, recordKind: 5, recordSkip: 4)
  }

  /// The attributes that an attribute info message leads to.
  static func attributes(_ message: HDF5Cursor, _ reader: HDF5Reader) throws -> [HDF5Cursor] {
    try objects(message, reader, orderSize: 2, recordKind: 8, recordSkip: 0)
  }

  private static func objects(
    _ message: HDF5Cursor, _ reader: HDF5Reader, orderSize: Int, recordKind: Int, recordSkip: Int
  ) throws -> [HDF5Cursor] {
    var message = message
    _ = try message.version(0...0, of: "a list of links or attributes")
    if try message.number(1) & 1 != 0 { try message.skip(orderSize) }
    guard let place = try message.address(), let tree = try message.address() else { return [] }
    let heap = try FractalHeap(at: place, reader)
    return try BTree2.records(at: tree, kind: recordKind, reader).map { record in
      var record = record
      try record.skip(recordSkip)
      return try heap.object(&record)
    }
  }

  private init(at address: Int, _ reader: HDF5Reader) throws {
    self.reader = reader
    self.address = address
    var head = try reader.piece(at: address, 146)
    try head.expect("FRHP")
    _ = try head.version(0...0, of: "a fractal heap")
    try head.skip(2)
    guard try head.number(2) == 0 else {
      throw head.wrong("a heap that is not packed", "a packed one", .unsupported)
    }
    try head.skip(1)
    let largestObject = try head.number(4)
    try head.skip(96)
    tableWidth = try head.number(2)
    firstBlockSize = try head.number(8)
    largestBlockSize = try head.number(8)
    let bits = try head.number(2)
    try head.skip(2)
    guard let root = try head.address() else { throw head.wrong("a first block", "none") }
    rootAddress = root
    rootRows = try head.number(2)
    offsetSize = (bits + 7) / 8
    lengthSize = min((largestBlockSize.bitCount + 6) / 8, (largestObject.bitCount + 7) / 8)
    guard (1...8).contains(offsetSize), (1...8).contains(lengthSize), tableWidth > 0,
      tableWidth <= 1024, firstBlockSize > 0, firstBlockSize <= largestBlockSize,
      largestBlockSize <= 1 << 32
    else { throw head.wrong("sizes of blocks as HDF5 has them", "others") }
  }

  /// The object that the next bytes of a record name.
  private func object(_ record: inout HDF5Cursor) throws -> HDF5Cursor {
    let kind = try record.number(1) >> 4 & 3
    guard kind == 0 else {
      throw record.wrong("an object in the heap", "one beside it", .unsupported)
    }
    let (offset, length) = (try record.number(offsetSize), try record.number(lengthSize))
    return try reader.piece(at: try place(of: offset, length), length)
  }

  /// The address of what stands at an offset of the heap.
  private func place(of offset: Int, _ length: Int) throws -> Int {
    var (block, rows, rest) = (rootAddress, rootRows, offset)
    // Blocks of blocks: each lies at least a level deeper.
    for _ in 0..<64 {
      if rows == 0 { return block + rest }
      var row = 0
      var size = firstBlockSize
      while rest >= size * tableWidth {
        rest -= size * tableWidth
        if row > 0 { size *= 2 }
        row += 1
        guard row < rows, size <= Int.max / 4 / tableWidth else {
          throw reader.wrong(at: block, "an object inside the heap", "one at \(offset)")
        }
      }
      let column = rest / size
      rest -= column * size
      let entries = block + 13 + offsetSize
      var entry = try reader.piece(at: entries + 8 * (row * tableWidth + column), 8)
      guard let next = try entry.address() else {
        throw entry.wrong("a block of the heap", "none")
      }
      block = next
      rows = size <= largestBlockSize ? 0 : rowsOfBlock(size)
    }
    throw reader.wrong(at: address, "a heap of at most 64 levels", "more")
  }

  /// How many rows make up a block of blocks of a size.
  private func rowsOfBlock(_ size: Int) -> Int {
    var (rows, covered, next) = (0, 0, firstBlockSize)
    while covered < size {
      covered += next * tableWidth
      if rows > 0 { next *= 2 }
      rows += 1
    }
    return rows
  }
}

extension Int {
  /// How many bits the number takes.
  var bitCount: Int { bitWidth - leadingZeroBitCount }
}

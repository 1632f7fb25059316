import PlushData
import PlushEngine

/// A group that is to be written into an HDF5 file.
final class HDF5GroupToWrite {
  var attributes: [(name: String, value: HDF5Value)] = []
  private(set) var groups: [String: HDF5GroupToWrite] = [:]
  private(set) var arrays: [String: HDF5ArrayToWrite] = [:]

  /// The group under a path, made if it is not there.
  func group(_ path: String) -> HDF5GroupToWrite {
    path.split(separator: "/").reduce(self) { group, name in
      if let found = group.groups[String(name)] { return found }
      let made = HDF5GroupToWrite()
      group.groups[String(name)] = made
      return made
    }
  }

  /// Puts an array under a path; of equal paths the last counts.
  func put(_ array: HDF5ArrayToWrite, at path: String) {
    let parts = path.split(separator: "/")
    group(parts.dropLast().joined(separator: "/")).arrays[String(parts.last ?? "")] = array
  }

  /// Writes the group as the root of a file, in one step.
  ///
  /// - Throws: `FileError` if writing fails; the old file is then as it was.
  func write(to path: String) throws {
    let file = try HDF5Writer(self, path: path)
    try writeFile(path) { writer in try file.write { try writer.write($0) } }
  }

  /// All texts in attributes here and below.
  fileprivate var strings: [String] {
    attributes.flatMap { $0.value.strings ?? [] }
      + arrays.values.filter(\.isBFloat16).prefix(1).map { _ in "bfloat16" }
      + groups.values.flatMap(\.strings)
  }
}

/// An array that is to be written into an HDF5 file: its bytes are asked for when they are written.
struct HDF5ArrayToWrite {
  let dtype: DType
  let shape: [Int]
  /// The elements in row-major order, little-endian.
  let bytes: () throws -> ArraySlice<UInt8>

  /// Bytes of all elements.
  var size: Int { shape.reduce(dtype.byteCount, *) }

  fileprivate var isBFloat16: Bool { dtype == .bfloat16 }
}

/// Writes an HDF5 file as h5py does by default: superblock 0, groups of the old kind, contiguous
/// arrays. What describes the arrays comes first, then the arrays themselves, one at a time.
struct HDF5Writer {
  private let metadata: [UInt8]
  private let arrays: [HDF5ArrayToWrite]

  /// - Throws: `FileError` if an attribute is too long for the format; `path` names the file.
  init(_ root: HDF5GroupToWrite, path: String) throws {
    // Places of arrays depend on how long their descriptions are, and not the other way round.
    let draft = try HDF5Image(root, dataStart: 0, path)
    let image = try HDF5Image(root, dataStart: draft.bytes.count, path)
    metadata = image.bytes
    arrays = image.arrays
  }

  /// Gives the bytes of the file, piece by piece.
  func write(_ take: (ArraySlice<UInt8>) throws -> Void) throws {
    try take(metadata[...])
    for array in arrays {
      try take(try array.bytes())
      let padding = -array.size & 7
      if padding > 0 { try take([UInt8](repeating: 0, count: padding)[...]) }
    }
  }
}

/// All of a file that is not the elements of arrays.
private struct HDF5Image {
  private(set) var bytes: [UInt8] = []
  private(set) var arrays: [HDF5ArrayToWrite] = []
  private var dataEnd: Int
  private var texts: [String: (heap: Int, index: Int)] = [:]
  private let path: String

  private static let none = [UInt8](repeating: 0xFF, count: 8)
  /// How many members a node of symbols and a node of the tree hold.
  private static let (symbols, children) = (8, 32)
  private static let headSize = 96

  init(_ root: HDF5GroupToWrite, dataStart: Int, _ path: String) throws {
    self.path = path
    dataEnd = dataStart
    bytes = [UInt8](repeating: 0, count: Self.headSize)
    writeTexts(root.strings)
    let place = try write(root)
    bytes.replaceSubrange(0..<Self.headSize, with: Self.superblock(place, end: dataEnd))
  }

  private static func superblock(_ root: GroupPlace, end: Int) -> [UInt8] {
    var head = HDF5File.signature + [0, 0, 0, 0, 0, 8, 8, 0]
    head += UInt16(symbols / 2).littleEndianBytes + UInt16(children / 2).littleEndianBytes
    head += [0, 0, 0, 0] + word(0) + none + word(end) + none
    // The entry of the root group.
    return head + word(0) + word(root.header) + word(1) + word(root.tree) + word(root.heap)
  }

  private static func word(_ number: Int) -> [UInt8] { number.littleEndianBytes }

  private static func padded(_ bytes: [UInt8]) -> [UInt8] {
    bytes + [UInt8](repeating: 0, count: -bytes.count & 7)
  }

  /// Puts a part at the end and tells its address.
  private mutating func append(_ part: [UInt8]) -> Int {
    defer { bytes += Self.padded(part) }
    return bytes.count
  }

  // MARK: Groups

  private struct GroupPlace {
    let header: Int
    let tree: Int
    let heap: Int
  }

  private mutating func write(_ group: HDF5GroupToWrite) throws -> GroupPlace {
    var members: [(name: String, header: Int)] = []
    for (name, child) in group.groups.sorted(by: { $0.key < $1.key }) {
      members.append((name, try write(child).header))
    }
    for (name, array) in group.arrays.sorted(by: { $0.key < $1.key }) {
      members.append((name, try write(array)))
    }
    // The tree is searched by bytes.
    members.sort { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    let (heap, names) = writeHeap(members.map(\.name))
    let tree = writeTree(zip(names, members.map(\.header)).map { ($0, $1) })
    let table = Self.message(0x11, Self.word(tree) + Self.word(heap))
    let attributes = try group.attributes.map { try attribute($0.name, $0.value) }
    return GroupPlace(header: writeHeader([table] + attributes), tree: tree, heap: heap)
  }

  /// Writes names, and tells where each begins.
  private mutating func writeHeap(_ names: [String]) -> (heap: Int, places: [Int]) {
    var data = [UInt8](repeating: 0, count: 8)
    let places = names.map { name in
      defer { data += Self.padded(Array(name.utf8) + [0]) }
      return data.count
    }
    let start = bytes.count + 32
    // 1 says that nothing is free.
    let head = Array("HEAP".utf8) + [0, 0, 0, 0] + Self.word(data.count) + Self.word(1)
    return (append(head + Self.word(start) + data), places)
  }

  /// Writes the nodes of symbols and the tree above them.
  private mutating func writeTree(_ members: [(name: Int, header: Int)]) -> Int {
    var level: [(last: Int, address: Int)] = members.inGroups(of: Self.symbols).map { group in
      var node = Array("SNOD".utf8) + [1, 0] + UInt16(group.count).littleEndianBytes
      for (name, header) in group {
        node += Self.word(name) + Self.word(header) + [UInt8](repeating: 0, count: 24)
      }
      node += [UInt8](repeating: 0, count: (Self.symbols - group.count) * 40)
      return (group.last!.name, append(node))
    }
    var depth = 0
    repeat {
      level = writeNodes(level, depth)
      depth += 1
    } while level.count > 1
    return level[0].address
  }

  /// Writes the nodes of one level; each knows its neighbours.
  private mutating func writeNodes(
    _ entries: [(last: Int, address: Int)], _ depth: Int
  ) -> [(last: Int, address: Int)] {
    let groups = entries.isEmpty ? [[]] : entries.inGroups(of: Self.children).map { Array($0) }
    let size = 24 + 16 * Self.children + 8
    let start = bytes.count
    var last = 0
    return groups.enumerated().map { number, group in
      var node = Array("TREE".utf8) + [0, UInt8(depth)] + UInt16(group.count).littleEndianBytes
      node += number == 0 ? Self.none : Self.word(start + (number - 1) * size)
      node += number == groups.count - 1 ? Self.none : Self.word(start + (number + 1) * size)
      node += Self.word(last)
      for entry in group {
        node += Self.word(entry.address) + Self.word(entry.last)
        last = entry.last
      }
      node += [UInt8](repeating: 0, count: size - node.count)
      return (last, append(node))
    }
  }

  // MARK: Arrays

  private mutating func write(_ array: HDF5ArrayToWrite) throws -> Int {
    let place = array.size == 0 ? Self.none : Self.word(dataEnd)
    dataEnd += (array.size + 7) & ~7
    arrays.append(array)
    var messages = [
      Self.message(0x01, Self.dataspace(array.shape)),
      Self.message(0x03, Self.type(array.dtype)),
      // No fill value; room is taken when the array is written.
      Self.message(0x05, [2, 2, 2, 1, 0, 0, 0, 0]),
      Self.message(0x08, [3, 1] + place + Self.word(array.size)),
    ]
    if array.isBFloat16 { messages.append(try attribute("dtype", .string("bfloat16"))) }
    return writeHeader(messages)
  }

  private static func dataspace(_ shape: [Int]) -> [UInt8] {
    [1, UInt8(shape.count), 0, 0, 0, 0, 0, 0] + shape.flatMap(word)
  }

  private static func type(_ dtype: DType) -> [UInt8] {
    func float(_ size: Int, _ exponent: Int, _ fraction: Int) -> [UInt8] {
      let bias = UInt32(1 << (exponent - 1) - 1)
      return [0x11, 0x20, UInt8(8 * size - 1), 0] + UInt32(size).littleEndianBytes
        + [0, 0, UInt8(8 * size), 0, UInt8(fraction), UInt8(exponent), 0, UInt8(fraction)]
        + bias.littleEndianBytes
    }
    func whole(_ size: Int, signed: Bool) -> [UInt8] {
      [0x10, signed ? 8 : 0, 0, 0] + UInt32(size).littleEndianBytes + [0, 0, UInt8(8 * size), 0]
    }
    switch dtype {
    case .float16: return float(2, 5, 10)
    case .float32: return float(4, 8, 23)
    case .float64: return float(8, 11, 52)
    case .int32: return whole(4, signed: true)
    case .int64: return whole(8, signed: true)
    case .uint8: return whole(1, signed: false)
    // An opaque type, as h5py writes what it does not know.
    case .bfloat16: return [0x15, 0, 0, 0, 2, 0, 0, 0]
    case .bool:
      return [0x18, 2, 0, 0, 1, 0, 0, 0] + whole(1, signed: true)
        + Array("FALSE\0\0\0TRUE\0\0\0\0".utf8) + [0, 1]
    }
  }

  // MARK: Headers and attributes

  private static func message(_ kind: Int, _ body: [UInt8]) -> [UInt8] {
    let body = padded(body)
    return UInt16(kind).littleEndianBytes + UInt16(body.count).littleEndianBytes
      + [0, 0, 0, 0] + body
  }

  private mutating func writeHeader(_ messages: [[UInt8]]) -> Int {
    let size = messages.reduce(0) { $0 + $1.count }
    let head = [1, 0] + UInt16(messages.count).littleEndianBytes + [1, 0, 0, 0]
    return append(
      head + UInt32(size).littleEndianBytes + [0, 0, 0, 0] + messages.joined())
  }

  private func attribute(_ name: String, _ value: HDF5Value) throws -> [UInt8] {
    let (type, shape, data): ([UInt8], [Int], [UInt8])
    switch value {
    case .string(let text): (type, shape, data) = (Self.textType, [], reference(to: text))
    case .strings(let texts):
      (type, shape, data) = (Self.textType, [texts.count], texts.flatMap(reference))
    case .array(let array):
      (type, shape, data) = (Self.type(array.dtype), array.shape, Array(array.bytes))
    }
    let space = Self.dataspace(shape)
    let nameBytes = Array(name.utf8) + [0]
    let sizes = [nameBytes.count, type.count, space.count]
    let body =
      [1, 0] + sizes.flatMap { UInt16($0).littleEndianBytes }
      + Self.padded(nameBytes) + Self.padded(type) + Self.padded(space) + data
    guard body.count < 1 << 16 - 8 else {
      throw FileError(
        .unsupported, path, at: .entry(name), expected: "an attribute of less than 64 KiB",
        found: "\(body.count) bytes")
    }
    return Self.message(0x0C, body)
  }

  /// Texts in UTF-8, each a list of bytes in a heap.
  private static let textType: [UInt8] = [
    0x19, 1, 1, 0, 16, 0, 0, 0, 0x10, 0, 0, 0, 1, 0, 0, 0, 0, 0, 8, 0,
  ]

  private func reference(to text: String) -> [UInt8] {
    let place = texts[text] ?? (heap: 0, index: 0)
    return UInt32(text.utf8.count).littleEndianBytes + Self.word(place.heap)
      + UInt32(place.index).littleEndianBytes
  }

  /// Writes texts into heaps, each text once.
  private mutating func writeTexts(_ strings: [String]) {
    var open = Set(strings).filter { !$0.isEmpty }.sorted()[...]
    while !open.isEmpty {
      let address = bytes.count
      var heap: [UInt8] = []
      var index = 0
      while let text = open.first, heap.isEmpty || heap.count + text.utf8.count < 1 << 16 {
        open.removeFirst()
        index += 1
        texts[text] = (address, index)
        heap += UInt16(index).littleEndianBytes + [1, 0, 0, 0, 0, 0]
        heap += Self.word(text.utf8.count) + Self.padded(Array(text.utf8))
      }
      // No heap is smaller; object 0 is what is free.
      let free = max(16, 4096 - 16 - heap.count)
      heap += [UInt8](repeating: 0, count: 8) + Self.word(free)
      heap += [UInt8](repeating: 0, count: free - 16)
      let head = Array("GCOL".utf8) + [1, 0, 0, 0] + Self.word(16 + heap.count)
      _ = append(head + heap)
    }
  }
}

extension Array {
  /// The elements in groups of a size, the last perhaps smaller.
  fileprivate func inGroups(of size: Int) -> [ArraySlice<Element>] {
    stride(from: 0, to: count, by: size).map { self[$0..<Swift.min($0 + size, count)] }
  }
}

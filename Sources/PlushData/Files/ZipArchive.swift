/// A zip file (the APPNOTE of PKWARE), whose entries are read one at a time.
///
/// The names of entries are only told: nothing is written to where they point.
package struct ZipArchive: Sendable {
  /// What the directory tells about an entry.
  package struct Entry: Sendable, Hashable {
    /// The name, with slashes between folders.
    package let name: String
    /// How many bytes the entry has when unpacked.
    package let size: Int
    fileprivate let rawName: ArraySlice<UInt8>
    fileprivate let method: Int
    fileprivate let checksum: UInt32
    fileprivate let packedSize: Int
    fileprivate let offset: Int
  }

  /// The entries, in the order of the directory.
  package let entries: [Entry]
  /// How many bytes the file has.
  package var size: Int { source.size }
  private let source: ByteSource
  private let directoryStart: Int

  /// Reads the directory of a file.
  ///
  /// - Throws: `FileError` if the file is missing, cut short, damaged or not a zip file.
  package init(file path: String) throws {
    try self.init(try ByteSource(file: path))
  }

  /// Reads the directory of a file in memory; `path` names it in errors.
  ///
  /// - Throws: `FileError` if the bytes are cut short, damaged or not a zip file.
  package init(parsing bytes: [UInt8], path: String = "zip data") throws {
    try self.init(ByteSource(bytes, path: path))
  }

  /// Reads the directory of a file.
  ///
  /// - Throws: `FileError` if the bytes are cut short, damaged or not a zip file.
  package init(_ source: ByteSource) throws {
    let directory = try Self.directory(source)
    entries = try Self.entries(
      try source.bytes(directory.range)[...], count: directory.count, source.path)
    directoryStart = directory.range.lowerBound
    self.source = source
    try checkPlaces()
  }

  /// The bytes of an entry, checked against what the directory says of them.
  ///
  /// - Parameter limit: the most bytes to unpack.
  /// - Throws: `FileError` that names the entry.
  package func read(_ entry: Entry, limit: Int = 1 << 34) throws -> [UInt8] {
    guard entry.size <= limit else {
      throw wrong(.tooLarge, entry, "at most \(limit) bytes when unpacked", "\(entry.size)")
    }
    let stored = try source.bytes(try packedRange(entry))
    let bytes = entry.method == 0 ? stored : try unpacked(stored, entry)
    guard bytes.count == entry.size else {
      throw wrong(
        .corrupt, entry, "\(entry.size) bytes, as the directory says", "\(bytes.count)")
    }
    let found = checksum(bytes[...])
    guard found == entry.checksum else { throw wrongChecksum(entry, found) }
    return bytes
  }

  /// The bytes of an entry, to be read piece by piece where they are stored as they are.
  ///
  /// They are gone through once for their checksum.
  ///
  /// - Throws: `FileError` that names the entry, also if it is packed and unpacks to much more than
  ///   the file.
  package func source(of entry: Entry) throws -> ByteSource {
    guard let range = try storedRange(of: entry) else {
      return ByteSource(try read(entry, limit: 24 << 20 + 4 * size), path: source.path)
    }
    try checkStored(entry)
    return source.part(range)
  }

  /// Where in the file an entry stands that is stored as it is; nil if it is packed.
  ///
  /// - Throws: `FileError` that names the entry.
  package func storedRange(of entry: Entry) throws -> Range<Int>? {
    entry.method == 0 ? try packedRange(entry) : nil
  }

  /// Goes through the bytes of an entry that is stored as it is, and compares their checksum.
  ///
  /// - Throws: `FileError` that names the entry.
  package func checkStored(_ entry: Entry) throws {
    let found = try source.part(try packedRange(entry)).checksum()
    guard found == entry.checksum else { throw wrongChecksum(entry, found) }
  }

  private func wrongChecksum(_ entry: Entry, _ found: UInt32) -> FileError {
    wrong(
      .corrupt, entry, "bytes with the checksum \(entry.checksum)", "\(found)",
      hint: "fetch the file again")
  }

  private func packedRange(_ entry: Entry) throws -> Range<Int> {
    let header = try source.bytes(entry.offset..<entry.offset + 30)[...]
    guard header.starts(with: Signature.entry) else {
      throw wrong(.corrupt, entry, "its header at byte \(entry.offset)", "other bytes")
    }
    let nameEnd = entry.offset + 30 + header.number(26, 2)
    let start = nameEnd + header.number(28, 2)
    guard entry.packedSize <= directoryStart - start else {
      throw wrong(
        .corrupt, entry, "\(entry.packedSize) bytes from byte \(start)",
        "the directory at byte \(directoryStart)")
    }
    guard try source.bytes(entry.offset + 30..<nameEnd)[...] == entry.rawName else {
      throw wrong(.corrupt, entry, "this name before the data too", "another")
    }
    return start..<start + entry.packedSize
  }

  private func unpacked(_ packed: [UInt8], _ entry: Entry) throws -> [UInt8] {
    do {
      return try packed.withUnsafeBufferPointer { input in
        var inflater = Inflater(input, .none, path: source.path, limit: entry.size)
        try inflater.run()
        guard inflater.position == packed.count else {
          throw wrong(
            .corrupt, entry, "\(packed.count) packed bytes", "an end after \(inflater.position)")
        }
        return inflater.output
      }
    } catch let error as FileError {
      throw error.inside(entry.name, of: source.path)
    }
  }

  private func wrong(
    _ kind: FileError.Kind, _ entry: Entry, _ expected: String, _ found: String,
    hint: String? = nil
  ) -> FileError {
    FileError(
      kind, source.path, at: .entry(entry.name), expected: expected, found: found, hint: hint)
  }
}

/// How the parts of a zip file begin.
private enum Signature {
  static let entry: [UInt8] = [0x50, 0x4B, 3, 4]
  static let directory: [UInt8] = [0x50, 0x4B, 1, 2]
  static let end: [UInt8] = [0x50, 0x4B, 5, 6]
  static let longEnd: [UInt8] = [0x50, 0x4B, 6, 6]
  static let longEndPlace: [UInt8] = [0x50, 0x4B, 6, 7]
}

extension ArraySlice<UInt8> {
  /// The number in some bytes from the start of the slice; one too large for a file is clamped.
  fileprivate func number(_ offset: Int, _ size: Int) -> Int {
    Int(clamping: self[startIndex + offset..<startIndex + offset + size].littleEndianNumber)
  }
}

// MARK: - The directory

extension ZipArchive {
  /// The most bytes from the begin of the end record to that of the file's end, its comment.
  private static let longestEnd = 22 + 0xFFFF

  /// Where the directory stands and how many entries it has.
  private static func directory(
    _ source: ByteSource
  ) throws -> (range: Range<Int>, count: Int) {
    let size = source.size
    let tailStart = max(0, size - longestEnd)
    let tail = try source.bytes(tailStart..<size)[...]
    guard let place = endPlace(tail) else {
      let head = try source.bytes(0..<min(4, size))
      let isCut = Signature.entry.starts(with: head)
      throw FileError(
        isCut ? .truncated : .corrupt, source.path,
        expected: "the directory at the end of a zip file",
        found: isCut ? "none" : "other bytes",
        hint: isCut ? "fetch the file again" : "is this a zip file?")
    }
    var (end, endStart) = (try End(tail[place...], source.path), tailStart + place)
    if let long = try longEnd(source, before: endStart) { (end, endStart) = long }
    guard end.directorySize <= endStart, end.directoryStart <= endStart - end.directorySize else {
      throw FileError(
        .corrupt, source.path, at: .byte(endStart), expected: "a directory before this place",
        found: "\(end.directorySize) bytes from byte \(end.directoryStart)")
    }
    return (end.directoryStart..<end.directoryStart + end.directorySize, end.count)
  }

  /// The place of the end record, whose comment reaches just to the end.
  private static func endPlace(_ tail: ArraySlice<UInt8>) -> Int? {
    guard tail.count >= 22 else { return nil }
    return (0...tail.count - 22).last { place in
      tail[place...].starts(with: Signature.end)
        && tail.number(place + 20, 2) == tail.count - place - 22
    }
  }

  /// The end record of a file with large numbers (zip64), if there is one.
  private static func longEnd(
    _ source: ByteSource, before end: Int
  ) throws -> (End, Int)? {
    guard end >= 76 else { return nil }
    let pointer = try source.bytes(end - 20..<end)[...]
    guard pointer.starts(with: Signature.longEndPlace) else { return nil }
    let place = pointer.number(8, 8)
    guard place <= end - 76 else {
      throw FileError(
        .corrupt, source.path, at: .byte(end - 12), expected: "an end record before this place",
        found: "one at byte \(place)")
    }
    return (try End(long: try source.bytes(place..<place + 56)[...], source.path), place)
  }

  private static func entries(
    _ directory: ArraySlice<UInt8>, count: Int, _ path: String
  ) throws -> [Entry] {
    var entries: [Entry] = []
    var names: Set<String> = []
    var rest = directory
    while !rest.isEmpty {
      let entry = try Entry(&rest, path)
      guard names.insert(entry.name).inserted else {
        throw FileError(
          .corrupt, path, at: .entry(entry.name), expected: "every name once",
          found: "the name twice")
      }
      entries.append(entry)
    }
    guard entries.count == count else {
      throw FileError(
        .corrupt, path, expected: "\(count) entries, as the end of the directory says",
        found: "\(entries.count)")
    }
    return entries
  }

  /// Checks that no entry reaches into another: a small file could else unpack to very much.
  private func checkPlaces() throws {
    let ordered = entries.sorted { $0.offset < $1.offset }
    let ends = ordered.dropFirst().map(\.offset) + [directoryStart]
    for (entry, end) in zip(ordered, ends) {
      let least = 30 + entry.rawName.count
      guard entry.offset <= end - least, entry.packedSize <= end - least - entry.offset else {
        throw wrong(
          .corrupt, entry, "\(entry.packedSize) bytes before byte \(end)",
          "the entry at byte \(entry.offset)")
      }
    }
  }
}

/// What stands after the directory.
private struct End {
  let count: Int
  let directorySize: Int
  let directoryStart: Int

  init(_ record: ArraySlice<UInt8>, _ path: String) throws {
    try self.init(
      disks: [record.number(4, 2), record.number(6, 2)],
      counts: [record.number(8, 2), record.number(10, 2)],
      size: record.number(12, 4), start: record.number(16, 4), path)
  }

  init(long record: ArraySlice<UInt8>, _ path: String) throws {
    guard record.starts(with: Signature.longEnd) else {
      throw FileError(
        .corrupt, path, expected: "the end record of a large zip file", found: "other bytes")
    }
    try self.init(
      disks: [record.number(16, 4), record.number(20, 4)],
      counts: [record.number(24, 8), record.number(32, 8)],
      size: record.number(40, 8), start: record.number(48, 8), path)
  }

  private init(disks: [Int], counts: [Int], size: Int, start: Int, _ path: String) throws {
    guard disks == [0, 0], counts[0] == counts[1] else {
      throw FileError(
        .unsupported, path, expected: "a zip file in one part", found: "one of several parts")
    }
    (count, directorySize, directoryStart) = (counts[0], size, start)
  }
}

extension ZipArchive.Entry {
  /// Takes the first entry off the bytes of a directory.
  fileprivate init(_ directory: inout ArraySlice<UInt8>, _ path: String) throws {
    let head = directory.prefix(46)
    guard head.count == 46, head.starts(with: Signature.directory) else {
      throw FileError(
        .corrupt, path, expected: "an entry of the directory", found: "other bytes")
    }
    let sizes = [head.number(28, 2), head.number(30, 2), head.number(32, 2)]
    guard directory.count >= 46 + sizes.reduce(0, +) else {
      throw FileError(
        .corrupt, path, expected: "an entry of \(46 + sizes.reduce(0, +)) bytes",
        found: "\(directory.count)")
    }
    directory = directory.dropFirst(46)
    rawName = directory.prefix(sizes[0])
    name = String(decoding: rawName, as: UTF8.self)
    let extra = directory.dropFirst(sizes[0]).prefix(sizes[1])
    directory = directory.dropFirst(sizes.reduce(0, +))
    var large = Self.largeNumbers(extra)
    func number(_ offset: Int) -> Int {
      let number = head.number(offset, 4)
      return number == 0xFFFF_FFFF && !large.isEmpty ? large.removeFirst() : number
    }
    size = number(24)
    packedSize = number(20)
    offset = number(42)
    method = head.number(10, 2)
    checksum = UInt32(head.number(16, 4))
    try check(flags: head.number(8, 2), path)
  }

  /// The numbers of 64 bits that stand for those of 32 which are all ones, in their order.
  private static func largeNumbers(_ extra: ArraySlice<UInt8>) -> [Int] {
    var rest = extra
    while rest.count >= 4 {
      let (kind, size) = (rest.number(0, 2), rest.number(2, 2))
      let field = rest.dropFirst(4).prefix(size)
      if kind == 1 { return (0..<field.count / 8).map { field.number(8 * $0, 8) } }
      rest = rest.dropFirst(4 + size)
    }
    return []
  }

  private func check(flags: Int, _ path: String) throws {
    guard flags & 0x41 == 0 else {
      throw FileError(
        .unsupported, path, at: .entry(name), expected: "an entry that is not encrypted",
        found: "one that is")
    }
    guard method == 0 || method == 8 else {
      throw FileError(
        .unsupported, path, at: .entry(name),
        expected: "an entry that is stored or deflated (methods 0 and 8)",
        found: "the method \(method)", hint: "pack the file anew in the usual way")
    }
    // Deflate makes nothing smaller than this part, whatever the directory claims.
    guard method == 0 ? size == packedSize : size / 1040 <= packedSize else {
      throw FileError(
        .corrupt, path, at: .entry(name), expected: "a size that \(packedSize) bytes can hold",
        found: "\(size)")
    }
  }
}

// MARK: - Writing

/// The directory of a zip file that is being written.
package struct ZipDirectory: ~Copyable {
  private let path: String
  private var records: [UInt8] = []
  private var names: Set<String> = []

  /// Begins a file; `path` names it in errors.
  package init(path: String) { self.path = path }

  /// Writes an entry whose bytes are these parts, one after another.
  ///
  /// - Throws: `FileError` if the name is taken, the file too large or writing fails.
  package mutating func write(
    _ name: String, _ parts: [ArraySlice<UInt8>], isCompressed: Bool,
    to writer: inout FileWriter
  ) throws {
    let size = parts.map(\.count).reduce(0, +)
    let stored =
      isCompressed ? [Deflate.compress(parts.reduce(into: []) { $0 += $1 }, .none)[...]] : parts
    try write(
      name, method: isCompressed ? 8 : 0,
      checksum: parts.reduce(0) { checksum($1, after: $0) },
      packedSize: stored.map(\.count).reduce(0, +), size, to: &writer
    ) { writer in
      for part in stored { try writer.write(part) }
    }
  }

  /// Writes an entry that is stored as it is, without ever holding all of it: `pieces` gives its
  /// bytes to a function, and is called twice, first for the checksum.
  ///
  /// - Throws: `FileError` if the name is taken, the file too large or writing fails.
  package mutating func write(
    _ name: String, to writer: inout FileWriter,
    pieces: (_ take: (ArraySlice<UInt8>) throws -> Void) throws -> Void
  ) throws {
    var (sum, size): (UInt32, Int) = (0, 0)
    try pieces {
      sum = checksum($0, after: sum)
      size += $0.count
    }
    try write(name, method: 0, checksum: sum, packedSize: size, size, to: &writer) { writer in
      try pieces { piece in try writer.write(piece) }
    }
  }

  private mutating func write(
    _ name: String, method: UInt16, checksum: UInt32, packedSize: Int, _ size: Int,
    to writer: inout FileWriter, _ body: (inout FileWriter) throws -> Void
  ) throws {
    guard names.insert(name).inserted, name.utf8.count <= 0xFFFF, names.count < 0xFFFF else {
      throw FileError(
        .unsupported, path, at: .entry(name),
        expected: "fewer than 65535 names, each once and of at most 65535 bytes",
        found: "a name that is taken or too long, or too many")
    }
    let offset = writer.count
    guard size < 0xFFFF_FFFF - 0xFFFF, offset < 0xFFFF_FFFF - 0xFFFF else {
      throw FileError(
        .tooLarge, path, at: .entry(name), expected: "a zip file of less than 4 GiB",
        found: "\(offset + size) bytes", hint: "write a safetensors file")
    }
    let fields = Self.fields(name, method: method, checksum: checksum, packedSize, size)
    try writer.write(Signature.entry + fields + name.utf8)
    try body(&writer)
    // No comment, on the first part, no attributes, from here.
    records += Signature.directory + [20, 0] + fields
    records += [UInt8](repeating: 0, count: 10) + UInt32(offset).littleEndianBytes + name.utf8
  }

  /// Writes the directory, after the last entry.
  package consuming func finish(_ writer: inout FileWriter) throws {
    let start = writer.count
    guard start + records.count < 0xFFFF_FFFF else {
      throw FileError(
        .tooLarge, path, expected: "a zip file of less than 4 GiB", found: "\(start) bytes",
        hint: "write a safetensors file")
    }
    try writer.write(records)
    let count = UInt16(names.count).littleEndianBytes
    try writer.write(
      Signature.end + [0, 0, 0, 0] + count + count + UInt32(records.count).littleEndianBytes
        + UInt32(start).littleEndianBytes + [0, 0])
  }

  /// What the header of an entry and the directory both tell.
  private static func fields(
    _ name: String, method: UInt16, checksum: UInt32, _ packedSize: Int, _ size: Int
  ) -> [UInt8] {
    // Version 2.0, a name in UTF-8, and the first day of the format: equal data make equal files.
    var fields: [UInt8] = [20, 0, 0, 8]
    fields += method.littleEndianBytes + [0, 0, 0x21, 0]
    fields += checksum.littleEndianBytes
    fields += UInt32(packedSize).littleEndianBytes + UInt32(size).littleEndianBytes
    return fields + UInt16(name.utf8.count).littleEndianBytes + [0, 0]
  }
}

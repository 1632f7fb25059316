import PlushData
import PlushTestSupport
import Testing

@Suite struct ZipArchiveTests {
  private let text = Array(String(repeating: "to be or not to be, ", count: 40).utf8)

  /// A file with the text, stored and deflated.
  private func archive() throws -> [UInt8] {
    let folder = try TestFolder()
    try writeFile(folder("a.zip")) { writer in
      var directory = ZipDirectory(path: "a.zip")
      try directory.write("../a", [text[..<9], text[9...]], isCompressed: false, to: &writer)
      try directory.write("b", [text[...]], isCompressed: true, to: &writer)
      try directory.finish(&writer)
    }
    return try readFile(folder("a.zip"))
  }

  private func contents(_ bytes: [UInt8], limit: Int = 1 << 20) throws -> [[UInt8]] {
    let archive = try ZipArchive(parsing: bytes, path: "a.zip")
    return try archive.entries.map { try archive.read($0, limit: limit) }
  }

  private func error(_ bytes: [UInt8]) -> FileError? {
    #expect(throws: FileError.self) { try contents(bytes) }
  }

  /// The place of the last part that begins so.
  private func last(_ kind: UInt8, of bytes: [UInt8]) throws -> Int {
    try #require(bytes.indices.last { bytes[$0...].starts(with: [0x50, 0x4B, kind]) })
  }

  @Test func readsWhatItWrote() throws {
    let bytes = try archive()
    #expect(try contents(bytes) == [text, text])
    let archive = try ZipArchive(parsing: bytes)
    #expect(archive.entries.map(\.name) == ["../a", "b"])
    #expect(archive.entries.map(\.size) == [800, 800])
  }

  @Test func readsAFileEntryByEntry() throws {
    let folder = try TestFolder()
    // The comment at the end looks like another end.
    var bytes = try archive()
    bytes[bytes.count - 2] = 30
    try writeFile(folder("a.zip"), bytes + [0x50, 0x4B, 5, 6] + [UInt8](repeating: 0, count: 26))
    let archive = try ZipArchive(file: folder("a.zip"))
    #expect(try archive.read(archive.entries[1]) == text)
    #expect(folder.names == ["a.zip"])
  }

  @Test func tellsOfEveryTruncation() throws {
    let bytes = try archive()
    for length in 0..<bytes.count {
      #expect(error(Array(bytes[..<length]))?.kind == .truncated)
    }
  }

  @Test func findsEveryDamage() throws {
    let bytes = try archive()
    var generator = TestGenerator(seed: 4)
    for _ in 0..<20_000 {
      guard let read = try? contents(generator.flippingBits(of: bytes)) else { continue }
      #expect(read == [text, text])
    }
  }

  @Test func tellsOfOtherFiles() throws {
    #expect(error(text)?.kind == .corrupt)
    #expect(error(text)?.hint == "is this a zip file?")
    #expect(throws: FileError.self) { try ZipArchive(file: "/dev/null") }
  }

  /// What the directory says of the last entry, at an offset, is replaced.
  @Test(
    arguments: [
      (8, [1], "'b': expected an entry that is not encrypted, found one that is"),
      (
        10, [12],
        "'b': expected an entry that is stored or deflated (methods 0 and 8), found the method 12"
      ),
      (24, [0x1F], "'b': expected at most 799 bytes when unpacked, found more"),
      (24, [0x21], "'b': expected 801 bytes, as the directory says, found 800"),
      (24, [0, 0, 0, 0x70], "'b': expected a size that 27 bytes can hold, found 1879048192"),
      (20, [0xFF], "'b': expected 255 bytes before byte 892, found the entry at byte 834"),
      (42, [1, 0], "'../a': expected 800 bytes before byte 1, found the entry at byte 0"),
      (42, [0x43, 3], "'b': expected 27 bytes before byte 892, found the entry at byte 835"),
    ] as [(Int, [UInt8], String)])
  func tellsOfLies(offset: Int, value: [UInt8], message: String) throws {
    var bytes = try archive()
    let place = try last(1, of: bytes) + offset
    bytes.replaceSubrange(place..<place + value.count, with: value)
    #expect(error(bytes)?.message == "a.zip, \(message)")
  }

  @Test func tellsOfLiesBeforeTheData() throws {
    let sound = try archive()
    let place = try last(3, of: sound)
    for (offset, message) in [
      (2, "its header at byte 834, found other bytes"),
      (27, "27 bytes from byte 1121, found the directory at byte 892"),
      (30, "this name before the data too, found another"),
    ] {
      var bytes = sound
      bytes[place + offset] = 1
      #expect(error(bytes)?.message == "a.zip, 'b': expected \(message)")
    }
  }

  @Test func tellsOfLiesAtTheEnd() throws {
    let sound = try archive()
    let end = try last(5, of: sound)
    for (offset, value) in [(4, 1), (8, 9), (10, 3), (12, 255), (16, 255), (19, 255)] {
      var bytes = sound
      bytes[end + offset] = UInt8(value)
      #expect([.corrupt, .unsupported].contains(error(bytes)?.kind))
    }
  }

  /// Many entries of the directory that share their data are a bomb.
  @Test func refusesSharedData() throws {
    var bytes = try archive()
    let (first, second) = (try bytes.firstPlace(of: 1), try last(1, of: bytes))
    bytes.replaceSubrange(second + 42..<second + 46, with: bytes[first + 42..<first + 46])
    #expect(error(bytes)?.kind == .corrupt)
  }

  @Test func boundsWhatUnpacks() throws {
    let bytes = try archive()
    let error = #expect(throws: FileError.self) { try contents(bytes, limit: 799) }
    #expect(error?.message == "a.zip, '../a': expected at most 799 bytes when unpacked, found 800")
  }
}

extension [UInt8] {
  fileprivate func firstPlace(of kind: UInt8) throws -> Int {
    try #require(indices.first { self[$0...].starts(with: [0x50, 0x4B, kind]) })
  }
}

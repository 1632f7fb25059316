import PlushData
import PlushTestSupport
import Testing

@Suite struct GZipTests {
  let text = Array(String(repeating: "to be or not to be, ", count: 40).utf8)

  @Test(arguments: [0, 1, 1000, 262_143, 262_144, 262_145, 1_000_000])
  func unpacksWhatItPacked(count: Int) throws {
    var generator = TestGenerator(seed: 3)
    let bytes = (0..<count).map { _ in UInt8.random(in: 0..<20, using: &generator) }
    #expect(try GZip.decompress(GZip.compress(bytes)) == bytes)
    #expect(GZip.compress(bytes) == GZip.compress(bytes))
  }

  @Test func unpacksWhatGzipPacked() throws {
    let folder = try TestFolder()
    try writeFile(folder("a"), text)
    guard run("gzip", "-k", folder("a")) else { return }
    #expect(try readUnpackedFile(folder("a.gz")) == text)
    #expect(try readUnpackedFile(folder("a")) == text)
    try writeFile(folder("b.gz"), GZip.compress(text, level: 9))
    #expect(run("gzip", "-d", folder("b.gz")))
    #expect(try readFile(folder("b")) == text)
  }

  @Test func readsSeveralMembers() throws {
    let packed = GZip.compress(text) + GZip.compress([1, 2]) + GZip.compress([])
    #expect(try GZip.decompress(packed) == text + [1, 2])
  }

  @Test func tellsOfTrailingBytes() {
    let packed = GZip.compress(text)
    let error = #expect(throws: FileError.self) {
      try GZip.decompress(packed + [1, 2, 3], path: "a.gz")
    }
    #expect(
      error?.message
        == "a.gz, byte \(packed.count): expected the end of the gzip file, found 3 more bytes")
  }

  @Test func tellsOfEveryTruncation() {
    let packed = GZip.compress(text)
    for length in 0..<packed.count {
      let error = #expect(throws: FileError.self) {
        try GZip.decompress(Array(packed[..<length]), path: "a.gz")
      }
      #expect(error?.kind == .truncated)
    }
    let error = #expect(throws: FileError.self) {
      try GZip.decompress(Array(packed.dropLast()), path: "a.gz")
    }
    #expect(
      error?.message == "a.gz, byte \(packed.count - 1): expected more compressed bytes, "
        + "found the end of the file")
  }

  @Test func findsEveryDamage() throws {
    var generator = TestGenerator(seed: 4)
    let packed = GZip.compress(text)
    for _ in 0..<5000 {
      let damaged = generator.flippingBits(of: packed)
      // Name, time and system of the header are not checked, and do not matter.
      if let bytes = try? GZip.decompress(damaged) { #expect(bytes == text) }
    }
    var damaged = packed
    damaged[damaged.count - 6] ^= 1
    let error = #expect(throws: FileError.self) { try GZip.decompress(damaged, path: "a.gz") }
    #expect(error?.kind == .corrupt)
    #expect(error?.message.hasSuffix("found incorrect data check") == true)
  }

  @Test func boundsWhatUnpacks() {
    let bomb = GZip.compress([UInt8](repeating: 0, count: 50_000_000))
    #expect(bomb.count < 100_000)
    let error = #expect(throws: FileError.self) {
      try GZip.decompress(bomb, path: "bomb.gz", limit: 1_000_000)
    }
    #expect(error?.kind == .tooLarge)
    #expect(
      error?.message == "bomb.gz: expected at most 1000000 bytes when unpacked, found more")
  }

  @Test func refusesOtherFiles() {
    let error = #expect(throws: FileError.self) {
      try GZip.decompress(Array("hello".utf8), path: "a.gz")
    }
    #expect(error?.message == "a.gz: expected a gzip file, found other bytes")
  }
}

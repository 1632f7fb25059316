import Foundation
import PlushData
import PlushTestSupport
import Testing

private let hasCurl = run("curl", "--version")

@Suite struct DownloadTests {
  let folder: TestFolder
  let cache: String
  let url: String
  let text = "hello\n"
  let hash = "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03"

  init() throws {
    folder = try TestFolder()
    cache = folder("cache")
    url = "file://" + folder("source")
    try writeFile(folder("source"), text)
  }

  func inCache() -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: cache)) ?? []).sorted()
  }

  @Test(.enabled(if: hasCurl)) func fetchesOnce() throws {
    let download = Download(url, sha256: hash.uppercased(), byteCount: 6)
    var last: Download.Progress?
    let path = try download.fetch(as: "data/a.txt", in: cache) { last = $0 }
    #expect(path == cache + "/data/a.txt")
    #expect(try readFile(path) == Array(text.utf8))
    #expect(last?.received == 6 && last?.total == 6)
    #expect(inCache() == ["data"])
    try writeFile(folder("source"), "gone")
    #expect(try download.fetch(as: "data/a.txt", in: cache) == path)
  }

  @Test(.enabled(if: hasCurl)) func fetchesADamagedFileAgain() throws {
    let download = Download(url, sha256: hash)
    let path = try download.fetch(as: "a", in: cache)
    try writeFile(path, "jello\n")
    #expect(try download.fetch(as: "a", in: cache) == path)
    #expect(try readFile(path) == Array(text.utf8))
  }

  @Test(.enabled(if: hasCurl)) func refusesAnotherFile() throws {
    try writeFile(folder("source"), "jello\n")
    let error = #expect(throws: FileError.self) {
      try Download(url, sha256: hash).fetch(as: "a", in: cache)
    }
    #expect(error?.kind == .corrupt)
    #expect(error?.message.hasPrefix("\(url): expected the SHA-256 hash \(hash), found ") == true)
    let size = #expect(throws: FileError.self) {
      try Download(url, byteCount: 7).fetch(as: "a", in: cache)
    }
    #expect(size?.message == "\(url): expected 7 bytes, found 6")
    #expect(inCache().isEmpty)
  }

  @Test(.enabled(if: hasCurl)) func tellsWhyNothingCame() throws {
    let missing = #expect(throws: FileError.self) {
      try Download(url + "x").fetch(as: "a", in: cache)
    }
    #expect(missing?.kind == .network)
    #expect(missing?.message.hasPrefix("\(url)x: expected to fetch the file, found curl: ") == true)
    let refused = #expect(throws: FileError.self) {
      try Download("http://127.0.0.1:1/a").fetch(as: "a", in: cache)
    }
    #expect(refused?.kind == .network)
    #expect(refused?.hint != nil)
    #expect(inCache().isEmpty)
  }

  @Test func tellsThatNoProgramIsThere() {
    let download = Download(url, sha256: nil, byteCount: nil, searchPath: folder.path)
    let error = #expect(throws: FileError.self) { try download.fetch(as: "a", in: cache) }
    #expect(
      error?.message
        == "\(url): expected the program curl or wget to fetch the file, found neither")
  }

  @Test func fallsBackToWget() throws {
    // Stands in for wget, which takes no file addresses.
    try writeFile(folder("wget"), "#!/bin/sh\nprintf 'hello\\n' > \"$5\"\n")
    try FileManager.default.setAttributes(
      [.posixPermissions: 0o755], ofItemAtPath: folder("wget"))
    let download = Download(url, sha256: hash, byteCount: nil, searchPath: folder.path)
    #expect(try readFile(download.fetch(as: "a", in: cache)) == Array(text.utf8))
    try writeFile(folder("wget"), "#!/bin/sh\nexit 8\n")
    let error = #expect(throws: FileError.self) { try download.fetch(as: "b", in: cache) }
    #expect(error?.message == "\(url): expected to fetch the file, found wget ended with status 8")
  }

  @Test func takesOnlyWebAddresses() {
    let error = #expect(throws: FileError.self) {
      try Download("--version").fetch(as: "a", in: cache)
    }
    #expect(error?.kind == .unsupported)
  }

  @Test func tellsThatTheCacheCannotBe() {
    let error = #expect(throws: FileError.self) {
      try Download(url).fetch(as: "a", in: folder("source/cache"))
    }
    #expect(error?.kind == .missing)
    #expect(error?.hint == "\(folder("source")) is a file, not a folder")
  }

  @Test(.enabled(if: hasCurl), arguments: [0, 1, 55, 56, 63, 64, 65, 1_000_000, 3_000_001])
  func hashesAsTheSystemDoes(count: Int) throws {
    let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    try writeFile(folder("source"), bytes)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["sha256sum", folder("source")]
    let pipe = Pipe()
    process.standardOutput = pipe
    guard (try? process.run()) != nil else { return }
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { return }
    let hash = String(decoding: output.prefix(64), as: UTF8.self)
    #expect(throws: Never.self) { try Download(url, sha256: hash).fetch(as: "a", in: cache) }
  }
}

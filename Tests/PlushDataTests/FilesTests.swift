import Foundation
import PlushData
import PlushNN
import PlushTestSupport
import Testing

@Suite struct FilesTests {
  let folder: TestFolder

  init() throws { folder = try TestFolder() }

  @Test(arguments: [0, 1, 4095, 65535, 65536, 65537, 300_000])
  func readsWhatWasWritten(count: Int) throws {
    let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    try writeFile(folder("a"), bytes)
    #expect(try readFile(folder("a")) == bytes)
    #expect(folder.names == ["a"])
  }

  @Test(arguments: [40_000, 100_000]) func writesInPieces(count: Int) throws {
    let large = [UInt8](repeating: 7, count: count)
    try writeFile(folder("a")) { writer in
      for index in 0..<1000 { try writer.write([UInt8(index & 255)]) }
      try writer.write(large)
      try writer.write(large[5..<10])
      #expect(writer.count == count + 1005)
    }
    let expected = (0..<1000).map { UInt8($0 & 255) } + large + [7, 7, 7, 7, 7]
    #expect(try readFile(folder("a")) == expected)
  }

  @Test func aFailedWriteLeavesTheOldFile() throws {
    struct Stop: Error {}
    try writeFile(folder("a"), "old")
    #expect(throws: Stop.self) {
      try writeFile(folder("a")) { writer in
        try writer.write([UInt8](repeating: 1, count: 200_000))
        throw Stop()
      }
    }
    #expect(try readFile(folder("a")) == Array("old".utf8))
    #expect(folder.names == ["a"])
  }

  @Test func followsLinksAndKeepsPermissions() throws {
    try writeFile(folder("a"), "old")
    try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: folder("a"))
    try FileManager.default.createSymbolicLink(
      atPath: folder("link"), withDestinationPath: folder("a"))
    try writeFile(folder("link"), "new")
    #expect(try readFile(folder("a")) == Array("new".utf8))
    let attributes = try FileManager.default.attributesOfItem(atPath: folder("a"))
    #expect(attributes[.posixPermissions] as? Int == 0o640)
    let target = try FileManager.default.destinationOfSymbolicLink(atPath: folder("link"))
    #expect(target == folder("a"))
  }

  @Test func tellsWhatIsMissing() throws {
    try writeFile(folder("file"), "x")
    func hint(_ name: String) throws -> String? {
      let error = #expect(throws: FileError.self) { try readFile(folder(name)) }
      #expect(error?.kind == .missing)
      #expect(
        error?.message == "\(folder(name)): expected a file to read, found nothing at this path")
      return error?.hint
    }
    #expect(try hint("none") == "check the name")
    #expect(try hint("no/such/file") == "the folder \(folder("no")) does not exist")
    #expect(try hint("file/inner") == "\(folder("file")) is a file, not a folder")
    let error = #expect(throws: FileError.self) { try readFile("") }
    #expect(error?.hint == "the path is empty")
    let relative = #expect(throws: FileError.self) { try readFile("no-such-file.csv") }
    #expect(relative?.hint?.hasPrefix("the working folder is /") == true)
    let write = #expect(throws: FileError.self) { try writeFile(folder("no/file"), "x") }
    #expect(write?.hint == "the folder \(folder("no")) does not exist")
    #expect(
      write?.message == "\(folder("no/file")): expected to write the file, "
        + "found nothing at this path")
  }

  @Test func refusesZeroBytesInPaths() throws {
    try writeFile(folder("a"), "old")
    let read = #expect(throws: FileError.self) { try readFile(folder("a\0b")) }
    #expect(read?.kind == .system)
    #expect(throws: FileError.self) { try writeFile(folder("a\0b"), "new") }
    #expect(try readFile(folder("a")) == Array("old".utf8))
  }

  @Test func refusesFolders() {
    let read = #expect(throws: FileError.self) { try readFile(folder.path) }
    #expect(read?.kind == .isDirectory)
    #expect(read?.message == "\(folder.path): expected a file to read, found a folder")
    let write = #expect(throws: FileError.self) { try writeFile(folder.path, "x") }
    #expect(write?.message == "\(folder.path): expected to write the file, found a folder")
  }

  @Test func boundsTheSize() throws {
    try writeFile(folder("a"), "12345")
    #expect(try readFile(folder("a"), limit: 5).count == 5)
    let error = #expect(throws: FileError.self) { try readFile(folder("a"), limit: 4) }
    #expect(error?.message == "\(folder("a")): expected at most 4 bytes, found 5 bytes")
    let endless = #expect(throws: FileError.self) { try readFile("/dev/zero", limit: 3_000_000) }
    #expect(endless?.message == "/dev/zero: expected at most 3000000 bytes, found more")
  }

  @Test(.enabled(if: getuid() != 0, "root may do everything"))
  func tellsOfPermissions() throws {
    try writeFile(folder("a"), "x")
    try FileManager.default.setAttributes([.posixPermissions: 0], ofItemAtPath: folder("a"))
    let read = #expect(throws: FileError.self) { try readFile(folder("a")) }
    #expect(read?.message == "\(folder("a")): expected a file to read, found no permission")
    let write = #expect(throws: FileError.self) { try writeFile(folder("a"), "y") }
    #expect(
      write?.message == "\(folder("a")): expected to write the file, found a file that is read-only"
    )
  }

  @Test(.enabled(if: FileManager.default.fileExists(atPath: "/proc/version")))
  func tellsOfAFolderThatTakesNoFiles() {
    let error = #expect(throws: FileError.self) { try writeFile("/proc/file", "x") }
    #expect(error?.kind == .missing || error?.kind == .notPermitted)
  }

  @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full")))
  func tellsOfAFullDevice() {
    let error = #expect(throws: FileError.self) { try writeFile("/dev/full", "12345") }
    #expect(error?.kind == .diskFull)
    #expect(
      error?.message == "/dev/full: expected to write 5 bytes, found no space left on the disk")
  }

  @Test func aFullDiskLeavesTheOldFile() throws {
    guard run("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", folder.path) else { return }
    defer { _ = run("umount", folder.path) }
    try writeFile(folder("a"), "old")
    let error = #expect(throws: FileError.self) {
      try writeFile(folder("a"), [UInt8](repeating: 1, count: 1 << 20))
    }
    #expect(error?.kind == .diskFull)
    #expect(error?.path == folder("a"))
    #expect(try readFile(folder("a")) == Array("old".utf8))
    #expect(folder.names == ["a"])
  }

  @Test func readsAndWritesJSON() throws {
    let json: JSON = ["a": [1, 2.5]]
    try json.write(to: folder("a.json"))
    #expect(try JSON(file: folder("a.json")) == json)
    try writeFile(folder("b.json"), "{\n\"a\": ?}")
    let error = #expect(throws: FileError.self) { try JSON(file: folder("b.json")) }
    #expect(error?.message == "\(folder("b.json")), line 2, column 6: expected a value, found '?'")
    try writeFile(folder("c.json"), "")
    let empty = #expect(throws: FileError.self) { try JSON(file: folder("c.json")) }
    #expect(empty?.kind == .truncated)
  }
}

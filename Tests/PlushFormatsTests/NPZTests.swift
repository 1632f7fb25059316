import Foundation
import PlushData
import PlushEngine
import PlushFormats
import PlushTestSupport
import Testing

@Suite struct NPZTests {
  private let arrays = [
    NamedArray("x", .float32, shape: [2], bytes: [0, 0, 128, 63, 0, 0, 0, 64]),
    NamedArray("layer/é", .uint8, shape: [2, 0], bytes: []),
    NamedArray("zeros", .int64, shape: [5000], bytes: [UInt8](repeating: 0, count: 40_000)[...]),
  ]

  @Test(arguments: [false, true]) func readsWhatItWrote(isCompressed: Bool) throws {
    let folder = try TestFolder()
    let file = NPZ(arrays)
    try file.write(to: folder("a.npz"), isCompressed: isCompressed)
    #expect(try NPZ(file: folder("a.npz")) == file)
    let bytes = try readFile(folder("a.npz"))
    #expect(try NPZ(parsing: bytes) == file)
    #expect(isCompressed == (bytes.count < 2000))
    #expect(file["x"]?.shape == [2] && file["y"] == nil)
    #expect(folder.names == ["a.npz"])
    // Its own tools read it too.
    #expect(!run("unzip", "-v") || run("unzip", "-tq", folder("a.npz")))
  }

  @Test func writesAndReadsNothing() throws {
    let folder = try TestFolder()
    try NPZ([]).write(to: folder("a.npz"))
    #expect(try NPZ(file: folder("a.npz")).arrays.isEmpty)
  }

  /// `numpy.savez` writes the numbers of each entry in 64 bits.
  @Test func readsWhatNumPyWrote() throws {
    let file = try NPZ(parsing: Array(try #require(Data(base64Encoded: savedByNumPy))))
    #expect(file.arrays.map(\.name) == ["x", "layer/y"])
    #expect(file["x"]?.tensor.dataSync() == [0, 1, 2, 3, 4, 5])
    #expect(file["layer/y"]?.shape == [] && file["layer/y"]?.bytes.first == 7)
  }

  @Test func readsWhatNumPyCompressed() throws {
    let file = try NPZ(parsing: Array(try #require(Data(base64Encoded: compressedByNumPy))))
    #expect(file["x"]?.tensor.dataSync() == [0, 1, 2, 3, 4, 5])
    #expect(file["e"]?.shape == [0, 2])
  }

  /// The same as of a file that is larger than 4 GiB.
  @Test func readsLargeFiles() throws {
    let file = try NPZ(parsing: Array(try #require(Data(base64Encoded: largeByNumPy))))
    #expect(file.arrays.count == 1)
    #expect(file["x"]?.tensor.dataSync() == [0, 1, 2, 3, 4, 5])
  }

  @Test func namesTheArrayAtFault() throws {
    let folder = try TestFolder()
    try writeFile(folder("a.npz")) { writer in
      var directory = ZipDirectory(path: "a.npz")
      try directory.write("b.npy", [[1, 2, 3]], isCompressed: false, to: &writer)
      try directory.finish(&writer)
    }
    let error = #expect(throws: FileError.self) { try NPZ(file: folder("a.npz")) }
    #expect(
      error?.message == folder("a.npz") + ", 'b.npy': expected an .npy file, which begins with "
        + "'\\x93NUMPY', found other bytes")
  }

  @Test func refusesANameTwice() throws {
    let folder = try TestFolder()
    #expect(throws: FileError.self) { try NPZ([arrays[0], arrays[0]]).write(to: folder("a.npz")) }
    #expect(folder.names.isEmpty)
    let npy = try npyBytes(folder)
    try writeFile(folder("b.npz")) { writer in
      var directory = ZipDirectory(path: "b.npz")
      for name in ["x", "x.npy"] {
        try directory.write(name, [npy[...]], isCompressed: false, to: &writer)
      }
      try directory.finish(&writer)
    }
    let error = #expect(throws: FileError.self) { try NPZ(file: folder("b.npz")) }
    #expect(error?.message.hasSuffix("'x': expected every name once, found the name twice") == true)
  }

  private func npyBytes(_ folder: TestFolder) throws -> [UInt8] {
    try NPY(.uint8, shape: [1], bytes: [1]).write(to: folder("x.npy"))
    return try readFile(folder("x.npy"))
  }

  @Test func boundsWhatUnpacks() throws {
    let folder = try TestFolder()
    try NPZ([arrays[2], arrays[0]]).write(to: folder("a.npz"), isCompressed: true)
    #expect(try NPZ(file: folder("a.npz"), limit: 41_000).arrays.count == 2)
    let error = #expect(throws: FileError.self) { try NPZ(file: folder("a.npz"), limit: 40_200) }
    #expect(error?.kind == .tooLarge)
  }

  @Test func survivesAnyBytes() throws {
    let sound = Array(try #require(Data(base64Encoded: compressedByNumPy)))
    let file = try NPZ(parsing: sound)
    var generator = TestGenerator(seed: 6)
    for _ in 0..<20_000 {
      // Times and the like are not checked, and do not matter.
      guard let read = try? NPZ(parsing: generator.flippingBits(of: sound)) else { continue }
      #expect(read == file)
    }
  }
}

private let savedByNumPy =
  "UEsDBC0AAAAAAAAAIQBP6QAq//////////8FABQAeC5ucHkBABAAmAAAAAAAAACYAAAAAAAAAJNOVU1QWQEAdgB7"
  + "J2Rlc2NyJzogJzxmNCcsICdmb3J0cmFuX29yZGVyJzogRmFsc2UsICdzaGFwZSc6ICgyLCAzKSwgfSAgICAgICAg"
  + "ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAKAAAAAAAAgD8AAABAAABA"
  + "QAAAgEAAAKBAUEsDBC0AAAAAAAAAIQAjuPBs//////////8LABQAbGF5ZXIveS5ucHkBABAAiAAAAAAAAACIAAAA"
  + "AAAAAJNOVU1QWQEAdgB7J2Rlc2NyJzogJzxpOCcsICdmb3J0cmFuX29yZGVyJzogRmFsc2UsICdzaGFwZSc6ICgp"
  + "LCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAK"
  + "BwAAAAAAAABQSwECLQMtAAAAAAAAACEAT+kAKpgAAACYAAAABQAAAAAAAAAAAAAAgAEAAAAAeC5ucHlQSwECLQMt"
  + "AAAAAAAAACEAI7jwbIgAAACIAAAACwAAAAAAAAAAAAAAgAHPAAAAbGF5ZXIveS5ucHlQSwUGAAAAAAIAAgBsAAAA"
  + "lAEAAAAA"

private let compressedByNumPy =
  "UEsDBC0AAAAIAAAAIQBP6QAq//////////8FABQAeC5ucHkBABAAmAAAAAAAAABVAAAAAAAAAJvsF+obEMnIUMZQ"
  + "rZ6SWpxcpG6loG6TZqKuo6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GkY6CsaaOgq1CmQDLgYwaLAHEg5A"
  + "BMQNQLzAAQBQSwMELQAAAAgAAAAhAPvc+5r//////////wUAFABlLm5weQEAEACAAAAAAAAAAEYAAAAAAAAAm+wX"
  + "6hsQychQxlCtnpJanFykbqWgXlNqqK6joJ6WX1RSlJgXn1+UkgoSd0vMKU4FihdnJBakAvkaBjoKRpo6CrUKZAMu"
  + "AFBLAQItAy0AAAAIAAAAIQBP6QAqVQAAAJgAAAAFAAAAAAAAAAAAAACAAQAAAAB4Lm5weVBLAQItAy0AAAAIAAAA"
  + "IQD73PuaRgAAAIAAAAAFAAAAAAAAAAAAAACAAYwAAABlLm5weVBLBQYAAAAAAgACAGYAAAAJAQAAAAA="

private let largeByNumPy =
  "UEsDBC0AAAAIAAAAIQBP6QAq//////////8FABQAeC5ucHkBABAAmAAAAAAAAABVAAAAAAAAAJvsF+obEMnIUMZQ"
  + "rZ6SWpxcpG6loG6TZqKuo6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GkY6CsaaOgq1CmQDLgYwaLAHEg5A"
  + "BMQNQLzAAQBQSwECLQMtAAAACAAAACEAT+kAKv//////////BQAUAAAAAAAAAAAAgAEAAAAAeC5ucHkBABAAmAAA"
  + "AAAAAABVAAAAAAAAAFBLBgYsAAAAAAAAAC0ALQAAAAAAAAAAAAEAAAAAAAAAAQAAAAAAAABHAAAAAAAAAIwAAAAA"
  + "AAAAUEsGBwAAAADTAAAAAAAAAAEAAABQSwUGAAAAAAEAAQBHAAAAjAAAAAAA"

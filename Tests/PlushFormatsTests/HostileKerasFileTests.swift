import Foundation
import PlushData
import PlushFormats
import PlushNN
import PlushTensor
import PlushTestSupport
import Testing

/// Files of Keras that were made to mislead.
@Suite struct HostileKerasFileTests {
  let folder: TestFolder

  init() throws { folder = try TestFolder() }

  private func model() throws -> Model {
    let model = Sequential {
      LSTM(3, inputShape: [4, 2])
      Dense(2)
    }
    try model.build()
    try model.save(to: folder("sound.keras"))
    return model
  }

  /// Writes the sound file with its parts changed, and gives the path.
  private func archive(
    _ config: [UInt8]? = nil, isCompressed: Bool = false, also: [String] = []
  ) throws -> String {
    _ = try model()
    let sound = try ZipArchive(file: folder("sound.keras"))
    try writeFile(folder("changed.keras")) { writer in
      var directory = ZipDirectory(path: "changed.keras")
      for name in also {
        try directory.write(name, [[1, 2, 3]], isCompressed: false, to: &writer)
      }
      for entry in sound.entries {
        let isConfig = entry.name == "config.json"
        let bytes = isConfig ? try config ?? sound.read(entry) : try sound.read(entry)
        try directory.write(
          entry.name, [bytes[...]], isCompressed: isConfig && isCompressed, to: &writer)
      }
      try directory.finish(&writer)
    }
    return folder("changed.keras")
  }

  private func config() throws -> String {
    _ = try model()
    let sound = try ZipArchive(file: folder("sound.keras"))
    let entry = try #require(sound.entries.first { $0.name == "config.json" })
    return String(decoding: try sound.read(entry), as: UTF8.self)
  }

  @Test func soundFilesAreRead() throws {
    #expect(try loadModel(from: try archive()).parameterCount == model().parameterCount)
    let packed = try archive(Array(try config().utf8), isCompressed: true)
    #expect(try loadModel(from: packed).parameterCount == model().parameterCount)
  }

  @Test func deepConfiguration() throws {
    for deep in [
      String(repeating: "[", count: 1_000_000), String(repeating: "{\"a\":", count: 201),
    ] {
      let path = try archive(Array(deep.utf8))
      let error = #expect(throws: FileError.self) { try loadModel(from: path) }
      #expect(error?.expected == "at most 200 levels")
      #expect(error?.path.hasSuffix("changed.keras/config.json") == true)
    }
  }

  /// A text of spaces packs to a thousandth.
  @Test func bombs() throws {
    let text = Array(try config().utf8) + [UInt8](repeating: 0x20, count: 32 << 20)
    let path = try archive(text, isCompressed: true)
    #expect(try readFile(path).count < 1 << 20)
    let error = #expect(throws: FileError.self) { try loadModel(from: path) }
    #expect(error?.kind == .tooLarge)
    #expect(error?.place == .entry("config.json"))
  }

  @Test func bombsOfWeights() throws {
    _ = try model()
    let sound = try ZipArchive(file: folder("sound.keras"))
    try writeFile(folder("bomb.keras")) { writer in
      var directory = ZipDirectory(path: "bomb.keras")
      for entry in sound.entries {
        let isWeights = entry.name == "model.weights.h5"
        let rest = [UInt8](repeating: 0, count: isWeights ? 32 << 20 : 0)
        try directory.write(
          entry.name, [(try sound.read(entry) + rest)[...]], isCompressed: true, to: &writer)
      }
      try directory.finish(&writer)
    }
    let error = #expect(throws: FileError.self) { try loadModel(from: folder("bomb.keras")) }
    #expect(error?.kind == .tooLarge)
    #expect(error?.place == .entry("model.weights.h5"))
  }

  /// Names that lead out of the archive lead to nothing: entries are read where they stand.
  @Test func namesThatLeadOut() throws {
    let path = try archive(also: ["../outside", "/tmp/../outside", "..\\outside"])
    #expect(try loadModel(from: path).parameterCount == model().parameterCount)
    #expect(folder.names == ["changed.keras", "sound.keras"])
  }

  /// The matrix of the states would have 2³² elements, which nothing may make room for.
  @Test(arguments: ["65536", "4611686018427387904", "-1", "1e300"])
  func hugeLayers(_ units: String) throws {
    let text = try config()
    let changed = text.replacing(#""units":3"#, with: #""units":\#(units)"#)
    #expect(text != changed)
    let path = try archive(Array(changed.utf8))
    let start = ContinuousClock.now
    #expect(throws: (any Error).self) { try loadModel(from: path) }
    #expect(ContinuousClock.now - start < .seconds(1))
  }

  /// Initial values are not drawn where a file gives others.
  @Test func loadingDrawsNothing() throws {
    let expected = try model().weights.map { $0.value.dataSync() }
    for ending in [".keras", ".h5", ""] {
      let path = folder("copy\(ending)")
      try loadModel(from: folder("sound.keras")).save(to: path)
      seed(1)
      #expect(try loadModel(from: path).weights.map { $0.value.dataSync() } == expected)
      let next = Tensor.randomUniform([1]).item()
      seed(1)
      #expect(Tensor.randomUniform([1]).item() == next)
    }
  }

  @Test func filesAreClosed() throws {
    let model = try model()
    try model.save(to: folder("a.h5"))
    try model.save(to: folder("a"))
    for ending in [".weights.h5", ".npz", ".safetensors"] {
      try model.saveWeights(to: folder("a\(ending)"))
    }
    func openFiles() throws -> Int {
      try FileManager.default.contentsOfDirectory(atPath: "/dev/fd").count
    }
    let before = try openFiles()
    for _ in 0..<100 {
      for path in ["sound.keras", "a.h5", "a"] { _ = try loadModel(from: folder(path)) }
      for ending in [".weights.h5", ".npz", ".safetensors"] {
        try model.loadWeights(from: folder("a\(ending)"))
      }
    }
    #expect(try openFiles() < before + 50)
  }
}

import Foundation
import Plush
import PlushTestSupport
import Testing

@Suite struct NewTests {
  let folder: TestFolder

  /// The folder of this package.
  private var package: String {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().path
  }

  init() throws { folder = try TestFolder() }

  @Test(arguments: ["linear", "perceptron", "xor", "mlp"])
  func aProjectHasThreeFiles(_ network: String) throws {
    let result = try Tool.run("new", "mine", "--network", network, in: folder)
    #expect(result.status == 0)
    let names = try FileManager.default.contentsOfDirectory(atPath: folder("mine/Sources/mine"))
    #expect(names.sorted() == ["Data.swift", "Index.swift", "Model.swift"])
    let manifest = String(decoding: try readFile(folder("mine/Package.swift")), as: UTF8.self)
    #expect(manifest.contains(#"name: "mine""#))
    #expect(manifest.contains(".package(path: "))
  }

  @Test func aProjectMayNameARepository() throws {
    let url = "https://example.com/plush.git"
    let result = try Tool.run("new", "mine", "--plush-url", url, in: folder)
    #expect(result.status == 0)
    let manifest = String(decoding: try readFile(folder("mine/Package.swift")), as: UTF8.self)
    #expect(manifest.contains(#".package(url: "\#(url)", branch: "main")"#))
    #expect(manifest.contains(#"package: "plush""#))
  }

  @Test func aProjectIsNotOverwritten() throws {
    try writeFile(folder("mine"), "precious")
    let result = try Tool.run("new", "mine", in: folder)
    #expect(result.status == 1)
    #expect(result.errors.contains("mine exists already"))
    #expect(try readFile(folder("mine")) == Array("precious".utf8))
  }

  @Test func unknownTemplatesAreRefused() throws {
    let result = try Tool.run("new", "mine", "--network", "none", in: folder)
    #expect(result.status == 1)
    #expect(result.errors.contains("the templates are linear, perceptron, xor, mlp"))
    #expect(folder.names.isEmpty)
  }

  @Test(
    .enabled(if: ProcessInfo.processInfo.environment["PLUSH_SLOW_TESTS"] != nil),
    arguments: ["linear", "perceptron", "xor", "mlp"])
  func aProjectBuildsAndTrains(_ network: String) throws {
    _ = try Tool.run("new", "mine", "--network", network, "--plush-path", package, in: folder)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["swift", "run", "-c", "release", "--package-path", folder("mine")]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    #expect(text.contains("test: loss: "))
  }
}

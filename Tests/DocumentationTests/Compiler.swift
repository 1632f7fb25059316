import Foundation

/// The Swift compiler with the modules of this build.
struct Compiler: Sendable {
  private let build: String

  /// The compiler for the build that these tests belong to, or nil if its modules are not found.
  static let ofThisBuild: Compiler? = CommandLine.arguments.lazy.compactMap(above).first

  /// The compiler for the build in a folder above a file.
  ///
  /// The tests lie in the build folder, on macOS inside a bundle that another program loads.
  private static func above(_ file: String) -> Compiler? {
    var folder = URL(fileURLWithPath: file).standardizedFileURL
    while folder.path != "/" {
      folder.deleteLastPathComponent()
      let module = folder.appendingPathComponent("Modules/Plush.swiftmodule").path
      if FileManager.default.fileExists(atPath: module) { return Compiler(build: folder.path) }
    }
    return nil
  }

  /// What the compiler says against a program; nothing if it compiles.
  func check(_ code: String) throws -> String {
    let file = FileManager.default.temporaryDirectory.path + "/plush-\(UUID().uuidString).swift"
    try code.write(toFile: file, atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(atPath: file) }
    let messages = Pipe()
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments =
      ["swiftc", "-typecheck", "-swift-version", "6", file, "-I", "\(build)/Modules"]
      + moduleMaps.flatMap { ["-Xcc", "-fmodule-map-file=\($0)"] }
    process.standardError = messages
    try process.run()
    let text = messages.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return process.terminationStatus == 0 ? "" : String(decoding: text, as: UTF8.self)
  }

  /// Of the modules in C.
  private var moduleMaps: [String] {
    [
      "\(build)/PlushKernels.build/module.modulemap",
      "\(build)/PlushCodecs.build/module.modulemap",
      "\(CodeBlock.package)/Sources/CZlib/module.modulemap",
    ]
  }
}

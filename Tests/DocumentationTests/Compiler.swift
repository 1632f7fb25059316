import Foundation

/// The Swift compiler with the modules and object files of this build.
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

  /// Makes a program of code; gives what the compiler says, which is nothing if all is well.
  func compile(_ code: String, to program: String) throws -> String {
    try code.write(toFile: "\(program).swift", atomically: true, encoding: .utf8)
    let files = try Compiler.modules.flatMap { try objectFiles(of: $0) }
    let arguments =
      [
        "swiftc", "-swift-version", "6", "\(program).swift", "-o", program, "-lz", "-lm", "-lpng",
        "-ljpeg",
      ]
      + ["-I", "\(build)/Modules"] + files
      + moduleMaps.flatMap { ["-Xcc", "-fmodule-map-file=\($0)"] }
    let (status, _, messages) = try run("/usr/bin/env", arguments, in: build)
    return status == 0 ? messages : "\(messages)\nThe compiler ended with \(status)."
  }

  /// What `import Plush`, `import PlushMedia` and `import PlushONNX` bring.
  private static let modules = [
    "PlushONNX", "SwiftProtobuf", "PlushMedia", "PlushCodecs", "Plush", "PlushFormats", "PlushData",
    "PlushNN", "PlushTensor",
    "PlushEngine", "PlushKernels",
  ]

  /// Of the sources that there are: a build may leave what it made of others.
  private func objectFiles(of module: String) throws -> [String] {
    let folder = "\(build)/\(module).build"
    let sources = FileManager.default.subpaths(atPath: "\(Page.package)/Sources/\(module)") ?? []
    let names = Set(sources.map { "\(URL(fileURLWithPath: $0).lastPathComponent).o" })
    // Sources of other packages lie elsewhere.
    return try FileManager.default.contentsOfDirectory(atPath: folder)
      .filter { names.contains($0) || (names.isEmpty && $0.hasSuffix(".o")) }
      .map { "\(folder)/\($0)" }
  }

  /// Of the modules in C.
  private var moduleMaps: [String] {
    [
      "\(build)/PlushKernels.build/module.modulemap",
      "\(build)/PlushCodecs.build/module.modulemap",
      "\(Page.package)/Sources/CZlib/module.modulemap",
    ]
  }
}

/// Runs a program in a folder; gives its exit status and what it wrote.
func run(
  _ program: String, _ arguments: [String] = [], in folder: String
) throws -> (status: Int32, output: String, errors: String) {
  let process = Process()
  process.executableURL = URL(fileURLWithPath: program)
  process.arguments = arguments
  process.currentDirectoryURL = URL(fileURLWithPath: folder)
  // Files, unlike pipes, never fill up.
  let files = try ["output", "errors"].map { name in
    let path = "\(FileManager.default.temporaryDirectory.path)/plush-\(name)-\(UUID().uuidString)"
    try Data().write(to: URL(fileURLWithPath: path))
    return path
  }
  defer { files.forEach { try? FileManager.default.removeItem(atPath: $0) } }
  process.standardOutput = FileHandle(forWritingAtPath: files[0])
  process.standardError = FileHandle(forWritingAtPath: files[1])
  try process.run()
  process.waitUntilExit()
  let texts = try files.map { try String(contentsOfFile: $0, encoding: .utf8) }
  return (process.terminationStatus, texts[0], texts[1])
}

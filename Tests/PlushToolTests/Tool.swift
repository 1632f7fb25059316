import Foundation
import Plush
import PlushTestSupport
import Testing

/// The built tool, run as its users run it.
struct Tool {
  /// What a run left behind.
  struct Result {
    let status: Int32
    let output: String
    let errors: String

    /// The objects of the lines of the output.
    var events: [JSON] {
      get throws { try output.split(separator: "\n").map { try JSON(parsing: String($0)) } }
    }

    /// The last object of the output.
    var last: JSON { get throws { try #require(try events.last) } }
  }

  private let process = Process()
  private let output = TestFileHandle()
  private let errors = TestFileHandle()

  /// Starts the tool, which may be given no more memory than a limit: Linux then ends it.
  init(
    _ arguments: [String], in folder: String, environment: [String: String] = [:],
    memoryLimit: Int? = nil
  ) throws {
    // The tool stands beside the bundle of tests.
    let bundle = URL(fileURLWithPath: CommandLine.arguments[0])
    let tool = bundle.deletingLastPathComponent().appendingPathComponent("plush")
    process.executableURL = memoryLimit == nil ? tool : URL(fileURLWithPath: "/bin/sh")
    let limited = memoryLimit.map { "ulimit -d \($0 >> 10) && exec \"$0\" \"$@\"" }
    process.arguments = (limited.map { ["-c", $0, tool.path] } ?? []) + arguments
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    var all = ProcessInfo.processInfo.environment
    all["PLUSH_DATA"] = nil
    all["PLUSH_THREADS"] = "2"
    for (name, value) in environment { all[name] = value }
    process.environment = all
    process.standardOutput = output.handle
    process.standardError = errors.handle
    process.standardInput = FileHandle.nullDevice
    try process.run()
  }

  /// Sends a signal.
  func send(_ signal: Int32) { kill(process.processIdentifier, signal) }

  /// Whether the tool still runs.
  var isRunning: Bool { process.isRunning }

  /// Waits for the end.
  func wait() throws -> Result {
    process.waitUntilExit()
    return Result(
      status: process.terminationStatus, output: try output.text(), errors: try errors.text())
  }

  /// Waits until the tool has written a file, and fails if it ends before.
  func wait(forFile path: String) throws {
    while !FileManager.default.fileExists(atPath: path) {
      try #require(isRunning, "the tool ended before it wrote \(path)")
      usleep(2_000)
    }
  }

  /// Runs the tool to its end.
  static func run(
    _ arguments: String..., in folder: TestFolder, environment: [String: String] = [:]
  ) throws -> Result {
    try Tool(arguments, in: folder.path, environment: environment).wait()
  }
}

/// A file that takes what a process writes, which may be more than a pipe holds.
private final class TestFileHandle {
  private let path = NSTemporaryDirectory() + "/plush-\(UUID().uuidString)"
  let handle: FileHandle

  init() {
    _ = FileManager.default.createFile(atPath: path, contents: nil)
    handle = FileHandle(forWritingAtPath: path) ?? .nullDevice
  }

  func text() throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// The bytes of the weights of a saved model.
func savedWeights(_ folder: String) throws -> [UInt8] {
  let manifest = try JSON(file: "\(folder)/model.json")["weightsManifest"]
  let name = try #require(manifest?[0]?["paths"]?[0]?.string)
  return try readFile("\(folder)/\(name)")
}

import Foundation
import Testing

/// Readers that are given damaged files.
@Suite struct FuzzingTests {
  /// PLUSH_FUZZ_INPUTS says how many: a quick look by default, two million for a thorough one.
  @Test func noInputCrashesHangsOrTakesMuchMemory() throws {
    let bundle = URL(fileURLWithPath: CommandLine.arguments[0])
    let process = Process()
    process.executableURL = bundle.deletingLastPathComponent().appendingPathComponent("PlushFuzzer")
    let environment = ProcessInfo.processInfo.environment
    process.arguments = [
      environment["PLUSH_FUZZ_INPUTS"] ?? "12000", environment["PLUSH_FUZZ_SEED"] ?? "1",
    ]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    let text = String(decoding: data, as: UTF8.self)
    #expect(process.terminationStatus == 0, "\(text)")
    #expect(text.hasSuffix("\n0 faults\n"), "\(text)")
    // Damage must reach into the readers, and not all of it may be refused at the door.
    let counts = text.split(separator: "\n").dropLast().map { line in
      line.drop { $0 != ":" }.split { !$0.isNumber }.compactMap { Int($0) }
    }
    #expect(counts.count > 10 && counts.allSatisfy { $0.count == 4 && $0[1] > 0 }, "\(text)")
  }
}

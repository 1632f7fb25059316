import Foundation

/// Gives damaged files to everything that reads files, and tells what fails.
///
///     PlushFuzzer COUNT [SEED [READER]]     runs so many inputs; the status is 1 if any fails
///     PlushFuzzer input READER INDEX SEED   writes an input to the standard output
@main struct Fuzzer {
  private let seed: UInt64
  private let folder: String
  private var faults = 0

  static func main() throws {
    let arguments = Array(CommandLine.arguments.dropFirst())
    let folder = NSTemporaryDirectory() + "/plush-fuzzer-\(UUID().uuidString)"
    if arguments.first == "work", arguments.count == 6 {
      let worker = Worker(
        readerName: arguments[1], seed: UInt64(arguments[2])!, folder: arguments[5])
      return try worker.run(Int(arguments[3])!..<Int(arguments[4])!)
    }
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    if arguments.first == "input", arguments.count == 4 {
      let worker = Worker(readerName: arguments[1], seed: UInt64(arguments[3])!, folder: folder)
      let input = worker.input(Int(arguments[2])!, of: try worker.reader())
      return FileHandle.standardOutput.write(Data(input))
    }
    var fuzzer = Fuzzer(seed: arguments.count > 1 ? UInt64(arguments[1])! : 1, folder: folder)
    let only = arguments.count > 2 ? arguments[2] : nil
    try fuzzer.run(Int(arguments.first ?? "") ?? 12000, only: only)
    if fuzzer.faults > 0 {
      try? FileManager.default.removeItem(atPath: folder)
      exit(1)
    }
  }

  private init(seed: UInt64, folder: String) {
    self.seed = seed
    self.folder = folder
  }

  private mutating func run(_ count: Int, only: String?) throws {
    let readers = try Reader.all(in: folder).filter { only == nil || $0.name == only }
    let shares = readers.reduce(0) { $0 + $1.share }
    for reader in readers { try run(reader, max(1, count * reader.share / shares)) }
    print("\(faults) faults")
  }

  /// Runs a reader in one process after another, since one ends with the input that crashes it.
  private mutating func run(_ reader: Reader, _ count: Int) throws {
    var next = 0
    var counts = (read: 0, refused: 0)
    var found = 0
    while next < count, found < 20 {
      let (lines, status) = try work(reader, next..<count)
      for line in lines {
        let words = line.split(separator: " ", maxSplits: 2)
        if words.count == 3, words[0] == "fault" {
          found += 1
          print("\(reader.name), input \(words[1]): \(words[2])")
        } else if words.count == 3, words[0] == "counts" {
          counts.read += Int(words[1])!
          counts.refused += Int(words[2])!
        }
      }
      if status.isEmpty { break }
      let place = try Data(contentsOf: URL(fileURLWithPath: Worker.placePath(folder)))
      let index = place.reversed().reduce(0) { $0 << 8 | Int($1) }
      print("\(reader.name), input \(index): \(status)")
      found += 1
      next = index + 1
    }
    faults += found
    print(
      "\(reader.name): \(count) inputs, \(counts.read) read, \(counts.refused) refused, "
        + "\(found) faults")
    fflush(nil)
  }

  /// The lines that a process prints, and how it ended if not well.
  private func work(_ reader: Reader, _ indices: Range<Int>) throws -> ([Substring], String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: CommandLine.arguments[0])
    process.arguments = [
      "work", reader.name, "\(seed)", "\(indices.lowerBound)", "\(indices.upperBound)", folder,
    ]
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    // Large pieces of memory go back to the system at once, so that they count anew.
    process.environment = ProcessInfo.processInfo.environment.merging([
      "PLUSH_THREADS": "1", "SWIFT_BACKTRACE": "enable=no", "MALLOC_MMAP_THRESHOLD_": "65536",
      "MALLOC_TRIM_THRESHOLD_": "65536",
    ]) { $1 }
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    let isSound = process.terminationReason == .exit && process.terminationStatus == 0
    let status = process.terminationStatus
    let end =
      status == SIGALRM ? "it hangs" : "it ends the process with signal or status \(status)"
    return (text.split(separator: "\n"), isSound ? "" : end)
  }
}

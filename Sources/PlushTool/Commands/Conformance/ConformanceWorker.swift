import Plush
import PlushConformance

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  @preconcurrency import Musl
#else
  @preconcurrency import Glibc
#endif

/// This program, running cases in a process of its own.
struct ConformanceWorker {
  private let number: pid_t
  private let output: Int32

  /// What the process does: runs the cases from a number on and prints a line for each.
  static func run(_ cases: [any ConformanceCase], from first: Int) {
    for test in cases.dropFirst(first) { printJSON(test.run().json) }
  }

  /// Starts this program again, with these arguments.
  ///
  /// - Throws: `WorkerError` if the system cannot start it.
  init(_ arguments: [String]) throws {
    var ends: [Int32] = [0, 0]
    let program = CommandLine.arguments[0]
    guard pipe(&ends) == 0 else { throw Self.error(errno, program) }
    // Nobody waits for a backtrace. The environment may move, so this comes first.
    setenv("SWIFT_BACKTRACE", "enable=no", 1)
    #if canImport(Darwin)
      var actions: posix_spawn_file_actions_t?
      let environment = _NSGetEnviron().pointee
    #else
      var actions = posix_spawn_file_actions_t()
      let environment = environ
    #endif
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    // Messages of a program that stops come between the lines.
    for stream in [1, 2] as [Int32] { posix_spawn_file_actions_adddup2(&actions, ends[1], stream) }
    for end in ends { posix_spawn_file_actions_addclose(&actions, end) }
    var words = ([program] + arguments).map { strdup($0) } + [nil]
    defer { words.forEach { free($0) } }
    var number: pid_t = 0
    let status = posix_spawnp(&number, program, &actions, nil, &words, environment)
    close(ends[1])
    guard status == 0 else {
      close(ends[0])
      throw Self.error(status, program)
    }
    (self.number, output) = (number, ends[0])
  }

  private static func error(_ code: Int32, _ program: String) -> WorkerError {
    WorkerError(message: "\(program) cannot be started again: \(String(cString: strerror(code))).")
  }

  /// Calls `body` for each outcome, until it returns false or the process ends.
  ///
  /// - Returns: the last message that is no outcome.
  func outcomes(_ body: (ConformanceOutcome) -> Bool) -> String {
    var message = "it ended"
    var isWanted = true
    var line: [UInt8] = []
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    while case let count = read(output, &bytes, bytes.count), count > 0 || errno == EINTR {
      for byte in bytes.prefix(max(0, count)) {
        if byte != UInt8(ascii: "\n") {
          line.append(byte)
          continue
        }
        let text = String(decoding: line, as: UTF8.self)
        line = []
        if let json = try? JSON(parsing: text), let outcome = ConformanceOutcome(json) {
          if isWanted { isWanted = body(outcome) }
        } else if text.contains("Fatal error") {
          message = text
        }
      }
      errno = 0
    }
    close(output)
    var status: Int32 = 0
    while waitpid(number, &status, 0) < 0, errno == EINTR {}
    return message
  }
}

/// The system did not start a process.
private struct WorkerError: PlushError {
  var message: String
  var hint: String?
}

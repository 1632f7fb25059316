#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  @preconcurrency import Musl
#else
  @preconcurrency import Glibc
#endif

/// A program that runs beside this one, without input; its messages go to a file.
///
/// Foundation's `Process` would do, but loading Foundation takes longer than a small training.
struct ChildProcess {
  private let number: pid_t

  /// The program's path, looked up in folders separated by colons; nil if it is not there.
  static func find(_ name: String, in searchPath: String) -> String? {
    searchPath.split(separator: ":").map { "\($0)/\(name)" }.first {
      guard case .file? = try? PathStatus($0) else { return false }
      return FileSystem.isExecutable($0)
    }
  }

  /// Starts a program.
  ///
  /// - Throws: `FileError` if the system cannot start it.
  init(_ program: String, _ arguments: [String], messages: String) throws {
    #if canImport(Darwin)
      var actions: posix_spawn_file_actions_t?
      let environment = _NSGetEnviron().pointee
    #else
      var actions = posix_spawn_file_actions_t()
      let environment = environ
    #endif
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 2, messages, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    var words = ([program] + arguments).map { strdup($0) } + [nil]
    defer { words.forEach { free($0) } }
    var number: pid_t = 0
    let status = posix_spawn(&number, program, &actions, nil, &words, environment)
    guard status == 0 else {
      throw FileError(errno: status, program, expected: "to start the program")
    }
    self.number = number
  }

  /// Waits for the end, calling `whileWaiting` from time to time.
  ///
  /// - Returns: the exit status; 128 and more for one ended by a signal.
  func wait(_ whileWaiting: () -> Void) -> Int {
    var status: Int32 = 0
    while true {
      let ended = waitpid(number, &status, WNOHANG)
      if ended == number { break }
      if ended < 0, errno != EINTR { return 255 }
      whileWaiting()
      usleep(20_000)
    }
    let signal = status & 0x7F
    return Int(signal == 0 ? status >> 8 & 0xFF : 128 + signal)
  }
}

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Ctrl-C: the first asks for the end of training, the second ends the process.
enum Interrupt {
  // The handler may do little more than set this.
  nonisolated(unsafe) private static var count: sig_atomic_t = 0

  /// The exit code of a process that ended by Ctrl-C.
  static let exitCode: Int32 = 130

  /// Whether the user pressed Ctrl-C.
  static var isRequested: Bool { count > 0 }

  /// Takes Ctrl-C from now on.
  static func watch() {
    signal(SIGINT) { _ in
      if Interrupt.count > 0 { _exit(Interrupt.exitCode) }
      Interrupt.count += 1
    }
  }
}

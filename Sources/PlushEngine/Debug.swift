#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// What PLUSH_DEBUG asks to be shown on standard error: any of program, plan, time, joined by commas.
enum Debug {
  private static let topics: Set<Substring> = {
    guard let value = getenv("PLUSH_DEBUG") else { return [] }
    return Set(String(cString: value).split(separator: ","))
  }()

  private static let isQuiet = topics.isEmpty

  static func shows(_ topic: Substring) -> Bool { !isQuiet && topics.contains(topic) }

  static func print(_ topic: String, _ text: String) {
    let lines = text.split(separator: "\n").map { "plush \(topic): \($0)\n" }.joined()
    _ = lines.withCString { write(STDERR_FILENO, $0, strlen($0)) }
  }
}

extension String {
  func leftPadded(to width: Int) -> String {
    String(repeating: " ", count: max(0, width - count)) + self
  }
}

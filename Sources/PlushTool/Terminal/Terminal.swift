#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Where text goes to.
enum Stream: Int32 {
  case output = 1
  case error = 2

  /// Whether somebody reads along on a terminal.
  var isTerminal: Bool { isatty(rawValue) == 1 }

  /// Columns of the terminal, or 80.
  var width: Int {
    var size = winsize()
    guard ioctl(rawValue, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return Int(size.ws_col)
  }
}

/// Writes to standard output at once.
func writeOutput(_ text: String) { write(text, to: .output) }

/// Writes to standard error at once.
func writeError(_ text: String) { write(text, to: .error) }

private func write(_ text: String, to stream: Stream) {
  var bytes = Array(text.utf8)[...]
  while !bytes.isEmpty {
    let count = bytes.withUnsafeBytes { write(stream.rawValue, $0.baseAddress, $0.count) }
    if count < 0 && errno == EINTR { continue }
    if count <= 0 { return }
    bytes = bytes.dropFirst(count)
  }
}

/// Colours and weights of text, on terminals only and not where NO_COLOR asks for none.
struct Style {
  private let isColored: Bool

  init(of stream: Stream) {
    let refused = getenv("NO_COLOR").map { $0.pointee != 0 } ?? false
    let isDumb = getenv("TERM").map { String(cString: $0) == "dumb" } ?? false
    isColored = stream.isTerminal && !refused && !isDumb
  }

  func bold(_ text: String) -> String { code("1", text) }
  func dim(_ text: String) -> String { code("2", text) }
  func red(_ text: String) -> String { code("31", text) }
  func green(_ text: String) -> String { code("32", text) }
  func yellow(_ text: String) -> String { code("33", text) }
  func cyan(_ text: String) -> String { code("36", text) }
  func magenta(_ text: String) -> String { code("35", text) }

  /// A half block with the upper shade before the lower, or nil where there are no colours.
  func grey(_ above: Float, _ below: Float) -> String? {
    guard isColored else { return nil }
    // The 24 greys of the palette with 256 colours.
    func index(_ shade: Float) -> Int { 232 + min(23, max(0, Int(shade * 23.99))) }
    return "\u{1B}[38;5;\(index(above));48;5;\(index(below))m▀\u{1B}[0m"
  }

  private func code(_ code: String, _ text: String) -> String {
    isColored ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
  }
}

/// A line of the terminal that is drawn again and again.
struct ProgressLine {
  private let clock = ContinuousClock()
  private var lastDraw: ContinuousClock.Instant?
  private var isDrawn = false

  /// Whether the last drawing is old enough for another.
  var isDue: Bool { lastDraw.map { clock.now - $0 > .milliseconds(80) } ?? true }

  /// Draws the line in place of what stands there, cut to the terminal.
  mutating func draw(_ text: String) {
    writeOutput("\r\(text.prefix(max(1, Stream.output.width - 1)))\u{1B}[K")
    lastDraw = clock.now
    isDrawn = true
  }

  /// Takes the line away.
  mutating func clear() {
    if isDrawn { writeOutput("\r\u{1B}[K") }
    isDrawn = false
  }

  /// A bar of a width of which a share is filled, to an eighth of a character.
  static func bar(_ share: Double, width: Int) -> String {
    let eighths = Int((min(1, max(0, share)) * Double(width * 8)).rounded())
    let partial = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"][eighths % 8]
    let filled = String(repeating: "█", count: eighths / 8) + partial
    return filled + String(repeating: "░", count: width - filled.count)
  }
}

extension Double {
  /// A time: `3.2 ms`, `0.43 s`, `12.1 s`, `3:07`, `2:00:30`.
  var timeText: String {
    if self < 0.1 { return "\((self * 10_000).rounded() / 10) ms" }
    if self < 10 { return "\((self * 100).rounded() / 100) s" }
    if self < 60 { return "\((self * 10).rounded() / 10) s" }
    let total = Int(rounded())
    let (hours, minutes, seconds) = (total / 3600, total / 60 % 60, total % 60)
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    return hours == 0 ? "\(minutes):\(two(seconds))" : "\(hours):\(two(minutes)):\(two(seconds))"
  }
}

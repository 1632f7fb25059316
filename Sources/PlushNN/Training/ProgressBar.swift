#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Shows how training goes: a bar with the time left on a terminal, a line for each epoch elsewhere.
package struct ProgressBar {
  private let style: Verbosity
  private let clock = ContinuousClock()
  private var epochStart: ContinuousClock.Instant
  private var lastDraw: ContinuousClock.Instant
  private var firstBatch = 0
  private var lastWidth = 0
  private let write: (String) -> Void

  package init(_ verbosity: Verbosity, write: @escaping (String) -> Void = writeToTerminal) {
    let isTerminal = isatty(1) == 1
    style = verbosity == .automatic ? (isTerminal ? .progressBar : .linePerEpoch) : verbosity
    epochStart = clock.now
    lastDraw = epochStart
    self.write = write
  }

  package mutating func beginEpoch(_ progress: TrainingProgress) {
    epochStart = clock.now
    lastDraw = epochStart
    firstBatch = progress.batch
    if style == .progressBar { write("Epoch \(progress.epoch + 1)/\(progress.epochs)\n") }
  }

  /// Draws the bar, at most ten times a second.
  package mutating func endBatch(_ progress: TrainingProgress) throws {
    guard style == .progressBar, clock.now - lastDraw > .milliseconds(100) else { return }
    lastDraw = clock.now
    let elapsed = seconds(clock.now - epochStart)
    let done = progress.batch - firstBatch
    if progress.batches == 0 {
      return draw("\(progress.batch)/? - \(elapsed.clockText)", try progress.logs)
    }
    let left = elapsed / Double(max(1, done)) * Double(max(0, progress.batches - progress.batch))
    draw(
      "\(Self.bar(progress.batch, progress.batches)) - \(left.clockText) left", try progress.logs)
  }

  package mutating func endEpoch(_ progress: TrainingProgress) throws {
    let elapsed = seconds(clock.now - epochStart)
    let done = max(1, progress.batch - firstBatch)
    let time = "\(elapsed.clockText) - \((elapsed / Double(done)).shortText)/step"
    switch style {
    case .progressBar:
      draw("\(Self.bar(progress.batch, progress.batches)) - \(time)", try progress.logs)
      write("\n")
      lastWidth = 0
    case .linePerEpoch:
      print("Epoch \(progress.epoch + 1)/\(progress.epochs) - \(time) - \(try progress.logs)")
    case .silent, .automatic: break
    }
  }

  func end(_ history: History) {
    guard style != .silent, history.end != .completed else { return }
    print("Training was \(history.end.rawValue)" + (history.reason.map { ": \($0)" } ?? ""))
  }

  private mutating func draw(_ text: String, _ logs: Logs) {
    let line = "\(text) - \(logs)"
    let rest = String(repeating: " ", count: max(0, lastWidth - line.count))
    write("\r\(line)\(rest)")
    lastWidth = line.count
  }

  /// `12/235 [==>...........................]`
  static func bar(_ done: Int, _ total: Int) -> String {
    let width = 30
    let filled = total == 0 ? width : done * width / total
    let bar: String
    if filled >= width {
      bar = String(repeating: "=", count: width)
    } else {
      bar =
        String(repeating: "=", count: max(0, filled - 1)) + (filled > 0 ? ">" : "")
        + String(repeating: ".", count: width - filled)
    }
    let count = "\(done)"
    let padding = String(repeating: " ", count: max(0, "\(total)".count - count.count))
    return "\(padding)\(count)/\(total) [\(bar)]"
  }
}

private func seconds(_ duration: Duration) -> Double {
  let (seconds, attoseconds) = duration.components
  return Double(seconds) + Double(attoseconds) * 1e-18
}

extension Double {
  /// `45s`, `3:07`, `2:00:30`.
  var clockText: String {
    let total = Int(rounded())
    let (hours, minutes, seconds) = (total / 3600, total / 60 % 60, total % 60)
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    if total < 60 { return "\(seconds)s" }
    return hours == 0 ? "\(minutes):\(two(seconds))" : "\(hours):\(two(minutes)):\(two(seconds))"
  }

  /// `12ms`, `340us`, `2s`.
  fileprivate var shortText: String {
    if self >= 1 { return "\(Int(rounded()))s" }
    return self >= 1e-3 ? "\(Int((self * 1e3).rounded()))ms" : "\(Int((self * 1e6).rounded()))us"
  }
}

/// Writes without waiting for the end of a line.
package func writeToTerminal(_ text: String) {
  var bytes = Array(text.utf8)[...]
  while !bytes.isEmpty {
    let count = bytes.withUnsafeBytes { write(1, $0.baseAddress, $0.count) }
    if count <= 0 { return }
    bytes = bytes.dropFirst(count)
  }
}

import Foundation
import Plush

/// What befell an input.
enum Fate {
  case read
  case refused
  /// A finding, in words.
  case fault(String)
}

/// Runs readers within bounds: a second of the processor, and of memory ten times the input and 64
/// MiB more. Who wants more memory is stopped by the system, who hangs by an alarm.
struct Watch {
  private static let extraMemory = 64 << 20
  private static let alarmSeconds: UInt32 = 30

  func run(_ reader: Reader, _ input: [UInt8]) -> Fate {
    Self.limitMemory(10 * input.count + Self.extraMemory)
    alarm(Self.alarmSeconds)
    defer { alarm(0) }
    let start = Self.processorTime
    var fate = Fate.read
    do {
      try reader.read(input)
    } catch {
      fate = error is any PlushError ? .refused : .fault("an error of another kind: \(error)")
    }
    let seconds = Self.processorTime - start
    return seconds > 1 ? .fault("it takes \(seconds) s") : fate
  }

  private static var processorTime: Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }

  /// Lets the process take so much more memory than it has; Linux alone counts what is asked for.
  private static func limitMemory(_ more: Int) {
    #if os(Linux)
      var limit = rlimit()
      getrlimit(__rlimit_resource_t(RLIMIT_DATA.rawValue), &limit)
      limit.rlim_cur = rlim_t(dataSize + more)
      setrlimit(__rlimit_resource_t(RLIMIT_DATA.rawValue), &limit)
    #endif
  }

  #if os(Linux)
    private static let statistics = open("/proc/self/statm", O_RDONLY)

    /// The bytes of memory that the process may write to.
    private static var dataSize: Int {
      var text = [UInt8](repeating: 0, count: 128)
      let count = pread(statistics, &text, text.count, 0)
      let fields = text.prefix(max(0, count)).split(separator: UInt8(ascii: " "))
      let pages = fields.count > 5 ? Int(String(decoding: fields[5], as: UTF8.self)) : nil
      return (pages ?? 1 << 40) * Int(getpagesize())
    }
  #endif
}

import ArgumentParser
import Plush

/// `plush bench`
struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Time pieces of work.",
    discussion: """
      Each is warmed up three times, then run for eight seconds or 2000 times; the median and the \
      minimum are told, and the most memory that the process has had so far: name one workload to \
      learn its own. Run it on a machine that does nothing else.

      WORKLOADS
      \(Workload.allCases.map { "  \($0.rawValue.padded(to: 8)) \($0.summary)" }
        .joined(separator: "\n"))

      EXAMPLES
        plush bench
        plush bench mlp gemm --json
      """)

  @Argument(help: "The workloads; all if left out.")
  var workloads: [Workload] = []

  @Flag(help: "Print one JSON object a line.")
  var json = false

  func run() throws {
    for workload in workloads.isEmpty ? Workload.allCases : workloads {
      let timing = try Timing(try workload.prepare())
      let (median, minimum) = (timing.median.rounded4, timing.minimum.rounded4)
      let peak = (Double(peakResidentBytes) / 1e5).rounded() / 10
      if json {
        printJSON([
          "peer": "plush", "workload": .string(workload.rawValue), "ms": .double(median),
          "min": .double(minimum), "peak_mb": .double(peak),
        ])
      } else {
        let name = workload.rawValue.padded(to: 8)
        writeOutput(
          "\(name) \(median) ms (minimum \(minimum) ms), \(peak) MB  \(workload.summary)\n")
      }
    }
  }
}

extension Workload: ExpressibleByArgument {}

extension Double {
  fileprivate var rounded4: Double { (self * 10_000).rounded() / 10_000 }
}

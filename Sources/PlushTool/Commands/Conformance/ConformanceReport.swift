import Plush
import PlushConformance

/// Runs cases in processes of their own, since a case may stop the program, and reports on them.
struct ConformanceReport {
  private(set) var passed = 0
  private(set) var failed = 0
  private var reasons: [String: Int] = [:]
  private let printsJSON: Bool

  init(printsJSON: Bool) { self.printsJSON = printsJSON }

  /// Runs all cases.
  ///
  /// - Parameter arguments: of a process that runs the cases from a number on.
  /// - Returns: the report with its sums.
  func run(
    _ cases: [any ConformanceCase], arguments: (Int) -> [String]
  ) throws -> ConformanceReport {
    var report = self
    var next = 0
    while next < cases.count {
      let worker = try ConformanceWorker(arguments(next))
      let end = worker.outcomes { outcome in
        report.count(outcome, of: cases[next].name)
        next += 1
        return next < cases.count
      }
      if next < cases.count {
        report.count(.failed("it stops the program: \(end)"), of: cases[next].name)
        next += 1
      }
    }
    report.conclude()
    return report
  }

  private mutating func count(_ outcome: ConformanceOutcome, of name: String) {
    switch outcome {
    case .passed: passed += 1
    case .failed: failed += 1
    case .skipped(let reason): reasons[reason, default: 0] += 1
    }
    if printsJSON {
      printJSON(outcome.json.merging(["event": "case", "name": .string(name)]))
    } else if case .failed(let reason) = outcome {
      writeOutput("failed: \(name): \(reason)\n")
    }
  }

  private func conclude() {
    let skipped = reasons.values.reduce(0, +)
    let sums = "\(passed) passed, \(failed) failed\n"
    if printsJSON {
      printJSON([
        "event": "end", "passed": .int(passed), "failed": .int(failed), "skipped": .int(skipped),
        "reasons": .object(reasons.mapValues { .int($0) }),
      ])
      writeOutput(sums)
      return
    }
    for (reason, count) in reasons.sorted(by: { ($1.value, $0.key) < ($0.value, $1.key) }) {
      writeOutput("skipped \(count): \(reason)\n")
    }
    writeOutput(sums)
  }
}

extension ConformanceOutcome {
  /// The outcome as the object of a line.
  var json: JSON {
    switch self {
    case .passed: ["outcome": "passed"]
    case .failed(let reason): ["outcome": "failed", "reason": .string(reason)]
    case .skipped(let reason): ["outcome": "skipped", "reason": .string(reason)]
    }
  }

  /// The outcome that an object tells, if it does.
  init?(_ json: JSON) {
    let reason = json["reason"]?.string ?? ""
    switch json["outcome"]?.string {
    case "passed": self = .passed
    case "failed": self = .failed(reason)
    case "skipped": self = .skipped(reason)
    default: return nil
    }
  }
}

extension JSON {
  /// The object with more members.
  fileprivate func merging(_ members: [String: JSON]) -> JSON {
    .object((object ?? [:]).merging(members) { $1 })
  }
}

import PlushEngine

/// Plans of the programs that ran lately.
final class PlanCache: @unchecked Sendable {
  static let shared = PlanCache()

  private struct Key: Hashable {
    var device: String
    var program: Program
  }

  private struct Entry {
    var plan: any Plan
    var lastUse: Int
  }

  private let lock = Lock()
  private let limit = 512
  private var entries: [Key: Entry] = [:]
  private var uses = 0

  /// The plan of a program, made now if it is new.
  func plan(for program: Program, on device: any Device) throws -> any Plan {
    let key = Key(device: device.name, program: program)
    if let plan = find(key) { return plan }
    let plan = try device.compile(program)
    lock.withLock {
      if entries.count >= limit { removeOldest() }
      uses += 1
      entries[key] = Entry(plan: plan, lastUse: uses)
    }
    return plan
  }

  private func find(_ key: Key) -> (any Plan)? {
    lock.withLock {
      guard let index = entries.index(forKey: key) else { return nil }
      uses += 1
      entries.values[index].lastUse = uses
      return entries.values[index].plan
    }
  }

  /// Removes a quarter at once, so that a full cache is not searched for every new program.
  private func removeOldest() {
    let ages = entries.values.map(\.lastUse).sorted()
    let limit = ages[ages.count / 4]
    entries = entries.filter { $0.value.lastUse > limit }
  }
}

import PlushEngine

/// Starts all random numbers anew: the same seed gives the same numbers, on any device and any
/// number of threads.
public func seed(_ value: Int) { RandomState.shared.restart(Int64(value), counter: 0) }

/// Runs `body` with random numbers of its own, which depend on `seed` and `counter` alone.
public func withRandomKey<R>(
  seed: Int, counter: Int = 0, _ body: () throws -> R
) rethrows -> R {
  let state = RandomState(Int64(seed), counter: Int64(counter))
  return try RandomState.$scoped.withValue(state, operation: body)
}

/// Counts the draws. A draw's bits depend on the seed and its number only.
final class RandomState: @unchecked Sendable {
  /// That of the process; its seed is another in every run unless `seed` sets it.
  static let shared = RandomState(Int64.random(in: 0...Int64.max), counter: 0)
  @TaskLocal static var scoped: RandomState?

  private let lock = Lock()
  private var seed: Int64
  private var counter: Int64

  init(_ seed: Int64, counter: Int64) {
    self.seed = seed
    self.counter = counter
  }

  func restart(_ seed: Int64, counter: Int64) {
    lock.withLock { (self.seed, self.counter) = (seed, counter) }
  }

  /// The key of the next draw.
  func next() -> (Int64, Int64) {
    lock.withLock {
      defer { counter += 1 }
      return (seed, counter)
    }
  }

  /// The key of the next draw outside of traces.
  static func nextKey() -> (Int64, Int64) { (scoped ?? shared).next() }

  /// The key of a draw and the stream to take under it; `streams` are reserved.
  static func draw(streams: Int) -> (key: Tensor, stream: Int) {
    if scoped == nil, let trace = Trace.current { return trace.draw(streams: streams) }
    let key = nextKey()
    return (Tensor([key.0, key.1], shape: [2]), 0)
  }
}

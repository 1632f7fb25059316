import PlushKernels
import Synchronization
import Testing

/// Counts how often each chunk ran.
private final class Visits: Sendable {
  let counts: Mutex<[Int]>
  init(_ count: Int) { counts = Mutex(Array(repeating: 0, count: count)) }
  func visit(_ chunk: Int) { counts.withLock { $0[chunk] += 1 } }
  var once: Bool { counts.withLock { $0.allSatisfy { $0 == 1 } } }
}

private func parallel(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
  final class Box: Sendable {
    let body: @Sendable (Int) -> Void
    init(_ body: @escaping @Sendable (Int) -> Void) { self.body = body }
  }
  let box = Box(body)
  let context = Unmanaged.passUnretained(box).toOpaque()
  plush_parallel(
    count,
    { context, chunk in
      guard let context else { return }
      Unmanaged<Box>.fromOpaque(context).takeUnretainedValue().body(chunk)
    }, context)
  withExtendedLifetime(box) {}
}

/// The number of threads is one for the process: these tests take turns.
@Suite(.serialized) struct ThreadsTests {
  @Test(arguments: [1, 2, 3, 8, 33]) func everyChunkRunsOnce(threads: Int32) {
    let before = plush_thread_count()
    defer { plush_set_thread_count(before) }
    plush_set_thread_count(threads)
    #expect(plush_thread_count() == threads)
    for count in [0, 1, 2, 3, 7, 64, 1000] {
      for _ in 0..<20 {
        let visits = Visits(count)
        parallel(count) { visits.visit($0) }
        #expect(visits.once)
      }
    }
  }

  @Test func countOfThreadsIsClamped() {
    let before = plush_thread_count()
    defer { plush_set_thread_count(before) }
    plush_set_thread_count(-3)
    #expect(plush_thread_count() == 1)
    plush_set_thread_count(100_000)
    #expect(plush_thread_count() == 256)
  }

  @Test func nestedRegionsRunInPlace() {
    let visits = Visits(16 * 16)
    parallel(16) { outer in parallel(16) { inner in visits.visit(outer * 16 + inner) } }
    #expect(visits.once)
  }

  @Test func callersFromManyThreads() async {
    await withTaskGroup(of: Bool.self) { group in
      for _ in 0..<8 {
        group.addTask {
          (0..<200).allSatisfy { _ in
            let visits = Visits(10)
            parallel(10) { visits.visit($0) }
            return visits.once
          }
        }
      }
      for await once in group { #expect(once) }
    }
  }

  @Test func countMayChangeWhileOthersRun() async {
    let before = plush_thread_count()
    defer { plush_set_thread_count(before) }
    await withTaskGroup(of: Bool.self) { group in
      for caller in 0..<4 {
        group.addTask {
          (0..<100).allSatisfy { i in
            plush_set_thread_count(Int32(1 + (caller + i) % 5))
            let visits = Visits(12)
            parallel(12) { visits.visit($0) }
            return visits.once
          }
        }
      }
      for await once in group { #expect(once) }
    }
  }
}

import PlushTensor

extension Dataset {
  /// A data set whose elements are made from their numbers, several at once on other threads.
  ///
  /// Elements come in order, and neither they nor their order depend on how many are made at once.
  ///
  /// - Parameters:
  ///   - count: how many elements an epoch has.
  ///   - limit: how many may be under way or ready at once.
  ///   - start: begins an epoch; what it returns makes the element of a number, from 0.
  public init(
    count: Int, parallel limit: Int,
    start:
      @escaping @Sendable (_ epoch: Int) throws -> (
        @Sendable (_ index: Int) throws -> Samples
      )
  ) {
    self.init(count: count) { epoch in
      let queue = ParallelQueue(
        count: count, limit: Swift.max(1, limit), element: try start(epoch))
      return { try await queue.next() }
    }
  }
}

/// Tasks that each make one element, the first of them the next to be asked for.
private final class ParallelQueue {
  private let count: Int
  private let limit: Int
  private let element: @Sendable (Int) throws -> Samples
  private var tasks: [Task<Samples, any Error>] = []
  private var started = 0

  init(count: Int, limit: Int, element: @escaping @Sendable (Int) throws -> Samples) {
    (self.count, self.limit, self.element) = (count, limit, element)
  }

  deinit { tasks.forEach { $0.cancel() } }

  nonisolated(nonsending) func next() async throws -> Samples? {
    fill()
    guard !tasks.isEmpty else { return nil }
    let first = tasks.removeFirst()
    // The place that became free is used while the first is waited for.
    fill()
    return try await withTaskCancellationHandler {
      try await first.value
    } onCancel: {
      first.cancel()
    }
  }

  private func fill() {
    while tasks.count < limit, started < count {
      tasks.append(
        Task { [element, index = started] in
          try Task.checkCancellation()
          let samples = try element(index)
          realize(samples.arrays)
          return samples
        })
      started += 1
    }
  }
}

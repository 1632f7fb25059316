import PlushTensor

extension Dataset {
  /// The same elements, made in the background while earlier ones are used.
  ///
  /// - Parameter limit: how many elements may be ready at once.
  public func prefetch(_ limit: Int = 2) -> Dataset {
    Dataset(count: count) { epoch in
      let queue = PrefetchQueue(try start(epoch), limit: Swift.max(1, limit))
      return { try await queue.next() }
    }
  }
}

/// A chain of tasks, each of which waits for the one before it and makes one element.
private final class PrefetchQueue {
  /// The source: only one task at a time uses it.
  private struct Source: @unchecked Sendable {
    let next: Dataset.Next
  }

  private let source: Source
  private let limit: Int
  private var tasks: [Task<Samples?, any Error>] = []

  init(_ next: @escaping Dataset.Next, limit: Int) {
    source = Source(next: next)
    self.limit = limit
  }

  deinit { tasks.forEach { $0.cancel() } }

  nonisolated(nonsending) func next() async throws -> Samples? {
    while tasks.count < limit { append() }
    let first = tasks[0]
    let element = try await withTaskCancellationHandler {
      try await first.value
    } onCancel: {
      first.cancel()
    }
    tasks.removeFirst()
    if element != nil { append() }
    return element
  }

  private func append() {
    tasks.append(
      Task { [source, last = tasks.last] in
        // After an end or an error there is nothing more.
        if let last, try await last.value == nil { return nil }
        try Task.checkCancellation()
        let element = try await source.next()
        if let element { realize(element.arrays) }
        return element
      })
  }
}

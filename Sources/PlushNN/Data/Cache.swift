import PlushEngine
import PlushTensor

extension Dataset {
  /// The elements as the first whole pass gave them, kept in memory.
  ///
  /// What comes before is gone through once, in whatever epoch; shuffle after it.
  public func cache() -> Dataset {
    let cache = Cache()
    return Dataset(count: count) { epoch in
      if let kept = cache.elements {
        var rest = kept[...]
        return { rest.popFirst() }
      }
      let next = try start(epoch)
      var seen: [Samples] = []
      return {
        guard let element = try await next() else {
          cache.elements = seen
          return nil
        }
        realize(element.arrays)
        seen.append(element)
        // Whoever knows the count does not ask for the end.
        if seen.count == count { cache.elements = seen }
        return element
      }
    }
  }
}

/// What a data set remembers.
private final class Cache: @unchecked Sendable {
  private let lock = Lock()
  private var kept: [Samples]?

  var elements: [Samples]? {
    get { lock.withLock { kept } }
    set { lock.withLock { kept = newValue } }
  }
}

import PlushTensor

extension Dataset {
  /// Every element changed by a function.
  public func map(_ transform: @escaping @Sendable (Samples) throws -> Samples) -> Dataset {
    derived(count: count) { next in { try await next().map(transform) } }
  }

  /// The elements that fulfil a condition.
  public func filter(_ isIncluded: @escaping @Sendable (Samples) throws -> Bool) -> Dataset {
    derived(count: nil) { next in
      {
        while let element = try await next() {
          if try isIncluded(element) { return element }
        }
        return nil
      }
    }
  }

  /// The first elements.
  public func take(_ limit: Int) -> Dataset {
    derived(count: count.map { Swift.min($0, Swift.max(0, limit)) }) { next in
      var left = limit
      return {
        if left <= 0 { return nil }
        left -= 1
        return try await next()
      }
    }
  }

  /// All but the first elements.
  public func skip(_ number: Int) -> Dataset {
    derived(count: count.map { Swift.max(0, $0 - Swift.max(0, number)) }) { next in
      var left = number
      return {
        while left > 0 {
          left -= 1
          if try await next() == nil { return nil }
        }
        return try await next()
      }
    }
  }

  /// The elements in random order, another one in each epoch.
  ///
  /// - Parameters:
  ///   - bufferSize: among how many elements is drawn; as many are in memory. As many as there are
  ///     elements shuffle all of them.
  ///   - seed: decides the order; by default it is drawn once.
  public func shuffle(bufferSize: Int, seed: Int? = nil) -> Dataset {
    let seed = seed ?? drawSeed()
    return derived(count: count) { next, epoch in
      var generator = SplitMix64(seed: seed, epoch: epoch)
      var buffer: [Samples] = []
      return {
        while buffer.count < Swift.max(1, bufferSize), let element = try await next() {
          buffer.append(element)
        }
        if buffer.isEmpty { return nil }
        buffer.swapAt(generator.index(below: buffer.count), buffer.count - 1)
        return buffer.removeLast()
      }
    }
  }

  /// Elements that follow each other, of equal shapes, stacked along a new first axis.
  ///
  /// - Parameters:
  ///   - size: how many make a batch.
  ///   - dropRemainder: whether a smaller last batch is left out.
  /// - Precondition: the size is at least 1.
  public func batch(_ size: Int, dropRemainder: Bool = false) -> Dataset {
    precondition(size > 0, "a batch has at least one sample, got \(size)")
    let batches = count.map { dropRemainder ? $0 / size : ($0 + size - 1) / size }
    return derived(count: batches) { next in
      {
        var batch: [Samples] = []
        while batch.count < size, let element = try await next() { batch.append(element) }
        if batch.isEmpty || dropRemainder && batch.count < size { return nil }
        return try Samples(stacking: batch)
      }
    }
  }

  /// The elements several times, or without end; each time is an epoch of its own to `shuffle`.
  public func `repeat`(_ times: Int? = nil) -> Dataset {
    if let times, times <= 0 { return take(0) }
    return Dataset(count: times.flatMap { times in count.map { $0 * times } }) { epoch in
      let first = epoch * (times ?? 1 << 32)
      var pass = 0
      var next = try start(first)
      return {
        var isEmpty = false
        while true {
          if let element = try await next() { return element }
          pass += 1
          // Nothing, repeated without end, is nothing.
          if pass == times || isEmpty { return nil }
          next = try start(first + pass)
          isEmpty = true
        }
      }
    }
  }

  /// The elements of this data set, then those of another.
  public func concatenate(_ other: Dataset) -> Dataset {
    .concatenated([self, other])
  }

  /// One element of each data set in turn; those that end are left out.
  public static func interleave(_ datasets: [Dataset]) -> Dataset {
    Dataset(count: datasets.totalCount) { epoch in
      var running = try datasets.map { try $0.start(epoch) }
      var turn = 0
      return {
        while !running.isEmpty {
          if turn >= running.count { turn = 0 }
          if let element = try await running[turn]() {
            turn += 1
            return element
          }
          running.remove(at: turn)
        }
        return nil
      }
    }
  }

  /// The elements of data sets, one data set after another.
  public static func concatenated(_ datasets: [Dataset]) -> Dataset {
    Dataset(count: datasets.totalCount) { epoch in
      var rest = datasets[...]
      var running: Next?
      return {
        while true {
          if let element = try await running?() { return element }
          guard let following = rest.popFirst() else { return nil }
          running = try following.start(epoch)
        }
      }
    }
  }

  /// Inputs and truths of two data sets side by side, as long as both have elements.
  public func zip(_ other: Dataset) -> Dataset {
    let both = count.flatMap { count in other.count.map { Swift.min(count, $0) } }
    return Dataset(count: both) { epoch in
      let (first, second) = (try start(epoch), try other.start(epoch))
      return {
        guard let left = try await first(), let right = try await second() else { return nil }
        return Samples(
          inputs: left.inputs + right.inputs, truths: left.truths + right.truths,
          weights: left.weights + right.weights)
      }
    }
  }

  /// Splits the data set into its first part and the rest; shuffle the parts, not the whole.
  ///
  /// - Parameter fraction: the size of the first part, from 0 to 1.
  /// - Throws: `DataError` if the count is not known or the fraction makes no sense.
  public func split(at fraction: Double) throws -> (Dataset, Dataset) {
    guard let count, (0...1).contains(fraction) else {
      throw DataError(
        .argument, expected: "a data set of known count and a fraction from 0 to 1",
        found: "\(count.map { "\($0) elements" } ?? "an unknown count") and \(fraction)",
        hint: "use take and skip")
    }
    let first = Int((Double(count) * fraction).rounded())
    return (take(first), skip(first))
  }

  /// A data set made of this one's elements, whatever the epoch.
  private func derived(
    count: Int?, _ transform: @escaping @Sendable (@escaping Next) -> Next
  ) -> Dataset {
    derived(count: count) { next, _ in transform(next) }
  }

  /// A data set made of this one's elements in an epoch.
  private func derived(
    count: Int?, _ transform: @escaping @Sendable (@escaping Next, _ epoch: Int) -> Next
  ) -> Dataset {
    Dataset(count: count) { epoch in transform(try start(epoch), epoch) }
  }
}

extension [Dataset] {
  /// How many elements all have together, if known.
  fileprivate var totalCount: Int? {
    reduce(0) { total, dataset in total.flatMap { total in dataset.count.map { total + $0 } } }
  }
}

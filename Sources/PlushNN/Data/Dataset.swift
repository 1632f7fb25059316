import PlushTensor

/// Samples or batches that are made one after another, when they are asked for.
///
/// Data that do not fit into memory, or are made on the way, are trained on as a data set: every
/// transformation gives another one and nothing is computed before somebody iterates.
///
/// ```swift
/// let data = Dataset(x, y).shuffle(bufferSize: 1000, seed: 1).batch(32).prefetch(2)
/// try await model.fit(data, epochs: 5)
/// ```
///
/// A data set is gone through in epochs, counted from 0, which order and chance may depend on:
/// the same seed and epoch give the same elements. `for try await` goes through epoch 0.
public struct Dataset: Sendable, AsyncSequence {
  /// What is iterated: one sample, or after `batch` a batch whose first axes count samples.
  public typealias Element = Samples
  /// Gives the next element, or nil at the end.
  public typealias Next = nonisolated(nonsending) () async throws -> Samples?

  /// How many elements an epoch has, if that is known before going through it.
  public let count: Int?
  let start: @Sendable (_ epoch: Int) throws -> Next

  /// A data set of what closures give, one for each epoch.
  ///
  /// - Parameters:
  ///   - count: how many elements an epoch has, if known.
  ///   - start: begins an epoch; what it returns gives element by element, then nil.
  public init(count: Int? = nil, generator start: @escaping @Sendable (_ epoch: Int) throws -> Next)
  {
    self.count = count
    self.start = start
  }

  /// A data set whose elements are made from their numbers, from 0.
  public init(count: Int, element: @escaping @Sendable (_ index: Int) throws -> Samples) {
    self.init(count: count) { _ in
      var index = 0
      return {
        if index == count { return nil }
        defer { index += 1 }
        return try element(index)
      }
    }
  }

  /// A data set of the samples in tensors whose first axes count them.
  ///
  /// - Precondition: all tensors have as many samples.
  public init(_ inputs: [Tensor], _ truths: [Tensor] = []) {
    let samples = Samples(inputs: inputs, truths: truths)
    precondition(
      samples.arrays.allSatisfy { $0.shape.first == samples.count },
      "a data set needs as many truths as inputs, got \(samples.arrays.map(\.shape))")
    self.init(count: samples.count) { samples.sample($0) }
  }

  /// A data set of the samples in an input and its truth, whose first axes count them.
  ///
  /// - Precondition: both have as many samples.
  public init(_ x: Tensor, _ y: Tensor) { self.init([x], [y]) }

  /// The elements of an epoch.
  public func iterator(epoch: Int = 0) -> Iterator { Iterator(start: start, epoch: epoch) }

  /// The elements of epoch 0.
  public func makeAsyncIterator() -> Iterator { iterator() }

  /// Goes through an epoch of a data set.
  public struct Iterator: AsyncIteratorProtocol {
    fileprivate let start: @Sendable (Int) throws -> Next
    fileprivate let epoch: Int
    private var running: Next?

    fileprivate init(start: @escaping @Sendable (Int) throws -> Next, epoch: Int) {
      self.start = start
      self.epoch = epoch
    }

    /// The next element, or nil at the end.
    ///
    /// - Throws: what the source or a transformation throws.
    public nonisolated(nonsending) mutating func next() async throws -> Samples? {
      // Kept once: a closure that goes through an optional again and again gets slower each time.
      if running == nil { running = try start(epoch) }
      return try await running?()
    }
  }
}

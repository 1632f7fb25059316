import PlushTensor

extension Dataset {
  /// Elements that follow each other, stacked as `batch` does; where sequences differ in length,
  /// shorter ones are padded at the end.
  ///
  /// - Parameters:
  ///   - size: how many make a batch.
  ///   - padding: what stands in the steps that are added; `Masking` and `Embedding(maskZero: true)`
  ///     make later layers and the loss leave out steps of zeros.
  ///   - dropRemainder: whether a smaller last batch is left out.
  /// - Precondition: the size is at least 1.
  public func paddedBatch(
    _ size: Int, padding: Double = 0, dropRemainder: Bool = false
  ) -> Dataset {
    bucketed(size, boundaries: [], padding: padding, dropRemainder: dropRemainder)
  }

  /// Elements of similar length, stacked in the order in which batches get full; shorter ones are
  /// padded at the end, so that little is computed in vain.
  ///
  /// The length of an element is the size of its first input's first axis. Batches of a bucket are
  /// padded to its boundary, those of the last to the longest in it: few lengths make few programs.
  ///
  /// ```swift
  /// let data = sentences.shuffle(bufferSize: 1000).bucketed(32, boundaries: [16, 32, 64])
  /// ```
  ///
  /// - Parameters:
  ///   - size: how many make a batch.
  ///   - boundaries: the greatest lengths in buckets but the last, in rising order.
  ///   - padding: what stands in the steps that are added.
  ///   - dropRemainder: whether batches that are not full at the end are left out.
  /// - Precondition: the size is at least 1 and boundaries rise.
  public func bucketed(
    _ size: Int, boundaries: [Int], padding: Double = 0, dropRemainder: Bool = false
  ) -> Dataset {
    precondition(size > 0, "a batch has at least one sample, got \(size)")
    precondition(
      Swift.zip(boundaries, boundaries.dropFirst()).allSatisfy { $0 < $1 },
      "boundaries of buckets rise, got \(boundaries)")
    let batches =
      boundaries.isEmpty
      ? count.map { dropRemainder ? $0 / size : ($0 + size - 1) / size } : nil
    return Dataset(count: batches) { epoch in
      let next = try start(epoch)
      var buckets = [[Samples]](repeating: [], count: boundaries.count + 1)
      return {
        while let element = try await next() {
          let length = element.inputs.first?.shape.first ?? 0
          let bucket = boundaries.firstIndex { length <= $0 } ?? boundaries.count
          buckets[bucket].append(element)
          guard buckets[bucket].count == size else { continue }
          defer { buckets[bucket] = [] }
          return try Samples(
            padding: buckets[bucket], with: padding,
            to: bucket < boundaries.count ? boundaries[bucket] : nil)
        }
        guard !dropRemainder, let bucket = buckets.firstIndex(where: { !$0.isEmpty }) else {
          return nil
        }
        defer { buckets[bucket] = [] }
        return try Samples(
          padding: buckets[bucket], with: padding,
          to: bucket < boundaries.count ? boundaries[bucket] : nil)
      }
    }
  }
}

extension Samples {
  /// Samples side by side along a new first axis, arrays of different lengths padded to the longest,
  /// and those as long as the first input to `length` if that is given.
  ///
  /// - Throws: `DataError` if their shapes differ in more than the first axis.
  fileprivate init(padding samples: [Samples], with value: Double, to length: Int?) throws {
    let lengths = samples.map { $0.arrays.map { $0.shape.first } }
    let longest = lengths[0].indices.map { place -> Int? in
      let all = lengths.compactMap { $0[place] }
      let isSequence = lengths.allSatisfy { $0[place] == $0[0] }
      return all.max().map { isSequence ? Swift.max($0, length ?? 0) : $0 }
    }
    try self.init(
      stacking: samples.map { sample in
        var rest = longest[...]
        return sample.mapArrays { array in
          rest.popFirst().flatMap { $0 }.map { array.lengthened(to: $0, with: value) } ?? array
        }
      })
  }
}

extension Tensor {
  /// The elements of the first axis with others after them, copied: no program is made of each.
  fileprivate func lengthened(to length: Int, with value: Double) -> Tensor {
    guard rank > 0, shape[0] < length else { return self }
    let more = Tensor.full([length - shape[0]] + shape.dropFirst(), value).cast(to: dtype)
    let bytes = self.bytes() + more.bytes()
    return bytes.withUnsafeBytes {
      Tensor(bytes: $0, shape: [length] + shape.dropFirst(), dtype: dtype)
    }
  }
}

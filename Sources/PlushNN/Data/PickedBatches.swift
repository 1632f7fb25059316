import PlushTensor

extension Dataset {
  /// The batches of samples in memory: the whole arrays each time, and which samples to pick.
  static func picked(
    _ samples: Samples, batchSize: Int, shuffle: Bool = false, seed: Int = 0
  ) -> Dataset {
    let ranges = Samples.batches(of: batchSize, count: samples.count)
    return Dataset(count: ranges.count) { epoch in
      let order =
        shuffle
        ? shuffledOrder(count: samples.count, seed: seed, epoch: epoch)
        : (0..<samples.count).map { Int32($0) }
      var rest = ranges[...]
      return { rest.popFirst().map { samples.picking(Tensor(Array(order[$0]))) } }
    }
  }
}

extension Samples {
  /// The samples with a last array that says which of them count.
  fileprivate func picking(_ picks: Tensor) -> Samples {
    Samples(inputs: inputs, truths: truths, weights: weights + [picks])
  }
}

import Plush

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Ever smaller steps settle what large ones keep stirring up: to a twentieth at the end.
extension Callback where Self == LambdaCallback {
  /// Smaller with each epoch, along a straight line.
  static func linearDecay(from rate: Double) -> LambdaCallback {
    LambdaCallback(onEpochBegin: { progress in
      let done = Double(progress.epoch) / Double(max(1, progress.epochs))
      progress.model.learningRate = rate * (1 - 0.95 * done)
    })
  }

  /// Smaller with each step, along half a wave of the cosine.
  static func cosineDecay(from rate: Double) -> LambdaCallback {
    LambdaCallback(onBatchBegin: { progress in
      let epoch = Double(progress.batch) / Double(max(1, progress.batches))
      let done = (Double(progress.epoch) + epoch) / Double(max(1, progress.epochs))
      progress.model.learningRate = rate * (0.05 + 0.95 * (1 + cos(min(1, done) * .pi)) / 2)
    })
  }
}

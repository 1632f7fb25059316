import Plush

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

extension Callback where Self == LambdaCallback {
  /// Steps that get smaller with each one, to a twentieth: half a wave of the cosine.
  static func decay(from rate: Double) -> LambdaCallback {
    LambdaCallback(onBatchBegin: { progress in
      let epoch = Double(progress.batch) / Double(max(1, progress.batches))
      let done = (Double(progress.epoch) + epoch) / Double(max(1, progress.epochs))
      progress.model.learningRate = rate * (0.05 + 0.95 * (1 + cos(min(1, done) * .pi)) / 2)
    })
  }
}

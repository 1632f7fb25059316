import PlushEngine
import PlushTensor

extension Model {
  /// The gradients of the loss that the next step of training would see, by the names of weights.
  ///
  /// They are those of a training step: dropout drops what that step would drop. Nothing changes.
  ///
  /// ```swift
  /// print(try model.gradients(x, y).statistics())
  /// ```
  ///
  /// - Parameters:
  ///   - x: the inputs of one batch.
  ///   - y: the truth.
  /// - Returns: the gradient of each weight that training changes.
  /// - Throws: `ModelError` if the model was not compiled, `DataError` if the data do not fit.
  public func gradients(_ x: Tensor, _ y: Tensor) throws -> NamedTensors {
    try gradients([x], [y])
  }

  /// The gradients of the loss of a model with several inputs or outputs.
  ///
  /// - Throws: `ModelError` if the model was not compiled, `DataError` if the data do not fit.
  public func gradients(
    _ x: [Tensor], _ y: [Tensor], sampleWeights: [Tensor?]? = nil
  ) throws -> NamedTensors {
    let samples = try samples(x, y, sampleWeights: sampleWeights, classWeight: nil)
    let training = try compiledTraining()
    try check(samples, training)
    let programs = try programs()
    let executable = try programs.gradients.executable(for: samples.arrays)
    let buffers = executable.outputTypes.map { defaultDevice.allocate(byteCount: $0.byteCount) }
    try keepingWeights {
      try executable.run(samples.arrays, into: buffers, key: (training.seed, training.step))
    }
    let gradients = zip(buffers, executable.outputTypes).map { Tensor(buffer: $0, type: $1) }
    return NamedTensors(programs.trainable.map(\.name), gradients)
  }

  /// Undoes what a step does to weights, as layers with moving averages do.
  private func keepingWeights(_ body: () throws -> Void) rethrows {
    let weights = weights
    let values = weights.map(\.value)
    defer { for (weight, value) in zip(weights, values) { weight.value = value } }
    try body()
  }
}

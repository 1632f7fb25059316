import PlushEngine
import PlushTensor

extension Model {
  /// Makes one step on a batch.
  ///
  /// - Returns: the loss of the batch before the step.
  /// - Throws: `ModelError` if the model was not compiled or the inputs do not fit.
  @discardableResult
  public func trainOnBatch(_ x: Tensor, _ y: Tensor) throws -> Float {
    try step([x, y], inputs: 1)
  }

  /// Makes one step on a batch of a model with several inputs or outputs.
  ///
  /// - Returns: the loss of the batch before the step.
  /// - Throws: `ModelError` if the model was not compiled or the inputs do not fit.
  @discardableResult
  public func trainOnBatch(_ x: [Tensor], _ y: [Tensor]) throws -> Float {
    try step(x + y, inputs: x.count)
  }

  private func step(_ arguments: [Tensor], inputs: Int) throws -> Float {
    if graph == nil { try buildFor(Array(arguments[..<inputs])) }
    let programs = try programs()
    try runStep(programs.step, arguments, of: programs)
    return programs.loss[0].float
  }

  /// Runs the program of a step with the random numbers that belong to it.
  func runStep(_ program: Compiled, _ arguments: [Tensor], of programs: TrainingPrograms) throws {
    let training = try compiledTraining()
    try program.executable(for: arguments)
      .run(arguments, into: programs.loss, key: (training.seed, training.step))
    training.countStep()
  }

  /// Builds a model that waited for data.
  func buildFor(_ inputs: [Tensor]) throws {
    if graph != nil { return }
    if let sequential = self as? Sequential, let shape = inputs.first?.shape, !shape.isEmpty {
      return try sequential.build(batchShape: [nil] + shape.dropFirst().map { $0 })
    }
    try build()
  }
}

extension Buffer {
  /// The number that the buffer begins with.
  fileprivate var float: Float {
    var value: Float = 0
    withUnsafeMutableBytes(of: &value) { defaultDevice.copy(from: self, to: $0) }
    return value
  }
}

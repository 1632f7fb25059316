import PlushEngine
import PlushTensor

extension Model {
  /// Makes one step on a batch.
  ///
  /// - Parameters:
  ///   - x: the inputs.
  ///   - y: the truth.
  ///   - sampleWeight: how much each sample counts, of shape [batch], or each place of it.
  ///   - classWeight: how much samples of a class count; classes that are missing count 1.
  /// - Returns: the loss of the batch before the step.
  /// - Throws: `ModelError` if the model was not compiled or the inputs do not fit.
  @discardableResult
  public func trainOnBatch(
    _ x: Tensor, _ y: Tensor, sampleWeight: Tensor? = nil, classWeight: [Int: Double]? = nil
  ) throws -> Float {
    if sampleWeight == nil && classWeight == nil { return try step([x, y], inputs: 1) }
    return try trainOnBatch(
      [x], [y], sampleWeights: sampleWeight.map { [$0] }, classWeight: classWeight)
  }

  /// Makes one step on a batch of a model with several inputs or outputs.
  ///
  /// - Returns: the loss of the batch before the step.
  /// - Throws: `ModelError` if the model was not compiled or the inputs do not fit.
  @discardableResult
  public func trainOnBatch(
    _ x: [Tensor], _ y: [Tensor], sampleWeights: [Tensor?]? = nil,
    classWeight: [Int: Double]? = nil
  ) throws -> Float {
    let samples = try samples(x, y, sampleWeights: sampleWeights, classWeight: classWeight)
    return try step(samples.arrays, inputs: x.count)
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
    if graph == nil { try build(forInputs: inputs.map { $0.shape }) }
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

import PlushEngine
import PlushTensor

/// The programs of training: forward, loss, gradients, update and sums of metrics in one each.
///
/// They are recorded once for each size of a batch and replayed for every further one.
final class TrainingPrograms {
  /// The weights that the programs change; others need other programs.
  let trainable: [NamedWeight]
  /// Sums of the running epoch.
  let trainingSums: MetricSums
  /// Sums of the running evaluation.
  let evaluationSums: MetricSums
  /// Where a step puts its loss.
  let loss = [defaultDevice.allocate(byteCount: 4)]
  /// One step on a batch, which does not count for the epoch.
  let step: Compiled
  /// One step on a batch, added to the sums of the epoch.
  let countedStep: Compiled
  /// The same for samples picked by their numbers, the last argument.
  let pickedStep: Compiled
  /// Adds a batch to the sums of the evaluation.
  let evaluation: Compiled
  /// The same for samples picked by their numbers, the last argument.
  let pickedEvaluation: Compiled
  /// The gradient of the loss of a batch at each of `trainable`, as a step sees it.
  let gradients: Compiled
  private let policies: [DTypePolicy]
  /// How many changes of weights there had been when `trainable` was last compared.
  private var changes = WeightChanges.count

  init(_ model: Model, _ training: Training) {
    trainable = model.namedWeights.filter(\.trainable)
    policies = model.allLayers().map(\.dtypePolicy)
    trainingSums = MetricSums(model, training, "metrics")
    evaluationSums = MetricSums(model, training, "evaluation")
    // The programs run where the model is used, never at the same time.
    nonisolated(unsafe) let body = Body(
      model: Unretained(model), training: Unretained(training), trainable: trainable,
      trainingSums: trainingSums, evaluationSums: evaluationSums)
    step = Compiled { [try body.step($0).loss] }
    countedStep = Compiled { [try body.countedStep($0)] }
    pickedStep = Compiled { [try body.countedStep(picked($0))] }
    evaluation = Compiled { [try body.evaluation($0)] }
    pickedEvaluation = Compiled { [try body.evaluation(picked($0))] }
    gradients = Compiled { try body.gradients($0) }
  }

  /// Whether these programs still serve the model.
  func serve(_ model: Model) -> Bool {
    let count = WeightChanges.count
    if count == changes { return true }
    changes = count
    let now = model.namedWeights.filter(\.trainable)
    return now.count == trainable.count
      && zip(now, trainable).allSatisfy { $0.variable === $1.variable }
      && policies == model.allLayers().map(\.dtypePolicy)
  }
}

/// A reference that does not keep its object alive: programs belong to what they refer to.
private struct Unretained<Object: AnyObject> {
  unowned let object: Object
  init(_ object: Object) { self.object = object }
}

private struct Body {
  let model: Unretained<Model>
  let training: Unretained<Training>
  let trainable: [NamedWeight]
  let trainingSums: MetricSums
  let evaluationSums: MetricSums

  func step(_ arguments: [Tensor]) throws -> Batch {
    let training = training.object
    let batch = try forward(arguments, training: true)
    var loss = batch.loss
    if let scale = training.optimizer.options.lossScaleFactor { loss = loss * scale }
    if let scale = training.lossScale?.scale.value { loss = loss * scale }
    let gradients = PlushTensor.gradients(
      of: loss, withRespectTo: trainable.map { $0.variable.value })
    training.update(trainable, gradients: gradients)
    for weight in trainable { weight.applyConstraint() }
    return batch
  }

  func countedStep(_ arguments: [Tensor]) throws -> Tensor {
    let batch = try step(arguments)
    trainingSums.add(batch, training.object)
    return batch.loss
  }

  func gradients(_ arguments: [Tensor]) throws -> [Tensor] {
    let batch = try forward(arguments, training: true)
    return PlushTensor.gradients(
      of: batch.loss, withRespectTo: trainable.map { $0.variable.value })
  }

  func evaluation(_ arguments: [Tensor]) throws -> Tensor {
    let batch = try forward(arguments, training: false)
    evaluationSums.add(batch, training.object)
    return batch.loss
  }

  private func forward(_ arguments: [Tensor], training isTraining: Bool) throws -> Batch {
    let model = model.object
    guard let graph = model.graph else {
      throw ModelError(expected: "a built model", found: "one that is not")
    }
    let given = arguments[graph.inputs.count...]
    let (truths, weights) = (
      Array(given.prefix(graph.outputs.count)), given.dropFirst(graph.outputs.count)
    )
    let sampleWeights = weights.isEmpty ? truths.map { _ in Tensor?.none } : weights.map { $0 }
    _ = model.takeAddedLosses()
    let inputs = graph.converted(Array(arguments[..<graph.inputs.count]))
    var results = try graph.run(inputs, training: isTraining, keepsPreactivations: true)
    results.outputs = results.outputs.map(\.withoutHalf)
    let losses = zip(training.object.losses, truths.indices).map { loss, output in
      loss.loss(
        truths[output], results.outputs[output],
        preactivation: results.preactivations[output],
        activation: graph.outputs[output].node.layer.outputActivation,
        weight: results.sampleWeight(sampleWeights[output], of: output))
    }
    var total = zip(losses, training.object.lossWeights).map { $1 == 1 ? $0 : $0 * $1 }
    total += model.takeAddedLosses() + model.regularizationLosses()
    let loss = total.dropFirst().reduce(total[0], +)
    return Batch(
      truths: truths, weights: sampleWeights, predictions: results.outputs,
      masks: results.outputs.indices.map(results.mask), losses: losses, loss: loss)
  }
}

extension Model {
  /// The programs of training, made anew if other weights are to be trained.
  func programs() throws -> TrainingPrograms {
    let training = try compiledTraining()
    if let programs = training.programs, programs.serve(self) { return programs }
    let programs = TrainingPrograms(self, training)
    training.programs = programs
    return programs
  }
}

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
  /// One step on samples picked by their numbers, the last argument, added to the sums of the epoch.
  let pickedStep: Compiled
  /// Adds samples picked by their numbers, the last argument, to the sums of the evaluation.
  let evaluation: Compiled
  /// How many changes of weights there had been when `trainable` was last compared.
  private var changes = WeightChanges.count

  init(_ model: Model, _ training: Training) {
    trainable = model.namedWeights.filter(\.trainable)
    trainingSums = MetricSums(model, training, "metrics")
    evaluationSums = MetricSums(model, training, "evaluation")
    // The programs run where the model is used, never at the same time.
    nonisolated(unsafe) let body = Body(
      model: Unretained(model), training: Unretained(training), trainable: trainable,
      trainingSums: trainingSums, evaluationSums: evaluationSums)
    step = Compiled { [try body.step($0).loss] }
    pickedStep = Compiled {
      let batch = try body.step(picked($0))
      body.addToSums(batch)
      return [batch.loss]
    }
    evaluation = Compiled { [try body.evaluation(picked($0))] }
  }

  /// Whether these programs still serve the model.
  func serve(_ model: Model) -> Bool {
    let count = WeightChanges.count
    if count == changes { return true }
    changes = count
    let now = model.namedWeights.filter(\.trainable)
    return now.count == trainable.count
      && zip(now, trainable).allSatisfy { $0.variable === $1.variable }
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
    let gradients = gradients(
      of: batch.loss, withRespectTo: trainable.map { $0.variable.value })
    let step = training.stepVariable.value + 1
    training.stepVariable.value = step
    for (weight, gradient) in zip(trainable, gradients) {
      let slots = training.slots(of: weight)
      var values = slots.map(\.value)
      weight.variable.value = training.optimizer.update(
        weight.variable.value, gradient: gradient, slots: &values,
        learningRate: training.learningRate.value, step: step.cast(to: .float32))
      for (slot, value) in zip(slots, values) { slot.value = value }
    }
    return batch
  }

  func addToSums(_ batch: Batch) { trainingSums.add(batch, training.object) }

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
    let truths = Array(arguments[graph.inputs.count...])
    _ = model.takeAddedLosses()
    let inputs = graph.converted(Array(arguments[..<graph.inputs.count]))
    let results = try graph.run(inputs, training: isTraining, keepsPreactivations: true)
    let losses = zip(training.object.losses, truths.indices).map { loss, output in
      loss.mean(
        truths[output], results.outputs[output],
        preactivation: results.preactivations[output],
        activation: graph.outputs[output].node.layer.outputActivation)
    }
    var total = zip(losses, training.object.lossWeights).map { $1 == 1 ? $0 : $0 * $1 }
    total += model.takeAddedLosses() + model.regularizationLosses()
    let loss = total.dropFirst().reduce(total[0], +)
    return Batch(truths: truths, predictions: results.outputs, losses: losses, loss: loss)
  }
}

extension Loss {
  /// The mean over a batch, from what comes before the last activation if that serves.
  fileprivate func mean(
    _ truth: Tensor, _ prediction: Tensor, preactivation: Tensor?, activation: Activation?
  ) -> Tensor {
    let truth = aligned(truth, with: prediction)
    guard let preactivation, let logitForm, logitForm.activation == activation else {
      return values(truth, prediction).mean()
    }
    return logitForm.values(truth, preactivation).mean()
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

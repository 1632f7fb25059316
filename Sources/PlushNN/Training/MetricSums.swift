import PlushTensor

/// The sums from which loss and metrics of an epoch are computed.
final class MetricSums {
  fileprivate struct Entry {
    let name: String
    /// What is summed; nil for losses, which come as scalars of a batch.
    let metric: Metric.State?
    /// Whether the weights of samples count.
    var isWeighted = false
    let output: Int
    let sums: [Variable]
  }

  private let entries: [Entry]
  private let report: Compiled

  init(_ model: Model, _ training: Training, _ label: String) {
    let outputs = model.outputNames
    var entries = [Entry.loss("loss", output: -1, label)]
    for (output, name) in outputs.enumerated() {
      let prefix = outputs.count > 1 ? "\(name)_" : ""
      if outputs.count > 1 { entries.append(.loss("\(prefix)loss", output: output, label)) }
      for metric in training.metrics[output] {
        guard
          let state = metric.state(
            loss: training.losses[output], outputShape: model.outputShapes[output])
        else { continue }
        let sums = state.shapes.enumerated().map {
          Variable(.zeros($1), name: "\(label)/\(prefix)\(metric.name)/\($0)", trainable: false)
        }
        entries.append(
          Entry(
            name: prefix + metric.name, metric: state, isWeighted: metric.isWeighted,
            output: output, sums: sums))
      }
    }
    self.entries = entries
    let captured = entries
    report = Compiled { _ in
      [stack(captured.map { $0.value }, axis: 0)]
    }
  }

  /// Adds a batch: to be called while the program of a step is recorded.
  func add(_ batch: Batch, _ training: Training) {
    for entry in entries {
      let terms: [Tensor]
      if let metric = entry.metric {
        let prediction = batch.predictions[entry.output]
        var loss = training.losses[entry.output]
        loss = Loss(loss.name, metric.labels) { $1 }
        let weight = entry.isWeighted ? batch.weights[entry.output] : nil
        let mask = metric.heedsMask ? batch.masks[entry.output] : nil
        terms = metric.terms(
          loss.aligned(batch.truths[entry.output], with: prediction), prediction,
          mask?.masking(weight) ?? weight)
      } else {
        let loss = entry.output < 0 ? batch.loss : batch.losses[entry.output]
        let count = Double(batch.truths[0].shape.first ?? 1)
        terms = [loss * count, Tensor(Float(count))]
      }
      for (sum, term) in zip(entry.sums, terms) {
        sum.value = sum.value + term.stopGradient().cast(to: .float32)
      }
    }
  }

  /// Starts again from zero.
  func reset() {
    for entry in entries {
      for sum in entry.sums { sum.value = .zeros(sum.shape) }
    }
  }

  /// The values for what was added so far.
  func logs() throws -> Logs {
    let values = try report([])[0].dataSync()
    return Logs(entries.map(\.name), values.map(Double.init))
  }

  /// All sums.
  var variables: [Variable] { entries.flatMap(\.sums) }
}

extension MetricSums.Entry {
  fileprivate static func loss(_ name: String, output: Int, _ label: String) -> Self {
    let sums = ["total", "count"].map {
      Variable(Tensor(Float(0)), name: "\(label)/\(name)/\($0)", trainable: false)
    }
    return Self(name: name, metric: nil, output: output, sums: sums)
  }

  fileprivate var value: Tensor {
    let values = sums.map(\.value)
    let result = metric.map { $0.result(values) } ?? values[0] / values[1].maximum(1)
    return result.cast(to: .float32).reshape([])
  }
}

/// What the forward pass of a batch gave.
struct Batch {
  let truths: [Tensor]
  /// How much samples count, for each output; nil where all count the same.
  let weights: [Tensor?]
  let predictions: [Tensor]
  /// Which places of each output count; nil where all do.
  let masks: [Tensor?]
  /// The loss of each output.
  let losses: [Tensor]
  /// All of it, with penalties.
  let loss: Tensor
}

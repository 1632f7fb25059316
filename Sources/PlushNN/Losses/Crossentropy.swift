import PlushTensor

// Probabilities are clipped as in Keras. If a model ends in softmax or sigmoid the loss is computed
// from what comes before, which neither overflows nor loses the gradient of very wrong answers.

extension Loss {
  /// For several answers that are each yes or no: probabilities from 0 to 1.
  public static let binaryCrossentropy = binaryCrossentropy()

  /// For one class of many, given as a one in the place of the class.
  public static let categoricalCrossentropy = categoricalCrossentropy()

  /// For one class of many, given as its number.
  public static let sparseCategoricalCrossentropy = sparseCategoricalCrossentropy()

  /// For several answers that are each yes or no: probabilities from 0 to 1.
  ///
  /// - Parameters:
  ///   - fromLogits: whether the model's last layer has no sigmoid.
  ///   - labelSmoothing: how far the truth is moved toward one half, from 0 to 1.
  public static func binaryCrossentropy(
    fromLogits: Bool = false, labelSmoothing: Double = 0
  ) -> Loss {
    let smooth: @Sendable (Tensor) -> Tensor = { truth in
      labelSmoothing == 0 ? truth : truth * (1 - labelSmoothing) + 0.5 * labelSmoothing
    }
    let form = LogitForm(activation: .sigmoid) { truth, logits in
      let truth = smooth(truth)
      let bounded = logits.relu() - logits * truth
      return (bounded + (-logits.abs()).exp().log1p()).mean(axis: -1)
    }
    let name = "binary_crossentropy"
    let arguments = Self.arguments(fromLogits, labelSmoothing)
    if fromLogits {
      return Loss(name, .probabilities, fromLogits: true, arguments: arguments, values: form.values)
    }
    return Loss(name, .probabilities, logitForm: form, arguments: arguments) { truth, prediction in
      let truth = smooth(truth)
      let p = prediction.clip(min: epsilon, max: 1 - epsilon)
      return -(truth * p.log() + (1 - truth) * (1 - p).log()).mean(axis: -1)
    }
  }

  /// For one class of many, given as a one in the place of the class.
  ///
  /// - Parameters:
  ///   - fromLogits: whether the model's last layer has no softmax.
  ///   - labelSmoothing: how far the truth is moved toward equal shares, from 0 to 1.
  public static func categoricalCrossentropy(
    fromLogits: Bool = false, labelSmoothing: Double = 0
  ) -> Loss {
    let smooth: @Sendable (Tensor) -> Tensor = { truth in
      if labelSmoothing == 0 { return truth }
      return truth * (1 - labelSmoothing) + labelSmoothing / Double(truth.shape.last ?? 1)
    }
    let form = LogitForm(activation: .softmax) { truth, logits in
      -(smooth(truth) * logits.logSoftmax()).sum(axis: -1)
    }
    let name = "categorical_crossentropy"
    let arguments = Self.arguments(fromLogits, labelSmoothing)
    if fromLogits {
      return Loss(name, .oneHot, fromLogits: true, arguments: arguments, values: form.values)
    }
    return Loss(name, .oneHot, logitForm: form, arguments: arguments) { truth, prediction in
      -(smooth(truth) * shares(prediction).log()).sum(axis: -1)
    }
  }

  /// For one class of many, given as its number.
  ///
  /// - Parameter fromLogits: whether the model's last layer has no softmax.
  public static func sparseCategoricalCrossentropy(fromLogits: Bool = false) -> Loss {
    let form = LogitForm(activation: .softmax) { -pick($0, from: $1.logSoftmax()) }
    let name = "sparse_categorical_crossentropy"
    let arguments = Self.arguments(fromLogits, 0)
    if fromLogits {
      return Loss(name, .classNumber, fromLogits: true, arguments: arguments, values: form.values)
    }
    return Loss(name, .classNumber, logitForm: form, arguments: arguments) {
      -pick($0, from: shares($1)).log()
    }
  }

  private static func arguments(_ fromLogits: Bool, _ labelSmoothing: Double) -> JSON {
    ["from_logits": .bool(fromLogits), "label_smoothing": .double(labelSmoothing)]
  }

  /// Predictions that sum to one and stay away from zero.
  private static func shares(_ prediction: Tensor) -> Tensor {
    (prediction / prediction.sum(axis: -1, keepDims: true)).clip(min: epsilon, max: 1 - epsilon)
  }

  /// The value at the place of the class.
  private static func pick(_ classes: Tensor, from values: Tensor) -> Tensor {
    values.gatherElements(classes.expandDims(axis: -1), axis: -1).squeeze(axes: [-1])
  }
}

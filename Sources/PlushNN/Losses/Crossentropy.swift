import PlushTensor

// Probabilities are clipped as in Keras. If a model ends in softmax or sigmoid the loss is computed
// from what comes before, which neither overflows nor loses the gradient of very wrong answers.

extension Loss {
  /// For answers that are each yes or no: the mean of `-(y · log(p) + (1 - y) · log(1 - p))` along
  /// the last axis; truth y and prediction p are probabilities of one shape, [batch, answers].
  public static let binaryCrossentropy = binaryCrossentropy()

  /// For one class of many: `-Σ y · log(p)`, the truth y being a one in the place of the class, in
  /// the shape of the prediction p, [batch, …, classes].
  public static let categoricalCrossentropy = categoricalCrossentropy()

  /// For one class of many: `-log(p)` at the class, the truth being its number, from 0, of shape
  /// [batch, …] or [batch, …, 1]; the prediction p has shape [batch, …, classes].
  public static let sparseCategoricalCrossentropy = sparseCategoricalCrossentropy()

  /// For several answers that are each yes or no, probabilities from 0 to 1 of one shape: the mean
  /// of `-(y · log(p) + (1 - y) · log(1 - p))` along the last axis.
  ///
  /// - Parameters:
  ///   - fromLogits: whether the model's last layer has no sigmoid.
  ///   - labelSmoothing: how far the truth is moved toward one half, from 0 to 1.
  public static func binaryCrossentropy(
    fromLogits: Bool = false, labelSmoothing: Double = 0
  ) -> Loss {
    let form = LogitForm(activation: .sigmoid) {
      $1.sigmoidCrossEntropy($0, labelSmoothing: labelSmoothing, reduction: .none).mean(axis: -1)
    }
    let name = "binary_crossentropy"
    let arguments = Self.arguments(fromLogits, labelSmoothing)
    if fromLogits {
      return Loss(name, .probabilities, fromLogits: true, arguments: arguments, values: form.values)
    }
    return Loss(name, .probabilities, logitForm: form, arguments: arguments) { truth, prediction in
      binary(truth.smoothed(labelSmoothing, classes: 2), prediction).mean(axis: -1)
    }
  }

  /// For one class of many, given as a one in the place of the class: `-Σ y · log(p)` along the
  /// last axis.
  ///
  /// - Parameters:
  ///   - fromLogits: whether the model's last layer has no softmax.
  ///   - labelSmoothing: how far the truth is moved toward equal shares, from 0 to 1.
  public static func categoricalCrossentropy(
    fromLogits: Bool = false, labelSmoothing: Double = 0
  ) -> Loss {
    let form = LogitForm(activation: .softmax) {
      $1.softmaxCrossEntropy($0, labelSmoothing: labelSmoothing, reduction: .none)
    }
    let name = "categorical_crossentropy"
    let arguments = Self.arguments(fromLogits, labelSmoothing)
    if fromLogits {
      return Loss(name, .oneHot, fromLogits: true, arguments: arguments, values: form.values)
    }
    return Loss(name, .oneHot, logitForm: form, arguments: arguments) { truth, prediction in
      -(towardEqual(truth, labelSmoothing) * shares(prediction).log()).sum(axis: -1)
    }
  }

  /// For one class of many, given as its number: `-log(p)` at the class.
  ///
  /// - Parameters:
  ///   - fromLogits: whether the model's last layer has no softmax.
  ///   - ignoreClass: a number that marks places that do not count, such as -1 or 255.
  public static func sparseCategoricalCrossentropy(
    fromLogits: Bool = false, ignoreClass: Int? = nil
  ) -> Loss {
    let form = LogitForm(activation: .softmax) {
      ignoring(ignoreClass, $0) { -pick($0, from: $1) }($1.logSoftmax())
    }
    let mask = ignoreClass.map { number in
      { @Sendable (truth: Tensor, _: Tensor) in truth .!= number }
    }
    let arguments: JSON = [
      "from_logits": .bool(fromLogits), "ignore_class": ignoreClass.map(JSON.int) ?? .null,
      "axis": -1,
    ]
    return Loss(
      "sparse_categorical_crossentropy", .classNumber, fromLogits: fromLogits,
      logitForm: fromLogits ? nil : form, mask: mask, ignoreClass: ignoreClass,
      arguments: arguments
    ) { truth, prediction in
      if fromLogits { return form.values(truth, prediction) }
      return ignoring(ignoreClass, truth) { -pick($0, from: $1).log() }(shares(prediction))
    }
  }

  /// The values of classes, zero where the class is the one to ignore.
  private static func ignoring(
    _ number: Int?, _ classes: Tensor, _ values: @escaping (Tensor, Tensor) -> Tensor
  ) -> (Tensor) -> Tensor {
    guard let number else { return { values(classes, $0) } }
    let counts = classes .!= number
    let inRange = counts.select(classes, Tensor.zeros(like: classes))
    return { prediction in
      let found = values(inRange, prediction)
      return counts.select(found, Tensor.zeros(like: found))
    }
  }

  static func arguments(_ fromLogits: Bool, _ labelSmoothing: Double) -> JSON {
    ["from_logits": .bool(fromLogits), "label_smoothing": .double(labelSmoothing), "axis": -1]
  }

  /// The loss of each answer of yes or no.
  static func binary(_ truth: Tensor, _ prediction: Tensor) -> Tensor {
    let p = prediction.clip(min: epsilon, max: 1 - epsilon)
    return -(truth * p.log() + (1 - truth) * (1 - p).log())
  }

  /// Truth moved toward equal shares.
  static func towardEqual(_ truth: Tensor, _ smoothing: Double) -> Tensor {
    truth.smoothed(smoothing, classes: truth.shape.last ?? 1)
  }

  /// Predictions that sum to one and stay away from zero.
  static func shares(_ prediction: Tensor) -> Tensor {
    (prediction / prediction.sum(axis: -1, keepDims: true)).clip(min: epsilon, max: 1 - epsilon)
  }

  /// The value at the place of the class.
  private static func pick(_ classes: Tensor, from values: Tensor) -> Tensor {
    values.gatherElements(classes.expandDims(axis: -1), axis: -1).squeeze(axes: [-1])
  }

  /// For one class of many, given as its number, some of which are wrong.
  ///
  /// Zhang and Sabuncu, "Generalized cross entropy loss for training deep neural networks with noisy
  /// labels", 2018: `(1 - p^q) / q`, p being the prediction of the class.
  ///
  /// - Parameter q: from 0, where it is crossentropy, to 1, where it is the absolute error.
  public static func categoricalGeneralizedCrossEntropy(q: Double = 0.5) -> Loss {
    Loss(
      "categorical_generalized_cross_entropy", .classNumber, arguments: ["q": .double(q)]
    ) {
      (1 - pick($0, from: $1).pow(q)) / q
    }
  }
}

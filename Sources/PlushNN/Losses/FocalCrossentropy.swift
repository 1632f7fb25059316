import PlushTensor

// Crossentropy that counts hard examples more: Lin et al., "Focal loss for dense object detection",
// 2017.

extension Loss {
  /// For several answers that are each yes or no, the wrong ones counting more: binary crossentropy
  /// times `(1 - y · p - (1 - y) · (1 - p))^gamma`. Lin et al., "Focal loss for dense object
  /// detection", 2017.
  ///
  /// - Parameters:
  ///   - applyClassBalancing: whether yes counts `alpha` and no the rest.
  ///   - alpha: how much yes counts.
  ///   - gamma: the power of the error that multiplies each value.
  ///   - fromLogits: whether the model's last layer has no sigmoid.
  ///   - labelSmoothing: how far the truth is moved toward one half, from 0 to 1.
  public static func binaryFocalCrossentropy(
    applyClassBalancing: Bool = false, alpha: Double = 0.25, gamma: Double = 2,
    fromLogits: Bool = false, labelSmoothing: Double = 0
  ) -> Loss {
    var arguments = Self.arguments(fromLogits, labelSmoothing)
    arguments["apply_class_balancing"] = .bool(applyClassBalancing)
    arguments["alpha"] = .double(alpha)
    arguments["gamma"] = .double(gamma)
    return Loss(
      "binary_focal_crossentropy", .probabilities, fromLogits: fromLogits, arguments: arguments
    ) { truth, prediction in
      let truth = truth.smoothed(labelSmoothing, classes: 2)
      let p = fromLogits ? prediction.sigmoid() : prediction
      let error = 1 - (truth * p + (1 - truth) * (1 - p))
      let values = error.pow(gamma) * binary(truth, p)
      let share = truth * alpha + (1 - truth) * (1 - alpha)
      return (applyClassBalancing ? values * share : values).mean(axis: -1)
    }
  }

  /// For one class of many, given as a one in the place of the class, the wrong ones counting more:
  /// `-alpha · Σ (1 - p)^gamma · y · log(p)`. Lin et al., 2017.
  ///
  /// - Parameters:
  ///   - alpha: multiplies all values.
  ///   - gamma: the power of the error that multiplies each value.
  ///   - fromLogits: whether the model's last layer has no softmax.
  ///   - labelSmoothing: how far the truth is moved toward equal shares, from 0 to 1.
  public static func categoricalFocalCrossentropy(
    alpha: Double = 0.25, gamma: Double = 2, fromLogits: Bool = false, labelSmoothing: Double = 0
  ) -> Loss {
    var arguments = Self.arguments(fromLogits, labelSmoothing)
    arguments["alpha"] = .double(alpha)
    arguments["gamma"] = .double(gamma)
    return Loss(
      "categorical_focal_crossentropy", .oneHot, fromLogits: fromLogits, arguments: arguments
    ) { truth, prediction in
      let p = shares(fromLogits ? prediction.softmax() : prediction)
      let values = -towardEqual(truth, labelSmoothing) * p.log()
      return ((1 - p).pow(gamma) * alpha * values).sum(axis: -1)
    }
  }
}

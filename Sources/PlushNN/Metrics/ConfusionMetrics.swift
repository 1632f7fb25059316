import PlushTensor

// Metrics of yes and no answers. Predictions above the threshold count as yes.

extension Metric {
  /// The part of predicted ones that are ones.
  ///
  /// - Parameters:
  ///   - threshold: above which a prediction is one; by default 0.5, or any with `topK`.
  ///   - topK: how many largest predictions of a sample can be ones.
  ///   - classID: the only class that counts.
  public static func precision(
    threshold: Double? = nil, topK: Int? = nil, classID: Int? = nil
  ) -> Metric {
    counting("precision", threshold, topK, classID) { $0.precision }
  }

  /// The part of ones that are predicted; see `precision` for the parameters.
  public static func recall(
    threshold: Double? = nil, topK: Int? = nil, classID: Int? = nil
  ) -> Metric {
    counting("recall", threshold, topK, classID) { $0.recall }
  }

  /// How many ones are predicted: predictions above the threshold, by default 0.5, where the truth
  /// is 1.
  public static func truePositives(threshold: Double? = nil) -> Metric {
    counting("true_positives", threshold) { $0.truePositives }
  }

  /// How many zeros are predicted to be ones: predictions above the threshold, by default 0.5.
  public static func falsePositives(threshold: Double? = nil) -> Metric {
    counting("false_positives", threshold) { $0.falsePositives }
  }

  /// How many zeros are predicted: predictions up to the threshold, by default 0.5.
  public static func trueNegatives(threshold: Double? = nil) -> Metric {
    counting("true_negatives", threshold) { $0.trueNegatives }
  }

  /// How many ones are predicted to be zeros: predictions up to the threshold, by default 0.5.
  public static func falseNegatives(threshold: Double? = nil) -> Metric {
    counting("false_negatives", threshold) { $0.falseNegatives }
  }

  private static func counting(
    _ name: String, _ threshold: Double?, _ topK: Int? = nil, _ classID: Int? = nil,
    result: @escaping @Sendable (ConfusionCounts) -> Tensor
  ) -> Metric {
    let fallback = topK == nil ? 0.5 : ConfusionSelection.belowAll
    let selection = ConfusionSelection(topK: topK, classID: classID)
    let arguments: JSON = [
      "thresholds": threshold.map(JSON.double) ?? .null, "top_k": topK.map(JSON.int) ?? .null,
      "class_id": classID.map(JSON.int) ?? .null,
    ]
    return confusion(name, .listed([threshold ?? fallback]), selection, arguments) {
      result($0).sum()
    }
  }

  static func confusion(
    _ name: String, _ thresholds: Thresholds, _ selection: ConfusionSelection, _ arguments: JSON,
    result: @escaping @Sendable (ConfusionCounts) -> Tensor
  ) -> Metric {
    Metric(name, arguments) { _, outputShape in
      let columns = selection.byClass ? (outputShape.last ?? 1) ?? 1 : 1
      let shapes = ConfusionCounts.shapes(thresholds, columns: columns)
      return State(shapes: shapes) {
        let (truth, prediction, weight) = selection($0, $1, $2)
        return ConfusionCounts.terms(truth, prediction, weight, thresholds)
      } result: {
        result(ConfusionCounts($0))
      }
    }
  }
}

// MARK: - The best of one measure where another is good enough

extension Metric {
  /// The best precision at thresholds where recall is no less than a value.
  ///
  /// - Parameters:
  ///   - recall: the least recall, from 0 to 1.
  ///   - thresholds: how many thresholds from 0 to 1 are looked at.
  ///   - classID: the only class that counts.
  public static func precisionAtRecall(
    _ recall: Double, thresholds: Int = 200, classID: Int? = nil
  ) -> Metric {
    best("precision_at_recall", "recall", recall, thresholds, classID) {
      ($0.precision, $0.recall)
    }
  }

  /// The best recall at thresholds where precision is no less than a value.
  public static func recallAtPrecision(
    _ precision: Double, thresholds: Int = 200, classID: Int? = nil
  ) -> Metric {
    best("recall_at_precision", "precision", precision, thresholds, classID) {
      ($0.recall, $0.precision)
    }
  }

  /// The best sensitivity, which is recall, at thresholds where specificity is no less than a value.
  public static func sensitivityAtSpecificity(
    _ specificity: Double, thresholds: Int = 200, classID: Int? = nil
  ) -> Metric {
    best("sensitivity_at_specificity", "specificity", specificity, thresholds, classID) {
      ($0.recall, $0.specificity)
    }
  }

  /// The best specificity at thresholds where sensitivity, which is recall, is no less than a value.
  public static func specificityAtSensitivity(
    _ sensitivity: Double, thresholds: Int = 200, classID: Int? = nil
  ) -> Metric {
    best("specificity_at_sensitivity", "sensitivity", sensitivity, thresholds, classID) {
      ($0.specificity, $0.recall)
    }
  }

  private static func best(
    _ name: String, _ key: String, _ limit: Double, _ thresholds: Int, _ classID: Int?,
    of measures: @escaping @Sendable (ConfusionCounts) -> (wanted: Tensor, limited: Tensor)
  ) -> Metric {
    var arguments: JSON = [
      "num_thresholds": .int(thresholds), "class_id": classID.map(JSON.int) ?? .null,
    ]
    arguments[key] = .double(limit)
    let all: Thresholds = thresholds < 2 ? .listed([0.5]) : .even(thresholds, open: false)
    return confusion(name, all, ConfusionSelection(classID: classID), arguments) {
      let (wanted, limited) = measures($0)
      return (limited .>= limit).select(wanted, Tensor.zeros(like: wanted)).max()
    }
  }
}

import PlushNN
import PlushTensor
import Testing

/// Values that Keras computed.
@Suite struct MetricTests {
  /// Two batches of different size, with and without weights.
  @Test func values() throws {
    let file = try golden("keras_metrics")
    let data = try file.get("data", \.array)
    let cases = try file.get("cases", \.array)
    #expect(cases.count == 144)
    for test in cases {
      var running = RunningMetric(try #require(Metric(config: test), "\(test.caseName)"))
      var weights = (test["weights"]?.array).map { $0.map(\.number) }
      for batch in try #require(data[try test.get("data", \.int)].array) {
        let (truth, prediction) = (batch[0]!.tensor, batch[1]!.tensor)
        let weight = weights.map { Tensor(Array($0.prefix(truth.shape[0])), dtype: .float32) }
        weights?.removeFirst(truth.shape[0])
        running.update(truth, prediction, sampleWeight: weight)
      }
      let (found, expected) = (Double(running.result), try test.get("value", \.double))
      #expect(
        abs(found - expected) <= 1e-6 + 1e-5 * abs(expected),
        "\(test.caseName), weighted: \(weights != nil): \(found) is not \(expected)")
    }
  }

  @Test func conformance() throws {
    let cases = try golden("metrics").get("cases", \.array)
    #expect(cases.count == 13)
    for test in cases {
      let config: JSON = ["class_name": test["op"] ?? "", "config": test["attrs"] ?? [:]]
      let metric = try #require(Metric(config: config), "\(test.caseName)")
      let truth = try #require(test["inputs"]?["y_true"]).tensor
      let prediction = try #require(test["inputs"]?["y_pred"]).tensor
      let expected = try #require(test["outputs"]?[0]).tensor.item()
      #expect(abs(metric(truth, prediction) - expected) < 1e-5, "\(test.caseName)")
    }
  }

  /// Every class of Keras but those that are no metrics of truth and prediction.
  static let classes = [
    "AUC", "Accuracy", "BinaryAccuracy", "BinaryCrossentropy", "BinaryIoU", "CategoricalAccuracy",
    "CategoricalCrossentropy", "CategoricalHinge", "ConcordanceCorrelation", "CosineSimilarity",
    "F1Score", "FBetaScore", "FalseNegatives", "FalsePositives", "Hinge", "IoU", "KLDivergence",
    "LogCoshError", "MeanAbsoluteError", "MeanAbsolutePercentageError", "MeanIoU",
    "MeanSquaredError", "MeanSquaredLogarithmicError", "OneHotIoU", "OneHotMeanIoU",
    "PearsonCorrelation", "Poisson", "Precision", "PrecisionAtRecall", "R2Score", "Recall",
    "RecallAtPrecision", "RootMeanSquaredError", "SensitivityAtSpecificity",
    "SparseCategoricalAccuracy", "SparseCategoricalCrossentropy", "SparseTopKCategoricalAccuracy",
    "SpecificityAtSensitivity", "SquaredHinge", "TopKCategoricalAccuracy", "TrueNegatives",
    "TruePositives",
  ]

  @Test(arguments: classes) func configurations(_ name: String) throws {
    let made = try #require(Metric(config: ["class_name": .string(name), "config": ["k": 3]]))
    let config = try #require(made.named("other").config)
    #expect(config["class_name"]?.string == name)
    let again = try #require(Metric(config: try JSON(parsing: config.text())))
    #expect(again.config == config)
    #expect(again.name == "other")
  }

  @Test func namesInAnySpelling() {
    #expect(Metric(name: "meanIoU")?.name == "mean_io_u")
    #expect(Metric(name: "auc")?.name == "auc")
    #expect(Metric(name: "mse")?.name == "mse")
    #expect(
      Metric(name: "TopKCategoricalAccuracy", arguments: ["k": 2])?.config?["config"]?["k"] == 2)
    #expect(Metric(name: "nothing") == nil)
  }

  @Test func accuracyFollowsTheTruth() {
    let prediction = Tensor([[0.1, 0.9], [0.8, 0.2]])
    #expect(Metric.accuracy(Tensor([1, 1]), prediction) == 0.5)
    #expect(Metric.accuracy(Tensor([[0.0, 1], [1, 0]]), prediction) == 1)
    #expect(Metric.accuracy(Tensor([[1.0], [0]]), Tensor([[0.7], [0.6]])) == 0.5)
  }

  @Test func balancedAccuracyIsTheMeanOverClasses() {
    let prediction = Tensor([[0.9, 0.1, 0], [0.8, 0.2, 0], [0.6, 0.4, 0], [0.7, 0.3, 0]])
    // All three zeros are known and the one is not; nobody is a two.
    let numbers = Tensor([0, 0, 0, 1])
    #expect(Metric.balancedAccuracy(numbers, prediction) == 0.5)
    #expect(Metric.balancedAccuracy(numbers.oneHot(3), prediction) == 0.5)
    #expect(Metric.accuracy(numbers, prediction) == 0.75)
    let twos = Metric.balancedAccuracy(Tensor([0, 2, 1, 1]), prediction)
    #expect(abs(twos - 1 / 3) < 1e-6)
    let binary = Tensor([[0.7], [0.6], [0.2]])
    #expect(Metric.balancedAccuracy(Tensor([[1.0], [0], [0]]), binary) == 0.75)
    let weights = Tensor([3.0, 1, 1, 1])
    let mixed = Tensor([[0.9, 0.1], [0.1, 0.9], [0.3, 0.7], [0.3, 0.7]])
    #expect(Metric.balancedAccuracy(numbers, mixed, sampleWeight: weights) == 0.8)
    var running = RunningMetric("balancedAccuracy")
    for row in 0..<4 { running.update(numbers[row..<row + 1], prediction[row..<row + 1]) }
    #expect(running.result == 0.5)
  }

  @Test func sumsAndStarts() {
    var total = RunningMetric(.sum { ($0 - $1).abs() })
    #expect(total.result.isNaN)
    total.update(Tensor([[1.0], [2]]), Tensor([[0.0], [0]]))
    total.update(Tensor([[1.0]]), Tensor([[0.0]]), sampleWeight: Tensor([3.0]))
    #expect(total.result == 6)
    total.reset()
    total.update(Tensor([[1.0]]), Tensor([[0.0]]))
    #expect(total.result == 1)
  }
}

import PlushNN
import PlushTensor
import Testing

@Suite struct ClassificationTests {
  private let truths = [0, 1, 2, 2, 2]
  private let predictions = [0, 0, 2, 2, 1]

  @Test func countsByTruthAndPrediction() throws {
    let matrix = try ConfusionMatrix(truths: truths, predictions: predictions)
    #expect(matrix.counts == [[1, 0, 0], [1, 0, 0], [0, 1, 2]])
    #expect(matrix.accuracy == 0.6)
    #expect(
      matrix.description == """
        truth \\ prediction  0  1  2
        0                   1  0  0
        1                   1  0  0
        2                   0  1  2
        """)
  }

  @Test func theReportIsLaidOutAsScikitLearnDoes() throws {
    let matrix = try ConfusionMatrix(
      truths: truths, predictions: predictions, names: ["class 0", "class 1", "class 2"])
    #expect(
      "\(matrix.report)" == """
                      precision    recall  f1-score   support

             class 0       0.50      1.00      0.67         1
             class 1       0.00      0.00      0.00         1
             class 2       1.00      0.67      0.80         3

            accuracy                           0.60         5
           macro avg       0.50      0.56      0.49         5
        weighted avg       0.70      0.60      0.61         5
        """)
  }

  @Test func classesThatOccurNowhereAreLeftOut() throws {
    let matrix = try ConfusionMatrix(truths: [0, 3], predictions: [0, 0])
    #expect(matrix.report.classes.map(\.name) == ["0", "3"])
    #expect(matrix.report.macroAverage.recall == 0.5)
  }

  @Test func takesWhatModelsGive() throws {
    let rows = try ConfusionMatrix(
      truths: Tensor([[1, 0, 0], [0, 0, 1]] as [[Float]]),
      predictions: Tensor([[0.5, 0.2, 0.3], [0.6, 0.1, 0.3]] as [[Float]]))
    #expect(rows.counts == [[1, 0, 0], [0, 0, 0], [1, 0, 0]])
    let column = try ConfusionMatrix(
      truths: Tensor([0, 1, 1] as [Float]), predictions: Tensor([[0.2], [0.7], [0.4]] as [[Float]]))
    #expect(column.counts == [[1, 0], [1, 1]])
  }

  @Test func faultsAreNamed() {
    #expect(throws: DataError.self) { try ConfusionMatrix(truths: [0], predictions: [0, 1]) }
    #expect(throws: DataError.self) { try ConfusionMatrix(truths: [], predictions: []) }
    let tooLarge = #expect(throws: DataError.self) {
      try ConfusionMatrix(truths: [0, 2], predictions: [0, 1], names: ["a", "b"])
    }
    #expect(tooLarge?.row == 1)
    let negative = #expect(throws: DataError.self) {
      try ConfusionMatrix(truths: [0, -1], predictions: [0, 1])
    }
    #expect(negative?.found == "-1 in row 1")
    #expect(throws: DataError.self) {
      try ConfusionMatrix(truths: Tensor([0.5] as [Float]), predictions: Tensor([0] as [Float]))
    }
  }
}

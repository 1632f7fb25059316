import PlushNN
import PlushTensor
import Testing

@Suite struct ConstraintTests {
  @Test func holdAfterEachStep() throws {
    let model = Sequential {
      Dense(
        3, kernelConstraint: .maxNorm(0.5), biasConstraint: .nonNegative, inputShape: [4])
      Dense(2, kernelConstraint: .unitNorm())
      Dense(2, useBias: false, kernelConstraint: .minMaxNorm(minimum: 0.2, maximum: 0.3))
    }
    try model.compile(optimizer: .sgd(learningRate: 2), loss: .meanSquaredError)
    for _ in 0..<5 {
      try model.trainOnBatch(Tensor.randomNormal([8, 4]), Tensor.full([8, 2], -3.0))
      func norms(_ place: Int) -> [Float] {
        model.weights[place].value.square().sum(axis: 0).sqrt().dataSync()
      }
      #expect(norms(0).allSatisfy { $0 < 0.50001 })
      #expect(model.weights[1].value.min().item() >= 0)
      #expect(norms(2).allSatisfy { abs($0 - 1) < 1e-5 })
      #expect(norms(4).allSatisfy { $0 > 0.19999 && $0 < 0.30001 })
    }
  }

  @Test func inConfigurations() throws {
    for constraint: Constraint in [
      .maxNorm(3, axes: [0, 1]), .nonNegative, .unitNorm(axes: [1]),
      .minMaxNorm(minimum: 0.5, maximum: 2, rate: 0.5),
    ] {
      #expect(try Constraint.read(config: constraint.config) == constraint)
    }
    #expect(try Constraint.read(config: .null) == nil)
    #expect(try Constraint.read(config: "non_neg") == .nonNegative)
    let tfjs: JSON = ["class_name": "MinMaxNorm", "config": ["minValue": 0.5, "axis": 1]]
    #expect(try Constraint.read(config: tfjs) == .minMaxNorm(minimum: 0.5, axes: [1]))
    #expect(throws: ModelError.self) { try Constraint.read(config: "max_weight") }
    let layer = Embedding(3, 2, embeddingsConstraint: .unitNorm(axes: [1]))
    #expect(layer.config["embeddings_constraint"] == Constraint.unitNorm(axes: [1]).config)
  }

  @Test func orthogonalRegularizer() throws {
    let penalty = Regularizer.orthogonal(factor: 2)
    #expect(penalty(Tensor.eye(3)).item() == 0)
    #expect(abs(penalty(Tensor([[1.0, 0], [3, 0]])).item() - 2) < 1e-5)
    #expect(throws: ModelError.self) {
      try Regularizer.read(
        config: ["class_name": "OrthogonalRegularizer", "config": ["mode": "both"]])
    }
  }
}

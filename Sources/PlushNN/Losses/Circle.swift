import PlushTensor

extension Loss {
  /// Brings embeddings of one class together and pushes those of others away.
  ///
  /// Sun et al., "Circle loss: a unified perspective of pair similarity optimization", 2020. The
  /// truth is the number of the class, of shape [batch] or [batch, 1]; the prediction is a vector of
  /// length one, of shape [batch, size]. Samples whose value is zero do not count.
  ///
  /// - Parameters:
  ///   - gamma: the scale.
  ///   - margin: how near and how far vectors should be.
  ///   - removeDiagonal: whether a sample is no pair with itself.
  public static func circle(
    gamma: Double = 80, margin: Double = 0.4, removeDiagonal: Bool = true
  ) -> Loss {
    let arguments: JSON = [
      "gamma": .double(gamma), "margin": .double(margin),
      "remove_diagonal": .bool(removeDiagonal),
    ]
    return Loss("circle", .any, mask: { $1 .> 0 }, arguments: arguments) { truth, prediction in
      let classes = truth.flatten().cast(to: .int32)
      let isSame = classes.expandDims(axis: 1) .== classes.expandDims(axis: 0)
      let diagonal = Tensor.eye(classes.count).cast(to: .bool)
      let near = removeDiagonal ? isSame.logicalAnd(diagonal.logicalNot()) : isSame
      let distance = (1 - prediction.matmul(prediction, transposeB: true)).relu()
      let pull = (distance + margin) * (distance - margin) * gamma
      let push = ((1 + margin) - distance).relu() * ((1 - margin) - distance) * gamma
      return (sum(pull, near) + sum(push, isSame.logicalNot())).softplus()
    }
  }

  /// The logarithm of the sum of exponentials of some values of each row.
  private static func sum(_ values: Tensor, _ isChosen: Tensor) -> Tensor {
    isChosen.select(values, Tensor.full(values.shape, Float(-1e30))).logSumExp(axis: 1)
  }
}

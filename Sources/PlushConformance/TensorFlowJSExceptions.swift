/// Cases that are not replayed, and why.
enum TensorFlowJSExceptions {
  /// The reason to skip a case, by its name or the operators of its steps.
  static func reason(toSkip name: String, _ operators: [String]) -> String? {
    if let difference = differences.first(where: { name.contains($0.key) }) {
      return difference.value
    }
    return operators.lazy.compactMap { families[$0] }.first
  }

  /// Where Plush follows JAX, NumPy and Keras 3 instead, by parts of names.
  private static let differences = [
    "maximum gradients: Tensor": "equal elements share the gradient",
    "minimum gradients: Tensor": "equal elements share the gradient",
    "gradient: ties": "equal elements share the gradient",
    "gradient: 1D, ties": "equal elements share the gradient",
    "argmax ignores NaNs": "NaN is an extreme",
    "argmin ignores NaNs": "NaN is an extreme",
    "sign does not propagate NaNs": "the sign of NaN is NaN",
    "mirrorPad gradient": "the gradient of a mirror image flows back",
  ]

  /// Families of operators that have no replay yet.
  private static let families: [String: String] = {
    let names = [
      "recurrent layers": ["basicLSTMCell", "multiRNNCell"],
      "ragged tensors": ["raggedGather", "raggedRange", "raggedTensorToTensor"],
      "sparse tensors": [
        "sparseFillEmptyRows", "sparseReshape", "sparseSegmentMean", "sparseSegmentSum",
      ],
      "texts": [
        "staticRegexReplace", "stringNGrams", "stringSplit", "stringToHashBucketFast",
      ],
      "losses": [
        "absoluteDifference", "computeWeightedLoss", "cosineDistance", "hingeLoss", "huberLoss",
        "logLoss", "meanSquaredError", "sigmoidCrossEntropy", "softmaxCrossEntropy",
      ],
    ]
    return names.reduce(into: [:]) { reasons, family in
      for name in family.value { reasons[name] = "operators of \(family.key) are not replayed" }
    }
  }()
}

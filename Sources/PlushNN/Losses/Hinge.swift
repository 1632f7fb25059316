import PlushTensor

extension Loss {
  /// `max(0, 1 - truth · prediction)`, the truth being -1 or 1; truths of 0 and 1 only are changed
  /// to these.
  public static let hinge = Loss("hinge", .numbers) {
    shortfall($0, $1).mean(axis: -1)
  }

  /// `max(0, 1 - truth · prediction)²`, the truth being -1 or 1; truths of 0 and 1 only are changed
  /// to these.
  public static let squaredHinge = Loss("squared_hinge", .numbers) {
    shortfall($0, $1).square().mean(axis: -1)
  }

  /// How much the prediction of the class is not one above the largest other, the truth being a one
  /// in the place of the class.
  public static let categoricalHinge = Loss("categorical_hinge", .oneHot) {
    let own = ($0 * $1).sum(axis: -1)
    return (((1 - $0) * $1).max(axis: -1) - own + 1).relu()
  }

  private static func shortfall(_ truth: Tensor, _ prediction: Tensor) -> Tensor {
    let isBinary = (truth .== 0).logicalOr(truth .== 1).all()
    return (1 - isBinary.select(truth * 2 - 1, truth) * prediction).relu()
  }
}

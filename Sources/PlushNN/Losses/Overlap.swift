import PlushTensor

// How little two areas overlap, for segmentation. Without axes there is one value for the batch.

extension Loss {
  /// One minus twice the common area over the sum of both: Dice, 1945.
  ///
  /// - Parameter axes: what areas are summed over; by default all axes, that of samples too.
  public static func dice(axes: [Int]? = nil) -> Loss {
    Loss("dice", .probabilities, arguments: ["axis": json(axes)]) { truth, prediction in
      let common = (truth * prediction).sum(axes: axes)
      let both = truth.sum(axes: axes) + prediction.sum(axes: axes)
      return 1 - common * 2 / (both + epsilon)
    }
  }

  /// One minus the common area over itself and weighted parts of the rest.
  ///
  /// Salehi et al., "Tversky loss function for image segmentation", 2017, with the factors where
  /// Keras has them.
  ///
  /// - Parameters:
  ///   - alpha: the weight of what is true and not predicted.
  ///   - beta: the weight of what is predicted and not true.
  ///   - axes: what areas are summed over; by default all axes, that of samples too.
  public static func tversky(
    alpha: Double = 0.5, beta: Double = 0.5, axes: [Int]? = nil
  ) -> Loss {
    let arguments: JSON = [
      "alpha": .double(alpha), "beta": .double(beta), "axis": json(axes),
    ]
    return Loss("tversky", .probabilities, arguments: arguments) { truth, prediction in
      let common = (truth * prediction).sum(axes: axes)
      let missed = ((1 - prediction) * truth).sum(axes: axes)
      let added = (prediction * (1 - truth)).sum(axes: axes)
      return 1 - common / (common + missed * alpha + added * beta + epsilon)
    }
  }

  private static func json(_ axes: [Int]?) -> JSON {
    axes.map { .array($0.map(JSON.int)) } ?? .null
  }
}

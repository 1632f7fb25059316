import PlushTensor

/// Rates that hold up to a step each: `values[i]` up to and with step `boundaries[i]`.
public struct PiecewiseConstantDecay: LearningRateSchedule {
  /// The last steps of all values but the last, in rising order.
  public let boundaries: [Int]
  /// The rates, one more than boundaries.
  public let values: [Double]

  /// Creates the schedule; there must be one more value than boundaries.
  public init(boundaries: [Int], values: [Double]) {
    precondition(
      values.count == boundaries.count + 1,
      "\(boundaries.count) boundaries take \(boundaries.count + 1) values, not \(values.count)")
    self.boundaries = boundaries
    self.values = values
  }

  public init(config: JSON) throws {
    let boundaries = try config.get("boundaries", \.array).compactMap(\.int)
    let values = try config.get("values", \.array).compactMap(\.double)
    guard values.count == boundaries.count + 1 else {
      throw ModelError(
        expected: "\(boundaries.count + 1) values for \(boundaries.count) boundaries",
        found: "\(values.count)")
    }
    self.init(boundaries: boundaries, values: values)
  }

  public var config: JSON {
    [
      "boundaries": .array(boundaries.map(JSON.int)), "values": .array(values.map(JSON.double)),
      "name": "PiecewiseConstant",
    ]
  }

  /// The rate for a step, counted from 0: both are float32 scalars.
  public func rate(at step: Tensor) -> Tensor {
    zip(boundaries, values).reversed().reduce(Tensor(Float(values[values.count - 1]))) {
      (step .<= $1.0).select(Tensor(Float($1.1)), $0)
    }
  }
}

extension LearningRateSchedule where Self == PiecewiseConstantDecay {
  /// Rates that hold up to a step each.
  public static func piecewiseConstantDecay(
    boundaries: [Int], values: [Double]
  ) -> PiecewiseConstantDecay {
    PiecewiseConstantDecay(boundaries: boundaries, values: values)
  }
}

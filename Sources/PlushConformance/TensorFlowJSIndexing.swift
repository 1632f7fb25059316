import PlushTensor

extension TensorFlowJSOperators {
  static let indexing: [String: Operator] = [
    "bincount": one { try bincount($0) },
    "confusionMatrix": one {
      confusionMatrix(
        labels: try $0.tensor(0), predictions: try $0.tensor(1),
        classCount: try $0.requiredInt(2))
    },
    "denseBincount": one { try bincount($0) },
    "gather": linear { x, arguments in
      x.gather(
        try arguments.tensor(1), axis: arguments.int(2) ?? 0, batchAxes: arguments.int(3) ?? 0)
    },
    "gatherND": one { try $0.tensor(0).gatherND(try $0.tensor(1)) },
    "lowerBound": one { try search($0, .left) }, "upperBound": one { try search($0, .right) },
    "scatterND": one { arguments in
      let (indices, shape) = (try column(arguments), try arguments.requiredIntegers(2))
      return try arguments.tensor(1).scatterND(indices, shape: shape)
    },
    "searchSorted": one { try search($0, $0.string(2) == "right" ? .right : .left) },
    "sparseToDense": one { arguments in
      let values = try arguments.tensor(1)
      var indices = try column(arguments)
      let shape = try arguments.requiredIntegers(2)
      if indices.rank == 0 { indices = indices.reshape([1, 1]) }
      let count = indices.shape[0]
      let base = try arguments.optionalTensor(3) ?? .zeros([], dtype: values.dtype)
      return base.broadcast(to: shape).scatterUpdate(indices, values.broadcast(to: [count]))
    },
    "tensorScatterUpdate": one {
      try $0.tensor(0).scatterUpdate(try $0.tensor(1), try $0.tensor(2))
    },
    "unique": several {
      let (values, _, inverse, _) = try $0.tensor(0).unique(axis: $0.int(1) ?? 0)
      return [values, inverse]
    },
    "unsortedSegmentSum": one {
      try $0.tensor(0).segmentSum(try $0.tensor(1), count: try $0.requiredInt(2))
    },
  ]

  /// Positions along one axis may come without an axis of their own.
  private static func column(_ arguments: TensorFlowJSArguments) throws -> Tensor {
    let indices = try arguments.tensor(0)
    return indices.rank == 1 ? indices.expandDims(axis: -1) : indices
  }

  private static func bincount(_ arguments: TensorFlowJSArguments) throws -> Tensor {
    let (x, weights) = (try arguments.tensor(0), try arguments.tensor(1))
    let size = try arguments.requiredInt(2)
    let counts = x.bincount(size: size, weights: weights.count == 0 ? nil : weights)
    return (arguments.flag(3) ? counts .> 0 : counts).cast(to: .float32)
  }

  /// One sequence makes a batch of one.
  private static func search(
    _ arguments: TensorFlowJSArguments, _ side: Tensor.Side
  ) throws -> Tensor {
    let places = try arguments.tensor(0).searchSorted(try arguments.tensor(1), side: side)
    return places.rank == 1 ? places.expandDims(axis: 0) : places
  }
}

import PlushTensor

extension TensorFlowJSOperators {
  static let sparse: [String: Operator] = [
    "raggedGather": several { try raggedGather($0) },
    "raggedRange": several {
      let rows = RaggedTensor.range(
        starts: try $0.tensor(0), limits: try $0.tensor(1), deltas: try $0.tensor(2))
      return [rows.rowSplits[0].tensor, rows.values]
    },
    "raggedTensorToTensor": one { try raggedToDense($0) },
    "sparseFillEmptyRows": several { arguments in
      let given = SparseTensor(
        indices: try arguments.tensor(0), values: try arguments.tensor(1),
        shape: try arguments.elements(2))
      let (filled, isEmpty, places) = given.fillEmptyRows(try arguments.requiredDouble(3))
      return [filled.indices, filled.values, isEmpty, places]
    },
    "sparseReshape": several { arguments in
      let indices = try arguments.tensor(0)
      let given = SparseTensor(
        indices: indices, values: .ones([indices.shape[0]]), shape: try arguments.elements(1))
      let reshaped = given.reshape(try arguments.elements(2))
      return [reshaped.indices, reshaped.shape.tensor]
    },
    "sparseSegmentMean": one { arguments in
      try segments(arguments) { $0.segmentMean($1, count: $2) }
    },
    "sparseSegmentSum": one { arguments in
      try segments(arguments) { $0.segmentSum($1, count: $2) }
    },
  ]

  /// Groups of the slices that indices name; the groups are in order, so that the last tells their
  /// number.
  private static func segments(
    _ arguments: TensorFlowJSArguments, _ body: (Tensor, Tensor, Int) -> Tensor
  ) throws -> Tensor {
    let (x, ids) = (try arguments.tensor(0), try arguments.tensor(2))
    let count = try arguments.elements(2).last.map { $0 + 1 } ?? 0
    return body(x.gather(try arguments.tensor(1)), ids, count).cast(to: x.dtype)
  }

  private static func raggedGather(_ arguments: TensorFlowJSArguments) throws -> [Tensor] {
    let splits = try arguments.tensors(0).map { $0.dataSync(as: Int32.self).map { Int($0) } }
    let indices = try arguments.tensor(2)
    let rows = RaggedTensor(values: try arguments.tensor(1), rowSplits: splits)
      .gather(try arguments.elements(2))
    // Indices of several axes make the outer ones rows of equal lengths; a single one has no axis.
    let outer = indices.shape.indices.dropLast().map { axis in
      let count = indices.shape[...axis].reduce(1, *)
      return (0...count).map { $0 * indices.shape[axis + 1] }
    }
    let inner = indices.rank == 0 ? Array(rows.rowSplits.dropFirst()) : rows.rowSplits
    return (outer + inner).map(\.tensor) + [rows.values]
  }

  private static func raggedToDense(_ arguments: TensorFlowJSArguments) throws -> Tensor {
    let (shape, values) = (try arguments.elements(0), try arguments.tensor(1))
    let parts = try arguments.tensors(3).map { $0.dataSync(as: Int32.self).map { Int($0) } }
    let isByRow = arguments.given(4)?.array?.first?.string == "FIRST_DIM_SIZE"
    let rows =
      isByRow
      ? RaggedTensor(values: values, rowIDs: Array(parts.dropFirst()), rowCount: parts[0][0])
      : RaggedTensor(values: values, rowSplits: parts)
    return rows.dense(
      fill: try arguments.requiredDouble(2), sizes: Array(shape.prefix(rows.rowSplits.count + 1)))
  }
}

extension TensorFlowJSArguments {
  /// The elements of a tensor of integers.
  fileprivate func elements(_ index: Int) throws -> [Int] {
    try tensor(index).dataSync(as: Double.self).map { Int($0) }
  }
}

extension [Int] {
  fileprivate var tensor: Tensor { Tensor(map { Int32($0) }, shape: [count]) }
}

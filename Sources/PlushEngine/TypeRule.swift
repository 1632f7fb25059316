extension Op {
  /// The types of the results for operands of these types.
  ///
  /// - Throws: `TypeError` that names what was expected and what came.
  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    switch self {
    case .parameter(_, let type), .fill(_, let type): return [type]
    case .iota(let axis, let type):
      try requireAxis(axis, type.shape.count)
      return [type]
    case .randomBits(_, let shape):
      try requireCount(1, operands)
      guard operands[0] == TensorType([2], .int64) else {
        throw TypeError("randomBits expects a key int64[2]; got \(operands[0]).")
      }
      return [TensorType(shape, .int32)]
    case .unary(let operation):
      try requireCount(1, operands)
      if operation == .bitNot { try requireBits(operands[0].dtype, allowsBool: false) }
      return [TensorType(operands[0].shape, operation.isPredicate ? .bool : operands[0].dtype)]
    case .binary(let operation):
      try requireEqual(operands, count: 2)
      switch operation {
      case .bitAnd, .bitOr, .bitXor: try requireBits(operands[0].dtype, allowsBool: true)
      case .shiftLeft, .shiftRight: try requireBits(operands[0].dtype, allowsBool: false)
      default: break
      }
      return [operands[0]]
    case .compare:
      try requireEqual(operands, count: 2)
      return [TensorType(operands[0].shape, .bool)]
    case .select:
      try requireCount(3, operands)
      try requireEqual(Array(operands[1...]), count: 2)
      guard operands[0] == TensorType(operands[1].shape, .bool) else {
        throw TypeError("select expects a condition bool\(operands[1].shape); got \(operands[0]).")
      }
      return [operands[1]]
    case .cast(let dtype):
      try requireCount(1, operands)
      return [TensorType(operands[0].shape, dtype)]
    case .reduce(_, let axes):
      try requireCount(1, operands)
      for axis in axes { try requireAxis(axis, operands[0].shape.count) }
      let shape = operands[0].shape.enumerated().filter { !axes.contains($0.offset) }
      return [TensorType(shape.map(\.element), operands[0].dtype)]
    case .argReduce(_, let axis):
      try requireAxis(axis, operands[0].shape.count)
      guard operands[0].shape[axis] > 0 else {
        throw TypeError("\(name) of an empty axis: axis \(axis) of \(operands[0]) has no elements.")
      }
      return [TensorType(operands[0].shape.removing(axis), .int32)]
    case .scan(_, let axis, _, _):
      try requireAxis(axis, operands[0].shape.count)
      return [operands[0]]
    case .argsort(let axis, _):
      try requireAxis(axis, operands[0].shape.count)
      return [TensorType(operands[0].shape, .int32)]
    case .factorize(let factorization):
      try requireCount(1, operands)
      return try factorizationTypes(factorization, operands[0])
    case .recurrent(let recurrence): return try recurrence.resultTypes(operands)
    case .recurrentGradient(let gradient): return try gradient.resultTypes(operands)
    default: return [try movementOrIndexingType(operands)]
    }
  }

  private func requireBits(_ dtype: DType, allowsBool: Bool) throws {
    if dtype.isFloating || (dtype == .bool && !allowsBool) {
      throw TypeError(
        "\(name) expects integers\(allowsBool ? " or bool" : ""); got \(dtype). Cast it first.")
    }
  }

  private func movementOrIndexingType(_ operands: [TensorType]) throws -> TensorType {
    let first = operands[0]
    let shape = first.shape
    switch self {
    case .reshape(let target):
      guard target.elementCount == shape.elementCount else {
        throw TypeError(
          "reshape from \(shape) to \(target): \(shape.elementCount) elements cannot become "
            + "\(target.elementCount).")
      }
      return TensorType(target, first.dtype)
    case .transpose(let permutation):
      guard permutation.sorted() == Array(shape.indices) else {
        throw TypeError("transpose of \(shape) expects each axis once; got \(permutation).")
      }
      return TensorType(permutation.map { shape[$0] }, first.dtype)
    case .broadcast(let target):
      guard shape.broadcast(with: target) == target else {
        throw TypeError("\(shape) does not broadcast to \(target).")
      }
      return TensorType(target, first.dtype)
    case .slice(let starts, let sizes, let strides):
      try requireSlice(shape, starts, sizes, strides)
      return TensorType(sizes, first.dtype)
    case .pad(let low, let high):
      guard low.count == shape.count, high.count == shape.count,
        (low + high).allSatisfy({ $0 >= 0 })
      else {
        throw TypeError("pad of \(shape) expects two widths >= 0 an axis; got \(low) and \(high).")
      }
      guard operands[1] == TensorType([], first.dtype) else {
        throw TypeError("pad expects a scalar of \(first.dtype); got \(operands[1]).")
      }
      return TensorType(shape.indices.map { low[$0] + shape[$0] + high[$0] }, first.dtype)
    case .reverse(let axes):
      for axis in axes { try requireAxis(axis, shape.count) }
      return first
    case .concatenate(let axis): return try concatenatedType(operands, axis)
    case .matmul(let transposeA, let transposeB):
      return try matmulType(operands, transposeA, transposeB)
    case .convolution, .convolutionInputGradient, .convolutionFilterGradient, .pool, .poolGradient:
      return try windowType(operands)
    case .solveTriangular: return try triangularType(operands)
    case .fft:
      try requireCount(1, operands)
      guard shape.count >= 2, shape.last == 2, first.dtype.isPrecise else {
        throw TypeError(
          "fft expects pairs [batch…, length, 2] of float32 or float64; got \(first).")
      }
      return first
    default: return try indexingType(operands)
    }
  }

  private func windowType(_ operands: [TensorType]) throws -> TensorType {
    switch self {
    case .convolution(let convolution):
      try requireCount(2, operands)
      return try convolution.outputType(operands[0], operands[1])
    case .convolutionInputGradient(let convolution, let sizes):
      try requireCount(2, operands)
      return try convolution.inputType(operands[0], operands[1], sizes)
    case .convolutionFilterGradient(let convolution, let sizes):
      try requireCount(2, operands)
      return try convolution.filterType(operands[0], operands[1], sizes)
    case .pool(let pooling):
      try requireCount(1, operands)
      return try pooling.outputType(operands[0])
    case .poolGradient(let pooling, let sizes):
      try requireCount(pooling.kind == .max ? 2 : 1, operands)
      return try pooling.inputType(operands, sizes)
    default: throw TypeError("\(name) moves no window.")
    }
  }

  private func indexingType(_ operands: [TensorType]) throws -> TensorType {
    try requireCount(2, operands)
    let (array, indices) = (operands[0], operands[1])
    guard indices.dtype == .int32 else {
      throw TypeError("\(name) expects int32 indices; got \(indices.dtype).")
    }
    switch self {
    case .gather(let axis):
      try requireAxis(axis, array.shape.count)
      let shape = array.shape[..<axis] + indices.shape + array.shape[(axis + 1)...]
      return TensorType(Array(shape), array.dtype)
    case .scatterAdd(let axis, let length, let indexRank):
      guard axis >= 0, axis + indexRank <= array.shape.count, indexRank == indices.shape.count,
        Array(array.shape[axis..<axis + indexRank]) == indices.shape
      else {
        throw TypeError(
          "scatterAdd expects updates with axes \(indices.shape) at \(axis); got \(array.shape).")
      }
      let shape = array.shape[..<axis] + [length] + array.shape[(axis + indexRank)...]
      return TensorType(Array(shape), array.dtype)
    case .gatherElements(let axis):
      try requireAxis(axis, array.shape.count)
      guard indices.shape.count == array.shape.count,
        indices.shape.removing(axis) == array.shape.removing(axis)
      else {
        throw TypeError(
          "gatherElements expects indices shaped as \(array.shape) but along axis \(axis); got "
            + "\(indices.shape).")
      }
      return TensorType(indices.shape, array.dtype)
    case .scatterAddElements(let axis, let length):
      try requireAxis(axis, array.shape.count)
      guard indices.shape == array.shape else {
        throw TypeError(
          "scatterAddElements expects an index for each of \(array.shape); got \(indices.shape).")
      }
      var shape = array.shape
      shape[axis] = length
      return TensorType(shape, array.dtype)
    default: throw TypeError("\(name) has no type of its own.")
    }
  }

  private func concatenatedType(_ operands: [TensorType], _ axis: Int) throws -> TensorType {
    try requireAxis(axis, operands[0].shape.count)
    var result = operands[0]
    for operand in operands[1...] {
      guard operand.dtype == result.dtype, operand.shape.count == result.shape.count,
        operand.shape.removing(axis) == result.shape.removing(axis)
      else {
        throw TypeError(
          "concatenate along axis \(axis) expects shapes alike but for that axis; got "
            + operands.map(\.description).joined(separator: ", ") + ".")
      }
      result.shape[axis] += operand.shape[axis]
    }
    return result
  }

  private func matmulType(
    _ operands: [TensorType], _ transposeA: Bool, _ transposeB: Bool
  ) throws -> TensorType {
    try requireCount(2, operands)
    let (a, b) = (operands[0], operands[1])
    guard a.dtype == b.dtype, a.shape.count >= 2, b.shape.count == a.shape.count,
      a.shape.dropLast(2) == b.shape.dropLast(2)
    else {
      throw TypeError("matmul expects matrices of one type with equal batch axes; got \(a), \(b).")
    }
    let rank = a.shape.count
    let (m, k) =
      transposeA ? (a.shape[rank - 1], a.shape[rank - 2]) : (a.shape[rank - 2], a.shape[rank - 1])
    let (l, n) =
      transposeB ? (b.shape[rank - 1], b.shape[rank - 2]) : (b.shape[rank - 2], b.shape[rank - 1])
    guard k == l else {
      throw TypeError(
        "matmul expects as many columns on the left as rows on the right; got \(m)×\(k) and "
          + "\(l)×\(n) (\(a), \(b)).")
    }
    return TensorType(a.shape.dropLast(2) + [m, n], a.dtype)
  }

  private func factorizationTypes(
    _ factorization: Factorization, _ matrix: TensorType
  ) throws -> [TensorType] {
    let shape = matrix.shape
    let isSquare = factorization == .cholesky || factorization == .lu
    guard shape.count >= 2, matrix.dtype.isPrecise,
      isSquare
        ? shape[shape.count - 2] == shape[shape.count - 1]
        : shape[shape.count - 2] >= shape[shape.count - 1]
    else {
      throw TypeError(
        "\(name) expects \(isSquare ? "square matrices" : "matrices no wider than high") of "
          + "float32 or float64; got \(matrix).")
    }
    let batch = Array(shape.dropLast(2))
    let columns = shape[shape.count - 1]
    let square = TensorType(batch + [columns, columns], matrix.dtype)
    switch factorization {
    case .cholesky: return [matrix]
    case .lu: return [matrix, TensorType(batch + [columns], .int32)]
    case .qr: return [matrix, square]
    case .svd: return [matrix, TensorType(batch + [columns], matrix.dtype), square]
    }
  }

  private func triangularType(_ operands: [TensorType]) throws -> TensorType {
    try requireCount(2, operands)
    let (t, b) = (operands[0], operands[1])
    let rank = t.shape.count
    guard t.dtype == b.dtype, t.dtype.isPrecise, rank >= 2, b.shape.count == rank,
      t.shape[rank - 2] == t.shape[rank - 1], t.shape.dropLast() == b.shape.dropLast()
    else {
      throw TypeError(
        "solveTriangular expects [batch…, n, n] and [batch…, n, k] of float32 or float64; got \(t), "
          + "\(b).")
    }
    return b
  }

  private func requireCount(_ count: Int, _ operands: [TensorType]) throws {
    guard operands.count == count else {
      throw TypeError("\(name) expects \(count) operands; got \(operands.count).")
    }
  }

  private func requireEqual(_ operands: [TensorType], count: Int) throws {
    try requireCount(count, operands)
    guard operands.allSatisfy({ $0 == operands[0] }) else {
      let types = operands.map(\.description).joined(separator: " and ")
      throw TypeError("\(name) expects operands of one type; got \(types).")
    }
  }

  private func requireAxis(_ axis: Int, _ rank: Int) throws {
    guard axis >= 0, axis < rank else {
      throw TypeError("\(name) along axis \(axis): the operand has \(rank) axes.")
    }
  }

  private func requireSlice(
    _ shape: [Int], _ starts: [Int], _ sizes: [Int], _ strides: [Int]
  ) throws {
    let fits =
      starts.count == shape.count && sizes.count == shape.count && strides.count == shape.count
      && shape.indices.allSatisfy { axis in
        let last = starts[axis] + (sizes[axis] - 1) * strides[axis]
        return strides[axis] >= 1 && sizes[axis] >= 0 && starts[axis] >= 0
          && (sizes[axis] == 0 || last < shape[axis])
      }
    guard fits else {
      throw TypeError("slice from \(starts) of \(sizes) by \(strides) leaves \(shape).")
    }
  }
}

extension DType {
  /// Whether linear algebra works on it.
  fileprivate var isPrecise: Bool { self == .float32 || self == .float64 }
}

extension [Int] {
  /// The shape without one axis.
  func removing(_ axis: Int) -> [Int] {
    var shape = self
    shape.remove(at: axis)
    return shape
  }
}

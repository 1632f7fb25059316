import PlushEngine
import PlushTensor

// Products of matrices.

extension ONNXOperators {
  static let matrices: [String: ONNXOperator] = [
    "MatMul": { context in
      let (a, b) = (try context.input(0), try context.input(1))
      return [try context.product(a, b).like(a)]
    },
    "Gemm": { [try gemm($0)] },
    "Einsum": { context in
      let inputs = try context.inputs()
      let equation = (context.string("equation") ?? "").filter { $0 != " " }
      try context.check(equation, inputs)
      return [einsum(equation, inputs).like(inputs[0])]
    },
    "MatMulInteger": { context in
      let (a, b) = (try context.input(0), try context.input(1))
      let left = a.cast(to: .float64) - (try context.zeroPoint(2, of: a, axis: a.rank - 2))
      let right = b.cast(to: .float64) - (try context.zeroPoint(3, of: b, axis: b.rank - 1))
      return [try context.product(left, right).cast(to: .int32)]
    },
  ]

  private static func gemm(_ context: NodeContext) throws -> Tensor {
    let (a, b) = (try context.input(0, rank: 2...2), try context.input(1, rank: 2...2))
    let (flipsA, flipsB) = (context.flag("transA"), context.flag("transB"))
    try context.require(
      a.shape[flipsA ? 0 : 1] == b.shape[flipsB ? 1 : 0], "matrices that fit",
      "\(a.shape) and \(b.shape)")
    let isWhole = !a.dtype.isFloating
    let (x, w) = isWhole ? (a.cast(to: .float64), b.cast(to: .float64)) : (a, b.like(a))
    var product = matmul(x, w, transposeA: flipsA, transposeB: flipsB)
    let (alpha, beta) = (context.float("alpha", 1), context.float("beta", 1))
    if alpha != 1 { product = product * alpha }
    guard let c = context.optional(2), beta != 0 else { return product.like(a) }
    try context.require(
      c.shape.broadcast(with: product.shape) == product.shape,
      "a sum that broadcasts to "
        + "\(product.shape)", "shape \(c.shape)")
    return (product + (beta == 1 ? c : c * beta).like(product)).like(a)
  }
}

extension NodeContext {
  /// The product of matrices, whose batch axes broadcast; whole numbers by way of float64.
  func product(_ a: Tensor, _ b: Tensor) throws -> Tensor {
    try require(a.rank > 0 && b.rank > 0, "matrices or vectors", "\(a.shape) and \(b.shape)")
    let rows = b.rank == 1 ? b.shape[0] : b.shape[b.rank - 2]
    let batches = Array(a.shape.dropLast(2)).broadcast(with: Array(b.shape.dropLast(2)))
    try require(
      a.shape[a.rank - 1] == rows && batches != nil, "matrices that fit",
      "\(a.shape) and \(b.shape)")
    if a.dtype.isFloating { return matmul(a, b.like(a)) }
    return matmul(a.cast(to: .float64), b.cast(to: .float64)).like(a)
  }

  /// What stands for zero in an operand of small integers, one number for all or for each place of an
  /// axis, in a form that broadcasts to it.
  func zeroPoint(_ index: Int, of x: Tensor, axis: Int) throws -> Tensor {
    guard let zero = optional(index) else { return Tensor.zeros([], dtype: .float64) }
    let wide = zero.cast(to: .float64)
    if zero.count == 1 { return wide.reshape([]) }
    let ones = [Int](repeating: 1, count: x.rank - 1 - Swift.max(0, axis))
    let result = zero.rank == 1 ? wide.reshape([zero.count] + ones) : wide
    try require(
      x.shape.broadcast(with: result.shape) == x.shape, "zero points for \(x.shape)",
      "\(zero.shape)")
    return result
  }

  /// Checks that an equation of einsum fits its operands.
  fileprivate func check(_ equation: String, _ inputs: [Tensor]) throws {
    let sides = equation.components(of: "->")
    let terms = sides[0].split(separator: ",", omittingEmptySubsequences: false)
    try require(
      sides.count <= 2 && terms.count == inputs.count, "a term for each of \(inputs.count) inputs",
      equation)
    var sizes: [Character: Int] = [:]
    for (term, input) in zip(terms, inputs) {
      let letters = term.filter { $0 != "." }
      let hasRest = term.contains(".")
      try require(
        letters.allSatisfy(\.isLetter)
          && (hasRest
            ? term.contains("...") && letters.count <= input.rank
            : letters.count == input.rank),
        "a letter for each axis of \(input.shape)", String(term))
      let before = term.split(separator: ".", omittingEmptySubsequences: false).first?.count ?? 0
      for (place, letter) in letters.enumerated() {
        let axis = place < before ? place : input.rank - letters.count + place
        let size = input.shape[axis]
        let known = sizes[letter] ?? size
        try require(
          known == size || known == 1 || size == 1, "equal sizes of '\(letter)'", equation)
        sizes[letter] = Swift.max(known, size)
      }
    }
    if sides.count == 2 {
      let letters = sides[1].filter { $0 != "." }
      try require(
        letters.allSatisfy { sizes[$0] != nil } && Set(letters).count == letters.count,
        "letters of the inputs in the result", equation)
    }
  }
}

extension String {
  /// The parts between a separator.
  fileprivate func components(of separator: String) -> [String] {
    guard let range = firstRange(of: separator) else { return [self] }
    return [String(self[..<range.lowerBound]), String(self[range.upperBound...])]
  }
}

extension ReferenceArray {
  func reduce(_ reduction: Reduction, _ axes: [Int], _ result: TensorType) -> ReferenceValue {
    switch value {
    case .real(let values):
      .real(fold(values, reduction.realIdentity, axes, result, reduction.combine))
    case .integer(let values):
      .integer(fold(values, reduction.identity(type.dtype), axes, result, reduction.combine))
    }
  }

  func argReduce(_ reduction: ArgReduction, _ axis: Int) -> ReferenceValue {
    .integer(
      lines(along: axis).map { line in
        switch value {
        case .real(let values): Int64(reduction.first(line.map { values[$0] }))
        case .integer(let values): Int64(reduction.first(line.map { values[$0] }))
        }
      })
  }

  func scan(
    _ reduction: Reduction, _ axis: Int, exclusive: Bool, reverse: Bool
  ) -> ReferenceValue {
    let lines = lines(along: axis).map { reverse ? $0.reversed() : $0 }
    return switch value {
    case .real(let values):
      .real(running(values, reduction.realIdentity, lines, exclusive, reduction.combine))
    case .integer(let values):
      .integer(
        running(values, reduction.identity(type.dtype), lines, exclusive, reduction.combine))
    }
  }

  func argsort(_ axis: Int, descending: Bool) -> ReferenceValue {
    var result = [Int64](repeating: 0, count: count)
    for line in lines(along: axis) {
      let order =
        switch value {
        case .real(let values): sortedOrder(line.map { values[$0] }, descending: descending)
        case .integer(let values): sortedOrder(line.map { values[$0] }, descending: descending)
        }
      for (position, index) in zip(line, order) { result[position] = Int64(index) }
    }
    return .integer(result)
  }

  /// Positions of the elements of each line along an axis; lines in row-major order.
  func lines(along axis: Int) -> [[Int]] {
    let across = shape.removing(axis)
    return (0..<across.elementCount).map { line in
      var index = across.index(at: line)
      index.insert(0, at: axis)
      return (0..<shape[axis]).map {
        index[axis] = $0
        return shape.position(of: index)
      }
    }
  }

  /// Every element combines, in order, into the result whose index is its own without `axes`.
  private func fold<T>(
    _ values: [T], _ identity: T, _ axes: [Int], _ result: TensorType, _ combine: (T, T) -> T
  ) -> [T] {
    var results = [T](repeating: identity, count: result.count)
    for (position, value) in values.enumerated() {
      let index = shape.index(at: position).enumerated().filter { !axes.contains($0.offset) }
      let target = result.shape.position(of: index.map(\.element))
      results[target] = combine(results[target], value)
    }
    return results
  }

  private func running<T>(
    _ values: [T], _ identity: T, _ lines: [[Int]], _ exclusive: Bool, _ combine: (T, T) -> T
  ) -> [T] {
    var results = values
    for line in lines {
      var soFar = identity
      for position in line {
        let next = combine(soFar, values[position])
        results[position] = exclusive ? soFar : next
        soFar = next
      }
    }
    return results
  }
}

extension Reduction {
  fileprivate var realIdentity: Double {
    switch self {
    case .sum: 0
    case .product: 1
    case .max: -.infinity
    case .min: .infinity
    }
  }

  fileprivate func identity(_ dtype: DType) -> Int64 {
    switch self {
    case .sum: 0
    case .product: 1
    case .max: dtype.integerRange.lowerBound
    case .min: dtype.integerRange.upperBound
    }
  }

  /// NaN wins.
  fileprivate func combine(_ a: Double, _ b: Double) -> Double {
    switch self {
    case .sum: a + b
    case .product: a * b
    case .max: a.isNaN || a > b ? a : b
    case .min: a.isNaN || a < b ? a : b
    }
  }

  /// Bool too, for it is wrapped at the end: a sum is zero only if all are, a product if any is.
  fileprivate func combine(_ a: Int64, _ b: Int64) -> Int64 {
    switch self {
    case .sum: a &+ b
    case .product: a &* b
    case .max: Swift.max(a, b)
    case .min: Swift.min(a, b)
    }
  }
}

extension DType {
  fileprivate var integerRange: ClosedRange<Int64> {
    switch self {
    case .int32: Int64(Int32.min)...Int64(Int32.max)
    case .uint8: 0...255
    case .bool: 0...1
    default: Int64.min...Int64.max
    }
  }
}

extension ArgReduction {
  /// The first largest or smallest; the first NaN wins.
  fileprivate func first<T: Comparable>(_ values: [T]) -> Int {
    if let notANumber = values.firstIndex(where: { $0 != $0 }) { return notANumber }
    var best = 0
    for (index, value) in values.enumerated() {
      let isBetter = self == .max ? value > values[best] : value < values[best]
      if isBetter { best = index }
    }
    return best
  }
}

/// Indices that sort the values; stable, NaN last in both orders.
private func sortedOrder<T: Comparable>(_ values: [T], descending: Bool) -> [Int] {
  let numbers = values.indices.filter { values[$0] == values[$0] }
  let others = values.indices.filter { values[$0] != values[$0] }
  let sorted = numbers.sorted { left, right in
    let (a, b) = (values[left], values[right])
    return a == b ? left < right : descending ? a > b : a < b
  }
  return sorted + others
}

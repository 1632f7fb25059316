extension Op {
  func gather(_ operands: [ReferenceArray], _ axis: Int, _ result: [Int]) throws -> ReferenceValue {
    let (array, indices) = (operands[0], operands[1])
    try requireIndices(indices, within: array.shape[axis], axis)
    let positions = (0..<result.elementCount).map { position in
      let place = result.index(at: position)
      return array.shape.position(of: indexed(place, by: indices, axis))
    }
    return array.value.elements(at: positions)
  }

  func scatterAdd(
    _ operands: [ReferenceArray], _ axis: Int, _ length: Int, _ indexRank: Int,
    _ result: TensorType
  ) throws -> ReferenceValue {
    let (updates, indices) = (operands[0], operands[1])
    try requireIndices(indices, within: length, axis)
    return updates.added(into: result) { indexed($0, by: indices, axis) }
  }

  func gatherElements(_ operands: [ReferenceArray], _ axis: Int) throws -> ReferenceValue {
    let (array, indices) = (operands[0], operands[1])
    try requireIndices(indices, within: array.shape[axis], axis)
    let positions = indices.integers.enumerated().map { position, index in
      var place = indices.shape.index(at: position)
      place[axis] = Int(index)
      return array.shape.position(of: place)
    }
    return array.value.elements(at: positions)
  }

  func scatterAddElements(
    _ operands: [ReferenceArray], _ axis: Int, _ length: Int, _ result: TensorType
  ) throws -> ReferenceValue {
    let (updates, indices) = (operands[0], operands[1])
    try requireIndices(indices, within: length, axis)
    return updates.added(into: result) { place in
      var target = place
      target[axis] = Int(indices.integers[indices.shape.position(of: place)])
      return target
    }
  }

  /// The place with its axes from `axis` on that belong to the indices replaced by the index there.
  private func indexed(_ place: [Int], by indices: ReferenceArray, _ axis: Int) -> [Int] {
    let end = axis + indices.shape.count
    let index = indices.integers[indices.shape.position(of: Array(place[axis..<end]))]
    return Array(place[..<axis]) + [Int(index)] + Array(place[end...])
  }

  private func requireIndices(
    _ indices: ReferenceArray, within length: Int, _ axis: Int
  ) throws {
    let outside = indices.integers.firstIndex { !(0..<Int64(length)).contains($0) }
    guard let outside else { return }
    throw indexError(
      Int(indices.integers[outside]), at: indices.shape.index(at: outside), axis: axis,
      length: length)
  }

  /// An index that leaves its axis; `place` is where it stands among the indices.
  func indexError(_ index: Int, at place: [Int], axis: Int, length: Int) -> ExecutionError {
    ExecutionError(
      "\(name) along axis \(axis) expects indices in 0..<\(length); got \(index) at \(place) of "
        + "the indices.")
  }
}

extension ReferenceArray {
  /// Adds each element to the element of the result at the index that `target` gives for its own.
  fileprivate func added(
    into result: TensorType, at target: ([Int]) -> [Int]
  ) -> ReferenceValue {
    let targets = (0..<count).map { result.shape.position(of: target(shape.index(at: $0))) }
    switch value {
    case .real(let values):
      var sums = [Double](repeating: 0, count: result.count)
      for (target, value) in zip(targets, values) { sums[target] += value }
      return .real(sums)
    case .integer(let values):
      var sums = [Int64](repeating: 0, count: result.count)
      for (target, value) in zip(targets, values) { sums[target] &+= value }
      return .integer(sums)
    }
  }
}

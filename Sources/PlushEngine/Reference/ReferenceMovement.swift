extension ReferenceArray {
  func transpose(_ permutation: [Int], _ result: [Int]) -> ReferenceValue {
    moved(to: result) { target in
      var source = target
      for (axis, from) in permutation.enumerated() { source[from] = target[axis] }
      return source
    }
  }

  func broadcast(_ result: [Int]) -> ReferenceValue {
    moved(to: result) { target in
      zip(shape, target.suffix(shape.count)).map { size, index in size == 1 ? 0 : index }
    }
  }

  func slice(_ starts: [Int], _ sizes: [Int], _ strides: [Int]) -> ReferenceValue {
    moved(to: sizes) { target in
      target.indices.map { starts[$0] + target[$0] * strides[$0] }
    }
  }

  func reverse(_ axes: [Int]) -> ReferenceValue {
    moved(to: shape) { target in
      target.indices.map { axes.contains($0) ? shape[$0] - 1 - target[$0] : target[$0] }
    }
  }

  func pad(_ low: [Int], _ padding: ReferenceArray, _ result: [Int]) -> ReferenceValue {
    let positions = (0..<result.elementCount).map { position in
      let source = zip(result.index(at: position), low).map { $0 - $1 }
      let isInside = zip(source, shape).allSatisfy { (0..<$1).contains($0) }
      return isInside ? shape.position(of: source) : count
    }
    return value.followed(by: padding.value).elements(at: positions)
  }

  /// Each element of the result is the element at the index that `source` gives for its own.
  private func moved(to result: [Int], _ source: ([Int]) -> [Int]) -> ReferenceValue {
    let positions = (0..<result.elementCount).map { position in
      shape.position(of: source(result.index(at: position)))
    }
    return value.elements(at: positions)
  }
}

/// The operands one after the other along an axis.
func joined(_ operands: [ReferenceArray], _ axis: Int, _ result: [Int]) -> ReferenceValue {
  let all = operands.dropFirst().reduce(operands[0].value) { $0.followed(by: $1.value) }
  let positions = (0..<result.elementCount).map { position in
    var index = result.index(at: position)
    var before = 0
    var operand = 0
    while index[axis] >= operands[operand].shape[axis] {
      index[axis] -= operands[operand].shape[axis]
      before += operands[operand].count
      operand += 1
    }
    return before + operands[operand].shape.position(of: index)
  }
  return all.elements(at: positions)
}

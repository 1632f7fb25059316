import PlushTensor

/// Inputs and truth of samples; the first axis of every array counts them.
struct Samples {
  var inputs: [Tensor]
  var truths: [Tensor]
  /// How much each sample counts, one array for each output; none if all count the same.
  var weights: [Tensor] = []

  /// All arrays, in the order in which programs take them.
  var arrays: [Tensor] { inputs + truths + weights }

  var count: Int { inputs.first?.shape.first ?? truths.first?.shape.first ?? 0 }

  /// Some samples that follow each other.
  func range(_ range: Range<Int>) -> Samples {
    Samples(
      inputs: inputs.map { $0.rows(range) }, truths: truths.map { $0.rows(range) },
      weights: weights.map { $0.rows(range) })
  }

  /// Splits the last part off.
  ///
  /// - Throws: `DataError` if that leaves one of the parts empty.
  func split(last part: Double) throws -> (Samples, Samples) {
    guard part > 0, part < 1 else {
      throw DataError(
        .argument, expected: "a validationSplit from 0 to below 1", found: "\(part)")
    }
    let kept = Int((Double(count) * (1 - part)).rounded(.down))
    guard kept > 0, kept < count else {
      throw DataError(
        .count, expected: "enough samples to split off \(part)", found: "\(count)")
    }
    return (range(0..<kept), range(kept..<count))
  }

  /// Ranges of a size that cover all samples; the last may be smaller.
  static func batches(of size: Int, count: Int) -> [Range<Int>] {
    stride(from: 0, to: count, by: size).map { $0..<min(count, $0 + size) }
  }
}

/// The samples whose numbers the last argument lists.
///
/// Picking happens inside of programs: one program then serves every batch of a size.
func picked(_ arguments: [Tensor]) -> [Tensor] {
  let picks = arguments[arguments.count - 1]
  return arguments.dropLast().map { $0.gather(picks, axis: 0) }
}

/// Numbers of samples that follow each other.
func picks(_ range: Range<Int>) -> Tensor { Tensor(range.map { Int32($0) }) }

extension Tensor {
  /// Some elements of the first axis that follow each other.
  func rows(_ range: Range<Int>) -> Tensor {
    if range == 0..<shape[0] { return self }
    let starts = [range.lowerBound] + shape.dropFirst().map { _ in 0 }
    return slice(starts: starts, sizes: [range.count] + shape.dropFirst())
  }
}

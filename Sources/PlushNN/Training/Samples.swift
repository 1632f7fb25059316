import PlushEngine
import PlushTensor

/// Inputs and truth of samples; the first axis of every array counts them.
///
/// As an element of a `Dataset` that was not batched it is one sample, without that axis.
public struct Samples: Sendable {
  /// One array for each input of the model.
  public var inputs: [Tensor]
  /// One array for each output of the model.
  public var truths: [Tensor]
  /// How much each sample counts, one array for each output; none if all count the same.
  public var weights: [Tensor]

  /// Makes samples of their arrays.
  public init(inputs: [Tensor], truths: [Tensor] = [], weights: [Tensor] = []) {
    self.inputs = inputs
    self.truths = truths
    self.weights = weights
  }

  /// Makes samples of a model with one input and one output.
  public init(_ x: Tensor, _ y: Tensor) { self.init(inputs: [x], truths: [y]) }

  /// All arrays, in the order in which programs take them.
  var arrays: [Tensor] { inputs + truths + weights }

  /// The same change to every array.
  package func mapArrays(_ change: (Tensor) -> Tensor) -> Samples {
    Samples(
      inputs: inputs.map(change), truths: truths.map(change), weights: weights.map(change))
  }

  /// How many samples there are.
  public var count: Int { inputs.first?.shape.first ?? truths.first?.shape.first ?? 0 }

  /// Some samples that follow each other.
  func range(_ range: Range<Int>) -> Samples {
    mapArrays { $0.rows(range) }
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

extension Samples {
  /// One of the samples, without the axis that counts them.
  func sample(_ index: Int) -> Samples { mapArrays { $0.row(index) } }

  /// Samples side by side along a new first axis.
  ///
  /// - Throws: `DataError` if their shapes differ.
  init(stacking samples: [Samples]) throws {
    let types = samples[0].arrays.map(\.type)
    guard let other = samples.first(where: { $0.arrays.map(\.type) != types }) else {
      func stacked(_ arrays: (Samples) -> [Tensor]) -> [Tensor] {
        arrays(samples[0]).indices.map { place in .stacking(samples.map { arrays($0)[place] }) }
      }
      self.init(
        inputs: stacked(\.inputs), truths: stacked(\.truths), weights: stacked(\.weights))
      return
    }
    throw DataError(
      .shape, expected: "samples of equal shapes in a batch, \(types)",
      found: "\(other.arrays.map(\.type))")
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
  /// One element of the first axis, copied.
  fileprivate func row(_ index: Int) -> Tensor {
    let type = TensorType(Array(shape.dropFirst()), dtype)
    let bytes = buffer.bytes[index * type.byteCount..<(index + 1) * type.byteCount]
    return Tensor(bytes: UnsafeRawBufferPointer(rebasing: bytes), shape: type.shape, dtype: dtype)
  }

  /// Tensors of one type along a new first axis, copied: no program is made of each.
  fileprivate static func stacking(_ tensors: [Tensor]) -> Tensor {
    realize(tensors)
    let bytes = tensors.flatMap { $0.bytes() }
    return bytes.withUnsafeBytes {
      Tensor(bytes: $0, shape: [tensors.count] + tensors[0].shape, dtype: tensors[0].dtype)
    }
  }

  /// Some elements of the first axis that follow each other.
  func rows(_ range: Range<Int>) -> Tensor {
    if range == 0..<shape[0] { return self }
    let starts = [range.lowerBound] + shape.dropFirst().map { _ in 0 }
    return slice(starts: starts, sizes: [range.count] + shape.dropFirst())
  }
}

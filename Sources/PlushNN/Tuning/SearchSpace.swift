import PlushTensor

/// What hyper-parameters may be.
///
/// ```swift
/// let space: SearchSpace = [
///   "units": .values([16, 32, 64]), "rate": .logarithmic(1e-4...1e-1),
/// ]
/// ```
public struct SearchSpace: Sendable, ExpressibleByDictionaryLiteral {
  /// What one of them may be.
  public enum Choice: Sendable {
    /// One of these.
    case values([JSON])
    /// Any whole number of a range.
    case integers(ClosedRange<Int>)
    /// Any number of a range.
    case uniform(ClosedRange<Double>)
    /// Any number of a range above 0, each order of magnitude as likely.
    case logarithmic(ClosedRange<Double>)
  }

  /// The choices by name, in the order in which they were given.
  public let choices: [(name: String, choice: Choice)]

  /// The choices by name.
  public init(dictionaryLiteral elements: (String, Choice)...) {
    choices = elements.map { (name: $0.0, choice: $0.1) }
  }

  /// All combinations, the last choice changing fastest.
  ///
  /// - Throws: `ModelError` if a choice is a range of numbers, which has no end.
  package func grid() throws -> [[String: JSON]] {
    try choices.reduce([[:]]) { combinations, entry in
      let values = try entry.choice.all(entry.name)
      return combinations.flatMap { combination in
        values.map { combination.merging([entry.name: $0]) { $1 } }
      }
    }
  }

  /// Combinations drawn at random; the same seed draws the same.
  func samples(_ count: Int, seed: Int) -> [[String: JSON]] {
    let numbers = withRandomKey(seed: seed) {
      Tensor.randomUniform([count, max(1, choices.count)]).dataSync(as: Double.self)
    }
    return (0..<count).map { row in
      var combination: [String: JSON] = [:]
      for (column, entry) in choices.enumerated() {
        combination[entry.name] = entry.choice.value(at: numbers[row * choices.count + column])
      }
      return combination
    }
  }
}

extension SearchSpace.Choice {
  fileprivate func all(_ name: String) throws -> [JSON] {
    switch self {
    case .values(let values): return values
    case .integers(let range): return range.map(JSON.int)
    case .uniform, .logarithmic:
      throw ModelError(
        expected: "values or integers for '\(name)' in a grid", found: "a range of numbers",
        hint: "search at random")
    }
  }

  /// The value that lies at a place from 0 to below 1.
  fileprivate func value(at place: Double) -> JSON {
    switch self {
    case .values(let values):
      return values[min(values.count - 1, Int(place * Double(values.count)))]
    case .integers(let range):
      return .int(range.lowerBound + min(range.count - 1, Int(place * Double(range.count))))
    case .uniform(let range):
      return .double(range.lowerBound + place * (range.upperBound - range.lowerBound))
    case .logarithmic(let range):
      let ratio = Tensor(Float(range.upperBound / range.lowerBound))
      return .double(range.lowerBound * Double(ratio.pow(place).item()))
    }
  }
}

/// Sizes of the axes of a value in a model, outermost first; nil where any size will do, as for the
/// samples of a batch.
public typealias Shape = [Int?]

extension Shape {
  /// The shape as JSON and TensorFlow.js write it: `[null,784]`.
  public var text: String {
    "[" + map { $0.map(String.init) ?? "null" }.joined(separator: ",") + "]"
  }

  /// Whether memory could hold an array of this shape, as far as it is known.
  ///
  /// Files claim anything: sizes beyond this would overflow what is computed from them.
  var isPossible: Bool {
    var count = 1
    return allSatisfy { size in
      guard let size, size != 0 else { return true }
      let (product, overflow) = count.multipliedReportingOverflow(by: size)
      count = product
      return (1...Int(Int32.max)).contains(size) && !overflow && product <= 1 << 44
    }
  }

  /// Whether arrays of this shape may serve where `other` is wanted.
  func fits(_ other: Shape) -> Bool {
    count == other.count && zip(self, other).allSatisfy { $0 == nil || $1 == nil || $0 == $1 }
  }

  /// The shape that both broadcast to under NumPy's rule, or nil.
  func broadcast(with other: Shape) -> Shape? {
    let rank = Swift.max(count, other.count)
    let left = Shape(repeating: 1, count: rank - count) + self
    let right = Shape(repeating: 1, count: rank - other.count) + other
    var result: Shape = []
    for (a, b) in zip(left, right) {
      guard a == b || a == 1 || b == 1 || a == nil || b == nil else { return nil }
      result.append(a == 1 ? b : b == 1 ? a : a ?? b)
    }
    return result
  }

  /// The shape in a configuration.
  var json: JSON { .array(map { $0.map(JSON.int) ?? .null }) }

  /// The shape in a configuration, or nil if it is none.
  init?(_ json: JSON) {
    guard let sizes = json.array else { return nil }
    self = sizes.map(\.int)
    let valid = zip(self, sizes).allSatisfy { size, json in
      json.isNull || (size ?? -1) >= 0
    }
    if !valid { return nil }
  }
}

extension [Shape] {
  /// `[[null,10],[null,3]]`.
  var text: String { "[" + map(\.text).joined(separator: ",") + "]" }
}

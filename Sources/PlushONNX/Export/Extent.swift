/// The size of an axis: a number, or so many times the samples of a batch.
enum Extent: Hashable {
  case fixed(Int)
  case batch(times: Int)

  /// The size that a program has, as those recorded for two sizes of a batch tell it; nil if it
  /// grows otherwise.
  init?(_ first: Int, _ second: Int, batches: (Int, Int)) {
    if first == second {
      self = .fixed(first)
      return
    }
    let times = first / batches.0
    guard times > 0, times * batches.0 == first, times * batches.1 == second else { return nil }
    self = .batch(times: times)
  }

  var isFixed: Bool { size != nil }

  /// The number, if it is one.
  var size: Int? {
    if case .fixed(let size) = self { size } else { nil }
  }
}

extension [Extent] {
  /// The sizes, if all are numbers.
  var sizes: [Int]? {
    let sizes = compactMap(\.size)
    return sizes.count == count ? sizes : nil
  }

  /// The shape that two broadcast to.
  func broadcast(with other: [Extent]) -> [Extent] {
    let rank = Swift.max(count, other.count)
    let left = [Extent](repeating: .fixed(1), count: rank - count) + self
    let right = [Extent](repeating: .fixed(1), count: rank - other.count) + other
    return zip(left, right).map { $0 == .fixed(1) ? $1 : $0 }
  }

  /// The shape with ones before it, of so many axes.
  func aligned(_ rank: Int) -> [Extent] {
    [Extent](repeating: .fixed(1), count: Swift.max(0, rank - count)) + self
  }
}

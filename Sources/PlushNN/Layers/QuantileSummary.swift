/// Numbers and how many values each stands for, from which quantiles are read: the method of
/// Keras's `Discretization`.
struct QuantileSummary {
  private var values: [Double]
  private var weights: [Double]

  /// Sums values up to about 1 / epsilon numbers.
  init(_ all: [Float], epsilon: Double) {
    let sorted = all.sorted()
    let step = max(Double(sorted.count) * epsilon, 1)
    values = stride(from: Int(step - 1), to: sorted.count, by: Int(step)).map {
      Double(sorted[$0])
    }
    weights = Array(repeating: step, count: values.count)
    compress(epsilon)
  }

  /// The boundaries between ranges that hold as many values each.
  func boundaries(bins: Int) -> [Double] {
    var summary = self
    summary.compress(1 / Double(bins))
    return summary.values.dropLast()
  }

  private mutating func compress(_ epsilon: Double) {
    guard Double(values.count) * epsilon >= 1, !values.isEmpty else { return }
    var sum = 0.0
    let sums = weights.map { weight in
      sum += weight
      return sum
    }
    let shares = sums.map { $0 / sum }
    let count = Int((1 / epsilon).rounded(.up))
    let percents = (0..<count).map { epsilon + Double($0) * epsilon }
    let newSums = percents.map { interpolate($0, shares, sums) }
    values = percents.map { Double(Float(interpolate($0, shares, values))) }
    weights = zip(newSums, [0] + newSums).map { Double(Float($0 - $1)) }
  }

  /// The value at x of the line through points, flat beyond the first and the last.
  private func interpolate(_ x: Double, _ xs: [Double], _ ys: [Double]) -> Double {
    guard x > xs[0] else { return ys[0] }
    guard let right = xs.firstIndex(where: { $0 >= x }) else { return ys[ys.count - 1] }
    let left = right - 1
    return ys[left] + (ys[right] - ys[left]) * (x - xs[left]) / (xs[right] - xs[left])
  }
}

/// How values are distributed: how many lie in each of some intervals of equal width.
struct Histogram {
  private let sorted: [Double]
  private let intervals: Int

  /// The distribution of the values that are numbers.
  init(_ values: [Float], intervals: Int = 30) {
    sorted = values.filter(\.isFinite).map(Double.init).sorted()
    self.intervals = intervals
  }

  /// Writes the fields of a `HistogramProto`.
  func write(to message: inout ProtobufWriter) {
    let (low, high) = (sorted.first ?? 0, sorted.last ?? 0)
    let width = (high - low) / Double(intervals)
    var counts = [Double](repeating: 0, count: intervals)
    for value in sorted {
      let place = width > 0 ? Int((value - low) / width) : intervals - 1
      counts[min(intervals - 1, place)] += 1
    }
    message.write(1, low)
    message.write(2, high)
    message.write(3, Double(sorted.count))
    message.write(4, sorted.reduce(0, +))
    message.write(5, sorted.reduce(0) { $0 + $1 * $1 })
    message.write(6, (1...intervals).map { $0 == intervals ? high : low + Double($0) * width })
    message.write(7, counts)
  }
}

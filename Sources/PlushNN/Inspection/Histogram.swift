/// How many numbers lie in each of some equal parts of a range.
public struct Histogram: Sendable, Hashable {
  /// From the smallest number to the largest; of width 1 around them if all are the same.
  public let range: ClosedRange<Double>
  /// The count of each part; the last one includes the end of the range.
  public private(set) var counts: [Int]

  /// Counts the finite ones of some numbers that lie in a range.
  init(_ values: [Double], in range: ClosedRange<Double>, bins: Int) {
    let isPoint = range.lowerBound == range.upperBound
    self.range = isPoint ? range.lowerBound - 0.5...range.upperBound + 0.5 : range
    counts = Array(repeating: 0, count: max(1, bins))
    let low = self.range.lowerBound
    let scale = Double(counts.count) / (self.range.upperBound - low)
    for value in values where value.isFinite {
      // Differences of the largest numbers are infinite, and inverses of the smallest.
      let place = (value - low) * scale
      counts[place.isFinite ? min(counts.count - 1, max(0, Int(place))) : 0] += 1
    }
  }

  /// A bar for each part, from `▁` to `█`; parts without numbers are blank.
  public var text: String {
    let bars = Array("▁▂▃▄▅▆▇█")
    let most = Double(max(1, counts.max() ?? 1))
    return String(
      counts.map { count in
        count == 0 ? " " : bars[min(7, Int(Double(count) / most * 8))]
      })
  }
}

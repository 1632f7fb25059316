import PlushTensor

/// Figures that tell whether a tensor is as it should be.
///
/// Mean, deviation, minimum, maximum and histogram are those of the finite elements; all are NaN if
/// there are none.
public struct TensorStatistics: Sendable, Hashable {
  /// The number of elements.
  public let count: Int
  /// The mean.
  public let mean: Double
  /// The root of the mean square of what lies between elements and their mean.
  public let standardDeviation: Double
  /// The smallest element.
  public let min: Double
  /// The largest element.
  public let max: Double
  /// How many elements are zero.
  public let zeroCount: Int
  /// How many elements are not a number.
  public let nanCount: Int
  /// How many elements are infinite.
  public let infiniteCount: Int
  /// How the elements are spread.
  public let histogram: Histogram

  /// Computes the figures.
  ///
  /// - Parameters:
  ///   - tensor: the tensor.
  ///   - bins: how many parts the histogram has.
  public init(_ tensor: Tensor, bins: Int = 10) {
    self.init(tensor.dataSync(as: Double.self), bins: bins)
  }

  private init(_ values: [Double], bins: Int) {
    var tally = Tally()
    for value in values { tally.add(value) }
    count = values.count
    (zeroCount, nanCount, infiniteCount) = (tally.zeros, tally.nans, tally.infinities)
    let finite = count - nanCount - infiniteCount
    let mean = finite > 0 ? tally.sum / Double(finite) : .nan
    self.mean = mean
    // The differences are taken from the mean itself: sums of squares would cancel.
    let squares = values.reduce(0.0) { sum, value in
      value.isFinite ? sum + (value - mean) * (value - mean) : sum
    }
    standardDeviation = finite > 0 ? (squares / Double(finite)).squareRoot() : .nan
    (min, max) = finite > 0 ? (tally.low, tally.high) : (.nan, .nan)
    histogram = Histogram(values, in: finite > 0 ? tally.low...tally.high : 0...1, bins: bins)
  }

  private struct Tally {
    var sum = 0.0
    var low = Double.infinity
    var high = -Double.infinity
    var zeros = 0
    var nans = 0
    var infinities = 0

    mutating func add(_ value: Double) {
      guard value.isFinite else {
        if value.isNaN { nans += 1 } else { infinities += 1 }
        return
      }
      sum += value
      if value < low { low = value }
      if value > high { high = value }
      if value == 0 { zeros += 1 }
    }
  }

  /// Which part of the elements is zero, from 0 to 1.
  public var zeroShare: Double { count == 0 ? 0 : Double(zeroCount) / Double(count) }

  /// Whether every element is zero.
  public var isAllZero: Bool { count > 0 && zeroCount == count }

  /// Whether every element is a finite number.
  public var isFinite: Bool { nanCount + infiniteCount == 0 }

  /// The figures by name.
  public var json: JSON {
    [
      "count": .int(count), "mean": .double(mean), "std": .double(standardDeviation),
      "min": .double(min), "max": .double(max), "zeros": .int(zeroCount), "nan": .int(nanCount),
      "infinite": .int(infiniteCount),
      "histogram": [
        "low": .double(histogram.range.lowerBound), "high": .double(histogram.range.upperBound),
        "counts": .array(histogram.counts.map(JSON.int)),
      ],
    ]
  }
}

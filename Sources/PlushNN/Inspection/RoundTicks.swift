/// Round numbers that divide a range: multiples of 1, 2 or 5 times a power of ten.
struct RoundTicks {
  /// The range, widened to round numbers at both ends.
  let range: ClosedRange<Double>
  /// The ticks and their labels, the smallest first.
  let ticks: [(value: Double, label: String)]

  /// Finds ticks for finite numbers.
  ///
  /// - Parameters:
  ///   - range: the numbers to show.
  ///   - count: about how many parts there are to be.
  ///   - isWhole: whether all ticks are to be whole numbers.
  init(_ range: ClosedRange<Double>, count: Int, isWhole: Bool = false) {
    let size = max(range.lowerBound.magnitude, range.upperBound.magnitude)
    // Numbers that are all the same, but for the last bits, are shown with room around them.
    let isFlat = range.upperBound - range.lowerBound <= size * 1e-12
    let room = !isFlat ? 0 : size == 0 ? 1 : size / 2
    let (low, high) = (range.lowerBound - room, range.upperBound + room)
    let least = (high - low) / Double(max(1, count))
    var step = Step(atLeast: least)
    if isWhole && step.power < 0 { step = Step(digit: 1, power: 0) }
    let first = Int((low / step.value + 1e-9).rounded(.down))
    let last = Int((high / step.value - 1e-9).rounded(.up))
    self.range = step.value(first)...step.value(max(last, first + 1))
    ticks = (first...max(last, first + 1)).map { (step.value($0), step.label($0)) }
  }

  private struct Step {
    let digit: Int
    let power: Int

    init(digit: Int, power: Int) { (self.digit, self.power) = (digit, power) }

    init(atLeast size: Double) {
      var power = 0
      while Self.powerOfTen(power) > size && power > -300 { power -= 1 }
      while Self.powerOfTen(power + 1) <= size && power < 300 { power += 1 }
      let part = size / Self.powerOfTen(power)
      let digit = [1, 2, 5].first { Double($0) >= part * (1 - 1e-9) }
      self.init(digit: digit ?? 1, power: digit == nil ? power + 1 : power)
    }

    static func powerOfTen(_ power: Int) -> Double {
      let size = (0..<power.magnitude).reduce(1.0) { size, _ in size * 10 }
      return power < 0 ? 1 / size : size
    }

    var value: Double { value(1) }

    func value(_ place: Int) -> Double {
      let size = Self.powerOfTen(Int(power.magnitude))
      return power < 0 ? Double(place * digit) / size : Double(place * digit) * size
    }

    /// The digits are those of a whole number, so they are exact.
    func label(_ place: Int) -> String {
      let sign = place < 0 ? "−" : ""
      let digits = String((place * digit).magnitude)
      if place == 0 { return "0" }
      if power >= 0 && power + digits.count <= 6 {
        return sign + digits + String(repeating: "0", count: power)
      }
      if power < 0 && power >= -4 {
        let padded = digits.leftZeros(to: 1 - power)
        return sign + padded.dropLast(-power) + "." + padded.suffix(-power)
      }
      let rest = digits.dropFirst().reversed().drop { $0 == "0" }.reversed()
      let exponent = power + digits.count - 1
      return sign + digits.prefix(1) + (rest.isEmpty ? "" : "." + String(rest)) + "e\(exponent)"
    }
  }
}

extension String {
  fileprivate func leftZeros(to width: Int) -> String {
    String(repeating: "0", count: max(0, width - count)) + self
  }
}

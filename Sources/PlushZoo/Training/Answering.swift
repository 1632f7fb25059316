import Plush

// What networks of numbers have in common when they answer for a file.

extension Network {
  /// The rows of a table with these columns, or of a table of as many columns with any names.
  func numericRows(_ path: String, columns: [String]) throws -> Tensor {
    let table = try Table(file: path)
    let hasNames = columns.allSatisfy(table.columnNames.contains)
    guard hasNames || table.columns.count == columns.count else {
      throw ZooError(
        "\(path): expected the columns \(columns.joined(separator: ", ")), found "
          + table.columnNames.joined(separator: ", "),
        hint: "the first line of the file names the columns")
    }
    let (values, shape) = try table.matrix(hasNames ? columns : nil)
    return Tensor(values, shape: shape)
  }

  /// The answers of a network with one sigmoid output.
  func binaryAnswers(_ model: Model, _ inputs: Tensor) throws -> [Answer] {
    let probabilities = try model.predict(inputs).dataSync()
    let rows = inputs.dataSync()
    let width = inputs.shape[1]
    return probabilities.enumerated().map { row, probability in
      let sample = rows[row * width..<(row + 1) * width]
      let answer = probability > 0.5 ? 1 : 0
      let text = sample.map(\.plain).joined(separator: ", ")
      return Answer(
        "(\(text)) → \(answer)  probability \(probability.short)",
        [
          "input": .array(sample.map { .double(Double($0)) }), "class": .int(answer),
          "probability": .double(Double(probability)),
        ])
    }
  }

  /// Samples in random order, the last fifth held out for the test.
  func heldOut(
    _ x: Tensor, _ y: Tensor, origin: String, record: JSON = [:]
  ) throws -> NetworkData {
    let count = x.shape[0]
    guard count >= 5 else {
      throw ZooError("\(origin): expected at least 5 samples, found \(count)")
    }
    let order = Tensor.randomPermutation(count)
    let (x, y) = (x.gather(order, axis: 0), y.gather(order, axis: 0))
    realize([x, y])
    let cut = count * 4 / 5
    return NetworkData(
      training: LabelledSamples(x[0..<cut], y[0..<cut]),
      test: LabelledSamples(x[cut..<count], y[cut..<count]), origin: origin, record: record)
  }
}

extension Float {
  /// Three digits after the point, or as many as a small number needs to show three.
  package var short: String { Double(self).short }

  /// The same without zeros at its end.
  var plain: String {
    self == rounded() && magnitude < 1e6 ? "\(Int(self))" : short
  }
}

extension Double {
  /// Three digits after the point; small numbers as a power of ten.
  package var short: String {
    guard isFinite else { return "\(self)" }
    if self != 0 && magnitude < 0.0005 { return scientific }
    let scaled = Int((magnitude * 1000).rounded())
    let digits = String(scaled % 1000)
    let zeros = String(repeating: "0", count: 3 - digits.count)
    return "\(self < 0 ? "-" : "")\(scaled / 1000).\(zeros)\(digits)"
  }

  private var scientific: String {
    var (mantissa, power) = (self, 0)
    while mantissa.magnitude < 1 && power > -400 {
      mantissa *= 10
      power -= 1
    }
    return "\((mantissa * 10).rounded() / 10)e\(power)"
  }
}

extension Double {
  /// `83.24 %`
  package var percent: String {
    let scaled = Int((self * 10_000).rounded())
    let digits = scaled % 100
    return "\(scaled / 100).\(digits < 10 ? "0" : "")\(digits) %"
  }
}

import PlushEngine

extension Tensor: CustomStringConvertible {
  /// The values in TensorFlow.js's layout.
  public var description: String { text(verbose: false) }

  /// Prints the values in TensorFlow.js's layout; `verbose` adds type, rank and shape.
  public func print(verbose: Bool = false) { Swift.print(text(verbose: verbose)) }

  /// What `print` prints.
  public func text(verbose: Bool) -> String {
    var lines = ["Tensor"]
    if verbose {
      lines.append("  dtype: \(dtype.name)")
      lines.append("  rank: \(rank)")
      lines.append("  shape: [\(shape.map(String.init).joined(separator: ","))]")
      lines.append("  values:")
    }
    lines += TensorText(self).lines.map { "    \($0)" }
    return lines.joined(separator: "\n")
  }
}

/// Lays numbers out as TensorFlow.js's `tensor_format.ts` does, line by line.
private struct TensorText {
  let shape: [Int]
  let cells: [String]
  /// Width of each column; zero where there is one row only.
  let widths: [Int]

  static let longestAxis = 20
  static let edge = 3

  init(_ tensor: Tensor) {
    shape = tensor.shape
    cells = TensorText.cells(tensor)
    let columns = shape.last ?? 0
    var widths = [Int](repeating: 0, count: columns)
    if shape.count > 1 {
      for (index, cell) in cells.enumerated() {
        widths[index % columns] = max(widths[index % columns], cell.utf8.count)
      }
    }
    self.widths = widths
  }

  private static func cells(_ tensor: Tensor) -> [String] {
    switch tensor.dtype {
    case .bool: tensor.dataSync(as: Bool.self).map { "\($0)" }
    case .uint8, .int32, .int64: tensor.dataSync(as: Int64.self).map { "\($0)" }
    case .float16, .bfloat16, .float32, .float64:
      tensor.dataSync(as: Double.self).map {
        tensor.rank == 0 ? $0.shortText : $0.roundedToSevenDecimals.shortText
      }
    }
  }

  var lines: [String] { lines(axis: 0, start: 0, isLast: true) }

  private func lines(axis: Int, start: Int, isLast: Bool) -> [String] {
    if shape.isEmpty { return [cells[0]] }
    if axis == shape.count - 1 { return [row(start)] }
    let size = shape[axis]
    let stride = shape[(axis + 1)...].reduce(1, *)
    let block = { (index: Int) -> [String] in
      self.lines(axis: axis + 1, start: start + index * stride, isLast: index == size - 1)
    }
    var lines: [String]
    if size > Self.longestAxis {
      lines = (0..<Self.edge).flatMap(block) + ["..."]
      lines += (size - Self.edge..<size).flatMap(block)
    } else {
      lines = (0..<size).flatMap(block)
    }
    return bracketed(lines, rank: shape.count - axis, isLast: isLast)
  }

  private func row(_ start: Int) -> String {
    let cell = { (column: Int) -> String in cells[start + column].padded(to: widths[column]) }
    let size = shape[shape.count - 1]
    guard size > Self.longestAxis else {
      return "[\((0..<size).map(cell).joined(separator: ", "))]"
    }
    let first = (0..<Self.edge).map(cell).joined(separator: ", ")
    let last = (size - Self.edge..<size).map(cell).joined(separator: ", ")
    return "[\(first), ..., \(last)]"
  }

  /// One line gets both brackets and, as there, a stray separator and space.
  private func bracketed(_ lines: [String], rank: Int, isLast: Bool) -> [String] {
    var lines = lines.isEmpty ? ["["] : lines
    let separator = rank == 2 ? "," : ""
    if shape[shape.count - rank] > 0 { lines[0] = "[\(lines[0])\(separator)" }
    for index in lines.indices.dropFirst().dropLast() {
      lines[index] = " \(lines[index])\(separator)"
    }
    let end = isLast ? "" : ",\n" + String(repeating: "\n", count: rank - 2)
    lines[lines.count - 1] = " \(lines[lines.count - 1])]\(end)"
    return lines
  }
}

extension String {
  fileprivate func padded(to width: Int) -> String {
    self + String(repeating: " ", count: max(0, width - utf8.count))
  }
}

extension Double {
  /// As JavaScript's `toFixed(7)`: halves away from zero, decided on the exact value.
  fileprivate var roundedToSevenDecimals: Double {
    let scaled = magnitude * 1e7
    guard scaled < 0x1p53 else { return self }
    let below = scaled.rounded(.down)
    let error = (-scaled).addingProduct(magnitude, 1e7)
    let fraction = scaled - below
    let isUp = fraction > 0.5 || (fraction == 0.5 && error >= 0)
    return Double(signOf: self, magnitudeOf: (below + (isUp ? 1 : 0)) / 1e7)
  }

  /// As JavaScript's `toString()`.
  fileprivate var shortText: String {
    if isNaN { return "NaN" }
    if isInfinite { return self < 0 ? "-Infinity" : "Infinity" }
    if self == 0 { return "0" }
    let (digits, exponent) = magnitude.shortestDigits
    return (self < 0 ? "-" : "") + Double.layout(digits, exponent)
  }

  /// The digits and the power of ten of the first: 0.012 is "12" and -2.
  private var shortestDigits: (digits: String, exponent: Int) {
    let parts = description.split(separator: "e")
    let mantissa = parts[0].split(separator: ".", omittingEmptySubsequences: false)
    let fraction = mantissa.count > 1 ? String(mantissa[1]) : ""
    let all = String(mantissa[0]) + fraction
    let leading = all.prefix { $0 == "0" }.count
    let power = (parts.count > 1 ? Int(parts[1])! : 0) + mantissa[0].count - 1 - leading
    var digits = String(all.dropFirst(leading))
    while digits.last == "0" { digits.removeLast() }
    return (digits, power)
  }

  private static func layout(_ digits: String, _ exponent: Int) -> String {
    switch exponent {
    case -6..<0:
      return "0." + String(repeating: "0", count: -exponent - 1) + digits
    case 0..<21:
      let zeros = String(repeating: "0", count: max(0, exponent + 1 - digits.count))
      let whole = (digits + zeros).prefix(exponent + 1)
      let fraction = digits.dropFirst(exponent + 1)
      return fraction.isEmpty ? "\(whole)" : "\(whole).\(fraction)"
    default:
      let fraction = digits.dropFirst()
      let sign = exponent < 0 ? "-" : "+"
      let mantissa = fraction.isEmpty ? "\(digits)" : "\(digits.prefix(1)).\(fraction)"
      return "\(mantissa)e\(sign)\(exponent.magnitude)"
    }
  }
}

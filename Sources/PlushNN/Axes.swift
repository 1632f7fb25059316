extension [Int] {
  /// Axes in a configuration: a number for one, a list for more.
  var axisConfig: JSON { count == 1 ? .int(self[0]) : .array(map(JSON.int)) }

  /// Axes as a configuration has them, or nil if it has none.
  init?(axisConfig json: JSON?) {
    if let axis = json?.int {
      self = [axis]
    } else if let axes = json?.array?.compactMap(\.int) {
      self = axes
    } else {
      return nil
    }
  }

  /// The axes counted from the first, in order.
  func places(rank: Int) -> [Int] { map { $0 < 0 ? $0 + rank : $0 }.sorted() }
}

extension Layer {
  /// The sizes of the axes along which a layer has weights.
  ///
  /// - Throws: `ModelError` if an axis is that of the samples, is missing or has no known size.
  func sizes(of axes: [Int], in shape: Shape) throws -> [Int] {
    try axes.places(rank: shape.count).map { place in
      guard place > 0, place < shape.count, let size = shape[place] else {
        let names = axes.map(String.init).joined(separator: ", ")
        throw shapeError(
          expected: "an input whose \(axes.count == 1 ? "axis" : "axes") \(names), counted with "
            + "the axis of samples, \(axes.count == 1 ? "has a known size" : "have known sizes")",
          found: shape.text)
      }
      return size
    }
  }

  /// The place of an axis of the samples.
  ///
  /// - Throws: `ModelError` if it is that of the samples or is missing.
  func place(of axis: Int, in shape: Shape) throws -> Int {
    let place = axis < 0 ? axis + shape.count : axis
    guard place > 0, place < shape.count else {
      throw shapeError(
        expected: "an axis of the samples of \(shape.text)", found: "axis \(axis)",
        hint: "axis 0 counts samples; axes of a sample go from 1 or, from the last, from -1")
    }
    return place
  }
}

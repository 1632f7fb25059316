import PlushEngine

/// Rows of different lengths, inside each other to any depth: all values one after the other, and
/// where each row begins.
public struct RaggedTensor: Sendable {
  /// All values: [count, inner…].
  public let values: Tensor
  /// For each axis of rows, outermost first: where each row begins among the rows of the next axis, or
  /// the values; and where the last ends.
  public let rowSplits: [[Int]]

  /// Values, [count, inner…], in rows that begin and end at these places.
  public init(values: Tensor, rowSplits: [[Int]]) {
    let counts = rowSplits.dropFirst().map { $0.count - 1 } + [values.shape.first ?? -1]
    let fits = zip(rowSplits, counts).allSatisfy { splits, count in
      splits.first == 0 && splits.last == count && zip(splits, splits.dropFirst()).allSatisfy(<=)
    }
    guard fits else {
      stop(
        "RaggedTensor expects places that rise from 0 to the \(counts) rows or values of the next "
          + "axis; got \(rowSplits).")
    }
    self.values = values
    self.rowSplits = rowSplits
  }

  /// Values, [count, inner…], of which each, as each row of an inner axis, tells its row of the axis
  /// outside of it, in ascending order.
  public init(values: Tensor, rowIDs: [[Int]], rowCount: Int) {
    var count = rowCount
    var splits: [[Int]] = []
    for ids in rowIDs {
      guard ids.allSatisfy({ 0..<count ~= $0 }) else {
        stop("RaggedTensor of \(count) rows expects their numbers; got \(ids).")
      }
      var ends = [Int](repeating: 0, count: count + 1)
      for id in ids { ends[id + 1] += 1 }
      for row in 0..<count { ends[row + 1] += ends[row] }
      splits.append(ends)
      count = ids.count
    }
    self.init(values: values, rowSplits: splits)
  }

  /// Rows that count: row i goes from `starts[i]` in steps of `deltas[i]` to before `limits[i]`; each
  /// is a vector or one number for all rows. The elements are read.
  public static func range(starts: Tensor, limits: Tensor, deltas: Tensor) -> RaggedTensor {
    let bounds = [starts, limits, deltas]
    let rowCount = bounds.first { $0.rank == 1 }?.count ?? 1
    guard bounds.allSatisfy({ $0.rank == 0 || $0.shape == [rowCount] }) else {
      stop("range expects numbers or vectors of one length; got \(bounds.map(\.shape)).")
    }
    let columns = bounds.map { $0.broadcast(to: [rowCount]).dataSync(as: Double.self) }
    var values: [Double] = []
    var splits = [0]
    for row in 0..<rowCount {
      let (start, limit, delta) = (columns[0][row], columns[1][row], columns[2][row])
      guard delta != 0 else { stop("range expects steps other than 0; got 0 in row \(row).") }
      let count = Int(Swift.max(0, ((limit - start) / delta).rounded(.up)))
      values += (0..<count).map { start + Double($0) * delta }
      splits.append(values.count)
    }
    let elements = Tensor(values, shape: [values.count], dtype: .float64)
    return RaggedTensor(values: elements.cast(to: starts.dtype), rowSplits: [splits])
  }

  /// The number of rows of the outermost axis.
  public var rowCount: Int { rowSplits.first.map { $0.count - 1 } ?? values.shape[0] }

  /// The rows of the outermost axis that the indices name, in their order.
  public func gather(_ rows: [Int]) -> RaggedTensor {
    guard rows.allSatisfy({ 0..<rowCount ~= $0 }) else {
      stop("gather of \(rowCount) rows expects their numbers; got \(rows).")
    }
    var places = rows
    let splits = rowSplits.map { splits in
      let ranges = places.map { splits[$0]..<splits[$0 + 1] }
      places = ranges.flatMap { Array($0) }
      return ranges.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.count) }
    }
    return RaggedTensor(values: values.gather(Tensor(places.map { Int32($0) })), rowSplits: splits)
  }

  /// All rows as one array: [rows, lengths…, inner…].
  ///
  /// - Parameters:
  ///   - fill: what ends rows that are too short.
  ///   - sizes: of the axes of rows and the one inside of them: longer rows are cut; -1, as without
  ///     sizes, takes the longest.
  public func dense(fill: Double = 0, sizes: [Int]? = nil) -> Tensor {
    let longest = rowSplits.map { zip($0, $0.dropFirst()).map { $1 - $0 }.max() ?? 0 }
    let natural = [rowCount] + longest
    let given = sizes ?? natural
    guard given.count == natural.count, given.allSatisfy({ $0 >= -1 }) else {
      stop("dense expects \(natural.count) sizes from -1; got \(given).")
    }
    let sizes = zip(given, natural).map { $0 == -1 ? $1 : $0 }
    var places = (0..<sizes[0]).map { $0 < rowCount ? $0 : nil }
    for (splits, size) in zip(rowSplits, sizes.dropFirst()) {
      places = places.flatMap { row -> [Int?] in
        let range = row.map { splits[$0]..<splits[$0 + 1] } ?? 0..<0
        return (0..<size).map { $0 < range.count ? range.lowerBound + $0 : nil }
      }
    }
    // The filling comes after all values.
    let inner = Array(values.shape.dropFirst())
    let end = values.shape[0]
    let filling = Tensor.full([1] + inner, fill, dtype: values.dtype)
    return concatenate([values, filling]).gather(Tensor(places.map { Int32($0 ?? end) }))
      .reshape(sizes + inner)
  }
}

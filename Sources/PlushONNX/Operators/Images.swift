import PlushEngine
import PlushTensor

// What finds objects in pictures.

extension ONNXOperators {
  static let images: [String: ONNXOperator] = [
    "NonMaxSuppression": { [try suppress($0)] }
  ]

  /// The boxes of each class in order of their scores, without those that overlap a better one:
  /// rows of batch, class and box.
  private static func suppress(_ context: NodeContext) throws -> Tensor {
    guard let boxes = try context.readable(0), let scores = try context.readable(1) else {
      throw context.fault(expected: "boxes and scores", found: "less")
    }
    try context.require(
      boxes.rank == 3 && boxes.shape[2] == 4 && scores.rank == 3
        && scores.shape[0] == boxes.shape[0] && scores.shape[2] == boxes.shape[1],
      "boxes [batch, count, 4] and scores [batch, classes, count]",
      "\(boxes.shape), \(scores.shape)")
    let most = try context.integer(2) ?? 0
    let overlap = try context.number(3) ?? 0
    let least = try context.number(4)
    let isCentered = context.flag("center_point_box")
    let (corners, values) = (boxes.dataSync(), scores.dataSync())
    let (count, classes) = (boxes.shape[1], scores.shape[1])
    var rows: [Int64] = []
    for batch in 0..<boxes.shape[0] {
      let found = (0..<count).map { Box(corners[((batch * count + $0) * 4)...], isCentered) }
      for label in 0..<classes {
        let line = values[((batch * classes + label) * count)...].prefix(count)
        var chosen: [Int] = []
        for place in descending(Array(line), above: least) where chosen.count < most {
          if chosen.allSatisfy({ found[$0].overlap(found[place]) <= overlap }) {
            chosen.append(place)
          }
        }
        for place in chosen { rows += [Int64(batch), Int64(label), Int64(place)] }
      }
    }
    return Tensor(rows, shape: [rows.count / 3, 3])
  }

  /// The places of scores, the best first, of equal ones the first.
  private static func descending(_ scores: [Float], above least: Double?) -> [Int] {
    scores.indices.filter { least == nil || Double(scores[$0]) > (least ?? 0) }
      .sorted { (scores[$1], $0) < (scores[$0], $1) }
  }
}

/// A box by its corners.
private struct Box {
  var low: (Double, Double)
  var high: (Double, Double)

  /// From two opposite corners (y, x), or the middle (x, y), width and height.
  init(_ numbers: ArraySlice<Float>, _ isCentered: Bool) {
    let n = numbers.prefix(4).map { Double($0) }
    if isCentered {
      low = (n[1] - n[3] / 2, n[0] - n[2] / 2)
      high = (n[1] + n[3] / 2, n[0] + n[2] / 2)
    } else {
      low = (min(n[0], n[2]), min(n[1], n[3]))
      high = (max(n[0], n[2]), max(n[1], n[3]))
    }
  }

  private var area: Double { (high.0 - low.0) * (high.1 - low.1) }

  /// The part of both that they share.
  func overlap(_ other: Box) -> Double {
    let height = min(high.0, other.high.0) - max(low.0, other.low.0)
    let width = min(high.1, other.high.1) - max(low.1, other.low.1)
    let shared = max(0, height) * max(0, width)
    let all = area + other.area - shared
    return all > 0 ? shared / all : 0
  }
}

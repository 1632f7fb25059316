import PlushEngine

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// The boxes that are left when those that overlap a better one too much are dropped, best first. How
/// many depends on the values, which are read.
///
/// - Parameters:
///   - boxes: [count, 4]: the coordinates of two opposite corners, y and x of each.
///   - scores: [count]: how good each box is.
///   - maxCount: the most boxes to be kept.
///   - iouThreshold: boxes whose intersection with a better one is at least this part of their union
///     are dropped.
///   - scoreThreshold: boxes that are no better are dropped.
///   - softSigma: above 0, a box's score is also lowered by each better box that it overlaps, by
///     `exp(-iou² / (2 softSigma))` (Bodla et al., "Soft-NMS", 2017).
/// - Returns: the indices (int32) of the boxes and their scores, both [kept].
public func nonMaxSuppression(
  boxes: Tensor, scores: Tensor, maxCount: Int, iouThreshold: Double = 0.5,
  scoreThreshold: Double = -.infinity, softSigma: Double = 0
) -> (indices: Tensor, scores: Tensor) {
  guard boxes.rank == 2, boxes.shape[1] == 4, scores.shape == [boxes.shape[0]], maxCount >= 0
  else {
    stop(
      "nonMaxSuppression expects boxes [count, 4] and scores [count]; got \(boxes.shape), "
        + "\(scores.shape).")
  }
  let corners = boxes.dataSync(as: Double.self)
  let rectangles = (0..<scores.count).map { Rectangle(corners[4 * $0..<4 * $0 + 4]) }
  var candidates = scores.dataSync(as: Double.self).enumerated()
    .filter { $0.element > scoreThreshold }
    .map { Candidate(index: $0.offset, score: $0.element) }
    .sorted { $0.isWorse(than: $1) }
  var kept: [Candidate] = []
  while kept.count < maxCount, var candidate = candidates.popLast() {
    let score = candidate.score
    for better in kept[candidate.compared...].reversed() {
      let overlap = rectangles[candidate.index].overlap(rectangles[better.index])
      if overlap >= iouThreshold { candidate.score = -.infinity }
      if softSigma > 0 { candidate.score *= exp(-0.5 / softSigma * overlap * overlap) }
      if !(candidate.score > scoreThreshold) { break }
    }
    candidate.compared = kept.count
    if candidate.score == score {
      kept.append(candidate)
    } else if candidate.score > scoreThreshold {
      let place = candidates.firstIndex { candidate.isWorse(than: $0) } ?? candidates.count
      candidates.insert(candidate, at: place)
    }
  }
  return (
    Tensor(kept.map { Int32($0.index) }, shape: [kept.count]),
    Tensor(kept.map { Float($0.score) }, shape: [kept.count])
  )
}

/// A box that may be kept.
private struct Candidate {
  var index: Int
  var score: Double
  /// How many of the kept boxes it has been compared with.
  var compared = 0

  /// Of equal ones, the first is better.
  func isWorse(than other: Candidate) -> Bool {
    score == other.score ? index > other.index : score < other.score
  }
}

/// A box by its smaller and larger coordinates.
private struct Rectangle {
  var top: Double
  var left: Double
  var bottom: Double
  var right: Double

  init(_ corners: ArraySlice<Double>) {
    let c = Array(corners)
    (top, bottom) = (Swift.min(c[0], c[2]), Swift.max(c[0], c[2]))
    (left, right) = (Swift.min(c[1], c[3]), Swift.max(c[1], c[3]))
  }

  var area: Double { (bottom - top) * (right - left) }

  /// The intersection as a part of the union.
  func overlap(_ other: Rectangle) -> Double {
    guard area > 0, other.area > 0 else { return 0 }
    let height = Swift.min(bottom, other.bottom) - Swift.max(top, other.top)
    let width = Swift.min(right, other.right) - Swift.max(left, other.left)
    let intersection = Swift.max(0, height) * Swift.max(0, width)
    return intersection / (area + other.area - intersection)
  }
}

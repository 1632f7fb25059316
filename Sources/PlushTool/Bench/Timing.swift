/// Times of some work in milliseconds.
struct Timing {
  let median: Double
  let minimum: Double

  /// Runs the work for up to eight seconds or 2000 times, three warm-ups excluded.
  init(_ work: () throws -> Void) rethrows {
    let clock = ContinuousClock()
    for _ in 0..<3 { try work() }
    var times: [Double] = []
    let start = clock.now
    while times.count < 5 || (clock.now - start < .seconds(8) && times.count < 2000) {
      let begin = clock.now
      try work()
      times.append((clock.now - begin).seconds * 1000)
    }
    times.sort()
    let middle = times.count / 2
    median = times.count % 2 == 1 ? times[middle] : (times[middle - 1] + times[middle]) / 2
    minimum = times[0]
  }
}

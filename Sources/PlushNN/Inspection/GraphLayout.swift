/// Places for the boxes of a graph whose arrows all lead down and pass beside boxes.
///
/// Each box stands in a row below those of its inputs. An arrow over several rows holds a narrow
/// place free in each of them; arrows that leave the same box share it.
struct GraphLayout {
  /// The row of each box, and after them of each place held free for an arrow.
  private(set) var rows: [Int]
  /// Where the middles of boxes and free places are, from the left.
  private(set) var middles: [Double]
  /// The free places on the way from one box to another, from top to bottom.
  private(set) var routes: [[Int]] = []
  /// The width of the picture.
  private(set) var width = 0.0

  private var widths: [Double]
  private let boxCount: Int
  private var above: [[Int]]
  private var below: [[Int]]
  /// What stands in each row, from left to right.
  private var order: [[Int]] = []

  private static let gap = 26.0
  private static let corridor = 10.0

  /// How many rows there are.
  var rowCount: Int { order.count }

  /// Lays out boxes of some widths.
  ///
  /// - Parameters:
  ///   - widths: the widths of the boxes, each after those it needs.
  ///   - edges: which box leads to which.
  init(widths: [Double], edges: [(from: Int, to: Int)]) {
    self.widths = widths
    boxCount = widths.count
    rows = Self.rows(count: widths.count, edges)
    middles = []
    above = Array(repeating: [], count: widths.count)
    below = above
    link(edges)
    arrange()
    place()
  }

  private static func rows(count: Int, _ edges: [(from: Int, to: Int)]) -> [Int] {
    var rows = Array(repeating: 0, count: count)
    for edge in edges.sorted(by: { $0.to < $1.to }) {
      rows[edge.to] = max(rows[edge.to], rows[edge.from] + 1)
    }
    // What needs nothing stands right above the first that needs it.
    let targets = Set(edges.map(\.to))
    for box in 0..<count where !targets.contains(box) {
      let users = edges.filter { $0.from == box }.map { rows[$0.to] }
      rows[box] = max(0, (users.min() ?? 1) - 1)
    }
    return rows
  }

  private mutating func link(_ edges: [(from: Int, to: Int)]) {
    var corridors: [[Int]: Int] = [:]
    for edge in edges {
      var route: [Int] = []
      var last = edge.from
      for row in rows[edge.from] + 1..<max(rows[edge.from] + 1, rows[edge.to]) {
        if let known = corridors[[edge.from, row]] {
          last = known
        } else {
          let new = rows.count
          corridors[[edge.from, row]] = new
          rows.append(row)
          widths.append(Self.corridor)
          above.append([])
          below.append([])
          connect(last, new)
          last = new
        }
        route.append(last)
      }
      connect(last, edge.to)
      routes.append(route)
    }
  }

  private mutating func connect(_ upper: Int, _ lower: Int) {
    below[upper].append(lower)
    above[lower].append(upper)
  }

  // MARK: Order within rows

  private mutating func arrange() {
    order = Array(repeating: [], count: (rows.max() ?? -1) + 1)
    for item in rows.indices { order[rows[item]].append(item) }
    var best = (order: order, crossings: crossings)
    for sweep in 0..<12 where best.crossings > 0 {
      let isDown = sweep % 2 == 0
      for row in isDown ? Array(order.indices) : order.indices.reversed() {
        sort(row, by: isDown ? above : below)
      }
      let crossings = crossings
      if crossings < best.crossings { best = (order, crossings) }
    }
    order = best.order
  }

  /// Sorts a row by the mean place of neighbours; what has none stays where it is.
  private mutating func sort(_ row: Int, by neighbours: [[Int]]) {
    let places = places
    let keys = order[row].enumerated().map { place, item -> (Double, Int, Int) in
      let near = neighbours[item].map { Double(places[$0]) }
      return (near.isEmpty ? Double(place) : near.reduce(0, +) / Double(near.count), place, item)
    }
    order[row] = keys.sorted { ($0.0, $0.1) < ($1.0, $1.1) }.map(\.2)
  }

  /// The place of each item in its row.
  private var places: [Int] {
    var places = Array(repeating: 0, count: rows.count)
    for row in order { for (place, item) in row.enumerated() { places[item] = place } }
    return places
  }

  private var crossings: Int {
    let places = places
    return order.reduce(0) { sum, row in
      let lines = row.flatMap { item in
        below[item].map { (places[item], places[$0]) }
      }
      return lines.indices.reduce(sum) { sum, one in
        sum
          + lines[(one + 1)...].count {
            ($0.0 - lines[one].0) * ($0.1 - lines[one].1) < 0
          }
      }
    }
  }

  // MARK: Places

  /// Moves items towards the middle of their neighbours, above and below in turn.
  private mutating func place() {
    middles = Array(repeating: 0, count: rows.count)
    for row in order { spread(row, to: row.map { _ in 0 }) }
    for sweep in 0..<24 {
      let neighbours = sweep % 2 == 0 ? above : below
      for row in sweep % 2 == 0 ? order : order.reversed() {
        spread(row, to: row.map { wanted($0, neighbours[$0]) })
      }
    }
    let left = rows.indices.map { middles[$0] - widths[$0] / 2 }.min() ?? 0
    for item in rows.indices { middles[item] -= left }
    width = rows.indices.map { middles[$0] + widths[$0] / 2 }.max() ?? 0
  }

  private func wanted(_ item: Int, _ neighbours: [Int]) -> Double {
    if neighbours.isEmpty { return middles[item] }
    return neighbours.reduce(0) { $0 + middles[$1] } / Double(neighbours.count)
  }

  /// Puts the items of a row as near to the wanted places as their widths allow: the least sum of
  /// squares, by pooling neighbours that want to be in the same place.
  private mutating func spread(_ row: [Int], to wanted: [Double]) {
    var offsets: [Double] = []
    for (place, item) in row.enumerated() {
      let step = place == 0 ? 0 : (widths[row[place - 1]] + widths[item]) / 2 + Self.gap
      offsets.append((offsets.last ?? 0) + step)
    }
    var pools: [(mean: Double, weight: Double, count: Int)] = []
    for (place, item) in row.enumerated() {
      // Arrows over several rows are kept straight before boxes are centred.
      var pool = (mean: wanted[place] - offsets[place], weight: item < boxCount ? 1.0 : 4, count: 1)
      while let last = pools.last, last.mean > pool.mean {
        let weight = last.weight + pool.weight
        pool.mean = (last.mean * last.weight + pool.mean * pool.weight) / weight
        (pool.weight, pool.count) = (weight, pool.count + last.count)
        pools.removeLast()
      }
      pools.append(pool)
    }
    let starts = pools.flatMap { Array(repeating: $0.mean, count: $0.count) }
    for (place, item) in row.enumerated() { middles[item] = starts[place] + offsets[place] }
  }
}

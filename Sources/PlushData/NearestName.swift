extension Sequence<String> {
  /// The name that a mistyped name most likely meant, if any comes close.
  package func nearest(to name: String) -> String? {
    let wanted = Array(name.lowercased().utf8)
    let ranked = map { (name: $0, distance: editDistance(wanted, Array($0.lowercased().utf8))) }
    guard let best = ranked.min(by: { $0.distance < $1.distance }) else { return nil }
    return best.distance <= Swift.max(1, wanted.count / 3) ? best.name : nil
  }
}

/// How many letters to insert, remove or change to turn one word into the other (Levenshtein).
private func editDistance(_ first: [UInt8], _ second: [UInt8]) -> Int {
  var row = Array(0...second.count)
  for (i, letter) in first.enumerated() {
    var diagonal = row[0]
    row[0] = i + 1
    for (j, other) in second.enumerated() {
      let changed = diagonal + (letter == other ? 0 : 1)
      diagonal = row[j + 1]
      row[j + 1] = min(changed, diagonal + 1, row[j] + 1)
    }
  }
  return row[second.count]
}

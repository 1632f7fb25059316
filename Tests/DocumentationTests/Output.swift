/// What a page shows that a program prints.
///
/// Numbers may differ in their last digits, since other processors round otherwise, and a word with
/// "…" stands for any word; everything else must be the same.
struct Output {
  private let lines: [[Word]]

  init(_ text: String) {
    lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      line.split(separator: " ").map { Word($0) }
    }
  }

  /// Whether a program that printed this text printed what is shown.
  func matches(_ printed: String) -> Bool {
    lines.elementsEqual(Output(printed).lines) { shown, printed in
      shown.elementsEqual(printed) { $0.matches($1) }
    }
  }
}

/// Texts and the numbers between them.
private struct Word {
  private var texts = [""]
  private var numbers: [Double] = []

  init(_ word: Substring) {
    let number = /-?[0-9]+(?:\.[0-9]+)?(?:e[-+]?[0-9]+)?/
    var rest = word
    while let first = rest.first {
      // A digit inside of a name, such as float32, is a part of it.
      let isInName = texts[texts.count - 1].last.map { $0.isLetter || $0.isNumber } ?? false
      if !isInName, let found = rest.prefixMatch(of: number) {
        numbers.append(Double(found.output) ?? .nan)
        texts.append("")
        rest = rest[found.range.upperBound...]
      } else {
        texts[texts.count - 1].append(first)
        rest.removeFirst()
      }
    }
  }

  func matches(_ printed: Word) -> Bool {
    if texts.contains(where: { $0.contains("…") }) { return true }
    return texts == printed.texts
      && zip(numbers, printed.numbers).allSatisfy { a, b in
        a == b || (a - b).magnitude <= 1e-3 * max(a.magnitude, b.magnitude)
      }
  }
}

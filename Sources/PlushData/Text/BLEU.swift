#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// How much translations have in common with those of people, from 0 to 1: corpus BLEU.
///
/// The geometric mean of the shares of sequences of 1 to `order` tokens that a reference has too,
/// counted over all sentences, times a penalty for being shorter than the references (Papineni,
/// Roukos, Ward and Zhu, "BLEU: a method for automatic evaluation of machine translation", 2002).
/// Nothing is smoothed: without a common sequence of `order` tokens the result is 0.
///
/// - Parameters:
///   - candidates: the tokens of each translation.
///   - references: for each, the tokens of one or more good translations.
///   - order: the longest sequences that count.
/// - Precondition: there are as many lists of references as translations, each with one at least.
public func bleu<Token: Hashable>(
  _ candidates: [[Token]], references: [[[Token]]], order: Int = 4
) -> Double {
  precondition(
    candidates.count == references.count && references.allSatisfy { !$0.isEmpty },
    "BLEU needs references for each of \(candidates.count) translations")
  var (common, total) = (
    Array(repeating: 0, count: order), Array(repeating: 0, count: order)
  )
  var (length, referenceLength) = (0, 0)
  for (candidate, references) in zip(candidates, references) {
    length += candidate.count
    referenceLength += closestLength(to: candidate.count, references)
    for size in 1...order {
      let counts = sequenceCounts(candidate, size)
      let limits = references.map { sequenceCounts($0, size) }
      for (sequence, count) in counts {
        common[size - 1] += min(count, limits.map { $0[sequence] ?? 0 }.max() ?? 0)
      }
      total[size - 1] += max(0, candidate.count - size + 1)
    }
  }
  guard common.allSatisfy({ $0 > 0 }) else { return 0 }
  let logarithms = zip(common, total).map { log(Double($0) / Double($1)) }
  let penalty = min(0, 1 - Double(referenceLength) / Double(length))
  return exp(penalty + logarithms.reduce(0, +) / Double(order))
}

/// The length of the reference that is closest; of two as close, the shorter.
private func closestLength<Token>(to length: Int, _ references: [[Token]]) -> Int {
  references.map(\.count).min { first, second in
    (abs(first - length), first) < (abs(second - length), second)
  } ?? 0
}

private func sequenceCounts<Token: Hashable>(_ tokens: [Token], _ size: Int) -> [[Token]: Int] {
  guard tokens.count >= size else { return [:] }
  return (0...tokens.count - size).reduce(into: [:]) { counts, start in
    counts[Array(tokens[start..<start + size]), default: 0] += 1
  }
}

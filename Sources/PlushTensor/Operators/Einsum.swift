import PlushEngine

/// Sums of products named by letters of axes, as in `einsum("bhqd,bhkd->bhqk", q, k)`.
///
/// A letter in several operands pairs their axes; a letter that the result lacks is summed. Without
/// `->` the result has the letters that occur once, in alphabetical order. `...` stands for axes
/// without a letter; they broadcast, and come first in a result that is not given.
public func einsum(_ equation: String, _ tensors: Tensor...) -> Tensor { einsum(equation, tensors) }

/// Sums of products named by letters of axes, of tensors in a list.
public func einsum(_ equation: String, _ tensors: [Tensor]) -> Tensor {
  let einsum = Einsum(equation, tensors)
  var terms = einsum.terms
  while terms.count > 1 {
    let (a, b) = (terms.removeFirst(), terms.removeFirst())
    let later = Set(terms.flatMap(\.letters) + einsum.result)
    terms.insert(a.product(b, keeping: later), at: 0)
  }
  return terms[0].arranged(einsum.result)
}

private struct Einsum {
  var terms: [Term]
  var result: [Character]

  init(_ equation: String, _ tensors: [Tensor]) {
    let sides = equation.filter { $0 != " " }.split(
      separator: "->", omittingEmptySubsequences: false)
    let words = (sides.first ?? "").split(separator: ",", omittingEmptySubsequences: false)
    guard words.count == tensors.count, !tensors.isEmpty, sides.count <= 2,
      zip(words, tensors).allSatisfy({ Self.fits($0, $1) })
    else {
      stop("einsum(\"\(equation)\") does not fit the shapes \(tensors.map(\.shape)).")
    }
    let open = zip(words, tensors).map { $0.contains(".") ? $1.rank - $0.count + 3 : 0 }
    let unnamed = Self.unnamed(open.max() ?? 0)
    let letters = zip(words, open).map { Self.letters($0, unnamed.suffix($1)) }
    terms = zip(letters, tensors).map { Term(tensor: $1, letters: $0).withoutRepeats }
    let all = letters.joined()
    result =
      sides.count == 2
      ? Self.letters(sides[1], unnamed[...])
      : unnamed
        + Set(all).filter { letter in
          all.count { $0 == letter } == 1 && !unnamed.contains(letter)
        }.sorted()
    let broadcast = Set(unnamed)
    terms = terms.map { $0.withoutOnes(broadcast, in: terms) }
  }

  private static func fits(_ word: Substring, _ tensor: Tensor) -> Bool {
    let dots = word.count { $0 == "." }
    if dots == 0 { return word.count == tensor.rank }
    return dots == 3 && word.contains("...") && word.count - 3 <= tensor.rank
  }

  /// Letters that nobody writes, for the axes of `...`.
  private static func unnamed(_ count: Int) -> [Character] {
    (0..<count).map { Character(Unicode.Scalar(UInt8($0))) }
  }

  private static func letters(
    _ word: Substring, _ unnamed: ArraySlice<Character>
  ) -> [Character] {
    guard let dots = word.firstRange(of: "...") else { return Array(word) }
    return Array(word[..<dots.lowerBound]) + unnamed + Array(word[dots.upperBound...])
  }
}

/// A tensor whose axes have letters.
private struct Term {
  var tensor: Tensor
  var letters: [Character]

  /// Takes the diagonal of axes that share a letter.
  var withoutRepeats: Term {
    for (first, letter) in letters.enumerated() {
      guard let second = letters[(first + 1)...].firstIndex(of: letter) else { continue }
      var rest = Array(tensor.shape.indices)
      rest.remove(at: second)
      rest.remove(at: first)
      let diagonal = tensor.transpose(rest + [first, second]).diagonal()
      return Term(tensor: diagonal, letters: rest.map { letters[$0] } + [letter]).withoutRepeats
    }
    return self
  }

  /// Without axes of size one that broadcast in a product with another term.
  func withoutOnes(_ broadcast: Set<Character>, in terms: [Term]) -> Term {
    let axes = letters.indices.filter { axis in
      broadcast.contains(letters[axis]) && tensor.shape[axis] == 1
        && terms.contains { $0.letters.contains(letters[axis]) && $0.size(letters[axis]) != 1 }
    }
    if axes.isEmpty { return self }
    let kept = letters.indices.filter { !axes.contains($0) }
    return Term(tensor: tensor.squeeze(axes: axes), letters: kept.map { letters[$0] })
  }

  /// Sums the axes whose letters nobody needs.
  func summed(keeping needed: Set<Character>) -> Term {
    let axes = letters.indices.filter { !needed.contains(letters[$0]) }
    if axes.isEmpty { return self }
    return Term(tensor: tensor.sum(axes: axes), letters: letters.filter(needed.contains))
  }

  func size(_ letter: Character) -> Int { tensor.shape[letters.firstIndex(of: letter)!] }

  /// Axes grouped for a product of matrices: shared and kept, own, shared and summed.
  func product(_ other: Term, keeping later: Set<Character>) -> Term {
    let a = summed(keeping: later.union(other.letters))
    let b = other.summed(keeping: later.union(letters))
    let batch = a.letters.filter { b.letters.contains($0) && later.contains($0) }
    let inner = a.letters.filter { b.letters.contains($0) && !later.contains($0) }
    let rows = a.letters.filter { !b.letters.contains($0) }
    let columns = b.letters.filter { !a.letters.contains($0) }
    let product = matmul(
      a.matrix(batch, rows, inner), b.matrix(batch, columns, inner), transposeB: true)
    let shape = (batch + rows).map(a.size) + columns.map(b.size)
    return Term(tensor: product.reshape(shape), letters: batch + rows + columns)
  }

  private func matrix(
    _ batch: [Character], _ rows: [Character], _ columns: [Character]
  ) -> Tensor {
    let arranged = arranged(batch + rows + columns)
    let sizes = [rows, columns].map { $0.map(size).reduce(1, *) }
    return arranged.reshape(batch.map(size) + sizes)
  }

  /// The tensor with its axes in the order of these letters.
  func arranged(_ order: [Character]) -> Tensor {
    let term = summed(keeping: Set(order))
    guard term.letters.sorted() == order.sorted() else {
      stop("einsum result \(String(order)): the operands have letters \(String(letters)).")
    }
    return term.tensor.transpose(order.map { term.letters.firstIndex(of: $0)! })
  }
}

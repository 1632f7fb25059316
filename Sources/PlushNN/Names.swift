extension String {
  /// `BatchNormalization` as `batch_normalization`, `Conv2D` as `conv2d`: the rule of Keras.
  package var snakeCase: String {
    var result = ""
    let letters = Array(self)
    for (place, letter) in letters.enumerated() {
      let previous = place > 0 ? letters[place - 1] : nil
      let next = place + 1 < letters.count ? letters[place + 1] : nil
      let startsWord =
        letter.isUppercase && previous != nil && previous != "_"
        && (previous!.isLowercase || next?.isLowercase == true)
      if startsWord { result.append("_") }
      result.append(letter.lowercased())
    }
    return result
  }

  /// `mean_squared_error` as `meanSquaredError`.
  var camelCase: String {
    let words = split(separator: "_")
    guard let first = words.first else { return self }
    return words.dropFirst().reduce(first.prefix(1).lowercased() + first.dropFirst()) {
      $0 + $1.prefix(1).uppercased() + $1.dropFirst()
    }
  }
}

/// Gives out names that nobody has yet: `dense`, `dense_1`, `dense_2`.
package struct NameGiver {
  private var taken: Set<String>
  private var next: [String: Int] = [:]

  package init(taken: some Sequence<String>) { self.taken = Set(taken) }

  /// The name itself, or numbered.
  package mutating func name(for base: String) -> String {
    var number = next[base] ?? 0
    var name: String
    repeat {
      name = number == 0 ? base : "\(base)_\(number)"
      number += 1
    } while taken.contains(name)
    next[base] = number
    taken.insert(name)
    return name
  }
}

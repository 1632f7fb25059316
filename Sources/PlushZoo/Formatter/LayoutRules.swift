import Plush

/// Which gaps may stand where, so that tokens stay what they are and code keeps its meaning.
///
/// Without the gaps that the file had, only what keeps tokens apart is known.
struct LayoutRules {
  let tokens: [SourceToken]
  let language: SourceLanguage
  /// The gaps of the file; nil if its white space is not to be looked at.
  let before: [[UInt8]]?

  /// Words after which JavaScript ends a statement with the line.
  private static let endedByLine: Set<String> = ["return", "throw", "break", "continue", "yield"]
  /// Words that go on with the statement before them.
  private static let goingOn: Set<String> = [
    "else", "catch", "finally", "where", "in", "of", "as", "is", "instanceof", "throws", "extends",
    "from", "async", "rethrows",
  ]
  /// Words that may end a statement.
  private static let ending: Set<String> = [
    "return", "break", "continue", "fallthrough", "self", "Self", "super", "this", "nil", "null",
    "true", "false", "undefined", "get", "set", "init", "default", "async", "throws",
  ]

  /// Whether a gap may stand before a token.
  ///
  /// - Parameters:
  ///   - isInBlock: whether the innermost open bracket, if any, holds statements.
  ///   - last: the gap that was chosen before the token before it.
  func allows(_ gap: Gap, at place: Int, isInBlock: Bool, after last: Gap) -> Bool {
    // White space before the first token belongs to no line.
    if place == 0 { return gap == .spaces(0) }
    guard place < tokens.count else { return true }
    let (first, second) = (tokens[place - 1], tokens[place])
    if first.kind == .lineComment && !gap.breaksLine { return false }
    if gap == .spaces(0) && first.melts(into: second, language) { return false }
    guard let before else { return true }
    let hadBreak = before[place].contains(0x0A)
    if hadBreak, !gap.breaksLine, isInBlock, endsStatement(place - 1), beginsStatement(place) {
      return false
    }
    if !hadBreak, gap.breaksLine, endsAtBreak(place) { return false }
    return language != .swift || keepsOperators(gap, place, before, last)
  }

  private func endsStatement(_ place: Int) -> Bool {
    let token = tokens[place]
    switch token.kind {
    case .identifier, .number, .string, .regularExpression, .blockComment, .other: return true
    case .keyword: return Self.ending.contains(token.text) || token.text.hasPrefix("@")
    case .operator: return ["?", "!", ">", "++", "--"].contains(token.text)
    case .punctuation: return [")", "]", "}"].contains(token.text)
    case .lineComment: return false
    }
  }

  private func beginsStatement(_ place: Int) -> Bool {
    let token = tokens[place]
    switch token.kind {
    case .keyword: return !Self.goingOn.contains(token.text)
    case .operator: return ["++", "--", "!"].contains(token.text)
    case .punctuation: return token.text == "{" || token.text == "@"
    case .lineComment, .blockComment: return false
    default: return true
    }
  }

  /// Whether an end of line before a token would end the statement, or begin another.
  private func endsAtBreak(_ place: Int) -> Bool {
    let (first, second) = (tokens[place - 1].text, tokens[place].text)
    if Self.endedByLine.contains(first) { return true }
    if language == .javaScript { return ["++", "--", "=>"].contains(second) }
    return language == .swift && ["(", "[", "{"].contains(second) && endsStatement(place - 1)
      && tokens[place - 1].kind != .keyword && second != "{"
  }

  /// Swift tells operators before, after and between values by the white space around them.
  private func keepsOperators(
    _ gap: Gap, _ place: Int, _ before: [[UInt8]], _ last: Gap
  ) -> Bool {
    let isTight = gap == .spaces(0)
    if isSign(place - 1) {
      let (left, right) = (touchesLeft(place - 1, before), before[place].isEmpty)
      if left && right { return isTight == (last == .spaces(0)) }
      if right != isTight, !(left && !right) { return false }
    }
    if isSign(place) {
      let (left, right) = (touchesLeft(place, before), touchesRight(place, before))
      if left && !right && !isTight { return false }
      if !left && isTight && !before[place].isEmpty { return false }
    }
    return true
  }

  /// Whether a token is an operator whose meaning depends on white space.
  private func isSign(_ place: Int) -> Bool {
    tokens[place].kind == .operator
      && !["->", "...", "..<", "<", ">", "?"].contains(tokens[place].text)
  }

  private func touchesLeft(_ place: Int, _ before: [[UInt8]]) -> Bool {
    guard place > 0, before[place].isEmpty else { return false }
    return !["(", "[", "{", ",", ";", ":"].contains(tokens[place - 1].text)
  }

  private func touchesRight(_ place: Int, _ before: [[UInt8]]) -> Bool {
    guard place + 1 < tokens.count, before[place + 1].isEmpty else { return false }
    return ![")", "]", "}", ",", ";", ":", "."].contains(tokens[place + 1].text)
  }
}

extension SourceToken {
  /// Whether another token right after this would become one with it.
  fileprivate func melts(into next: SourceToken, _ language: SourceLanguage) -> Bool {
    // Such signs belong to the value before them, which is not looked at here.
    if ["?", "!", "<", ">"].contains(text) { return false }
    let both = LexedSource(utf8 + next.utf8, language: language)
    return both.tokens.first?.utf8 != utf8
  }
}

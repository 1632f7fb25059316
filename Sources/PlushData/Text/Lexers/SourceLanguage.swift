/// A language whose source code is cut into tokens.
public enum SourceLanguage: String, Sendable, CaseIterable {
  /// Swift.
  case swift
  /// JavaScript, and TypeScript as far as they agree.
  case javaScript = "javascript"
  /// A language with comments after `//` and between `/*` and `*/`, such as C, Java, Go, Rust.
  case general
  /// A language with comments after `#`, such as Ruby and shell scripts.
  case script

  private static let endings: [String: SourceLanguage] = [
    "swift": .swift, "js": .javaScript, "mjs": .javaScript, "cjs": .javaScript,
    "jsx": .javaScript, "ts": .javaScript, "c": .general, "h": .general, "cc": .general,
    "cpp": .general, "hpp": .general, "java": .general, "go": .general, "rs": .general,
    "kt": .general, "cs": .general, "css": .general, "json": .general, "rb": .script,
    "sh": .script, "pl": .script, "toml": .script,
  ]

  /// The language of a file by the ending of its name; nil if that tells none.
  public init?(path: String) {
    let name = path.split(separator: "/").last ?? ""
    guard let dot = name.lastIndex(of: "."),
      let language = Self.endings[name[name.index(after: dot)...].lowercased()]
    else { return nil }
    self = language
  }

  var grammar: any SourceGrammar {
    switch self {
    case .swift: SwiftGrammar()
    case .javaScript: JavaScriptGrammar()
    case .general: GeneralGrammar(lineComment: "//", hasBlockComments: true)
    case .script: GeneralGrammar(lineComment: "#", hasBlockComments: false)
    }
  }
}

/// The rules by which a language is cut into tokens.
protocol SourceGrammar {
  /// Moves past the token at the scanner's position, which is no white space, and tells its kind.
  ///
  /// - Parameter isApart: whether white space or nothing stands before it.
  mutating func scan(_ scanner: inout SourceScanner, isApart: Bool) -> SourceToken.Kind

  /// Takes note of a token, as the meaning of the next may depend on it.
  mutating func note(_ token: SourceToken)
}

extension SourceGrammar {
  mutating func note(_ token: SourceToken) {}
}

import Foundation
import PlushData
import PlushTestSupport
import Testing

@Suite struct LexerTests {
  func texts(_ source: String, _ language: SourceLanguage) -> [String] {
    LexedSource(Array(source.utf8), language: language).tokens.map(\.text)
  }

  func kinds(_ source: String, _ language: SourceLanguage) -> [SourceToken.Kind] {
    LexedSource(Array(source.utf8), language: language).tokens.map(\.kind)
  }

  @Test func javaScriptIsCut() {
    #expect(
      texts("const a = 1;\nb?.c ?? .5e-3", .javaScript) == [
        "const", "a", "=", "1", ";", "b", "?.", "c", "??", ".5e-3",
      ])
    #expect(
      kinds("const a = 'x'; // end", .javaScript) == [
        .keyword, .identifier, .operator, .string, .punctuation, .lineComment,
      ])
    #expect(texts("a ? .5 : b?.5:c", .javaScript).count == 9)
    #expect(texts("class A { #b = 0x1F_n }", .javaScript)[3] == "#b")
    #expect(texts("f(...x) >>>= 2 ** 3", .javaScript)[2] == "...")
    #expect(texts("#!/usr/bin/env node\nx", .javaScript) == ["#!/usr/bin/env node", "x"])
  }

  @Test func slashesDivideOrQuote() {
    #expect(texts("x = a / b / c", .javaScript).count == 7)
    #expect(texts("x = /a[/]\\/b/gi.test(y)", .javaScript)[2] == "/a[/]\\/b/gi")
    #expect(texts("if (x) /re/.test(y)", .javaScript)[4] == "/re/")
    #expect(texts("(x) / y / z", .javaScript).count == 7)
    #expect(texts("return /x/", .javaScript)[1] == "/x/")
    #expect(texts("i++ / 2 / j", .javaScript)[2] == "/")
    #expect(texts("let r = /a[b]/", .swift)[3] == "/a[b]/")
    #expect(texts("let r = #/a/b/#", .swift)[3] == "#/a/b/#")
  }

  @Test func templatesHoldWhatIsInserted() {
    let template = "`a ${f({ b: `c ${'`}'}` })} /* */`"
    #expect(texts("x(\(template))", .javaScript) == ["x", "(", template, ")"])
    #expect(texts("`\\`${1}`+2", .javaScript) == ["`\\`${1}`", "+", "2"])
  }

  @Test func swiftIsCut() {
    #expect(
      texts("let a: [Int?] = x!.b ?? c", .swift) == [
        "let", "a", ":", "[", "Int", "?", "]", "=", "x", "!", ".", "b", "??", "c",
      ])
    #expect(texts("a != b, c...d, e..<f", .swift)[1] == "!=")
    #expect(texts("c...d, e..<f", .swift) == ["c", "...", "d", ",", "e", "..<", "f"])
    #expect(texts("Array<Set<Int?>>()", .swift).count == 10)
    #expect(texts("a >> b; c>>d", .swift) == ["a", ">>", "b", ";", "c", ">>", "d"])
    #expect(texts("a<=b && c >= d", .swift)[1] == "<=")
    #expect(texts("/* a /* b */ c */ d", .swift) == ["/* a /* b */ c */", "d"])
    #expect(texts("@Test func `in`() {}", .swift)[...2] == ["@Test", "func", "`in`"])
    #expect(texts("#if DEBUG", .swift) == ["#if", "DEBUG"])
  }

  @Test(arguments: [
    #""a \(f("b)") + "\(c)") \" d""#, ##"#"a \ " \#(b("#")) "#"##,
    "\"\"\"\n  a \"b\" \\(c)\n  \"\"\"", "#\"\"\"\n\"\"\" \\(x\n\"\"\"#",
  ])
  func swiftStringsAreWhole(_ string: String) {
    #expect(texts("x = \(string) + y", .swift) == ["x", "=", string, "+", "y"])
  }

  @Test func otherLanguagesAreCut() {
    #expect(
      texts("int a = 'x' << 2; // b\n/* c\nd */ e", .general) == [
        "int", "a", "=", "'x'", "<<", "2", ";", "// b", "/* c\nd */", "e",
      ])
    #expect(texts("a = \"#\" # b // c", .script) == ["a", "=", "\"#\"", "# b // c"])
    #expect(SourceLanguage(path: "a.b/c.MJS") == .javaScript)
    #expect(SourceLanguage(path: "a.swift/b") == nil)
  }

  @Test func whatHasNoEndGoesToItsLine() {
    #expect(texts("a 'b\nc", .javaScript) == ["a", "'b", "c"])
    #expect(texts("a /* b\nc", .swift) == ["a", "/* b\nc"])
    #expect(texts("a /b\nc", .javaScript) == ["a", "/", "b", "c"])
    #expect(texts("x = `a${b", .javaScript) == ["x", "=", "`a${b"])
    #expect(texts("x = \"\\(a", .swift) == ["x", "=", "\"\\(a"])
    #expect(LexedSource([], language: .swift).gaps == [[]])
  }

  @Test func tokensAndGapsGiveTheFileBack() throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let folders = [root.appendingPathComponent("Sources").path] + javaScriptFolders
    var count = 0
    for folder in folders {
      for path in sourceFiles(in: folder).prefix(600) {
        let language = try #require(SourceLanguage(path: path))
        let bytes = try readFile(path)
        let lexed = LexedSource(bytes, language: language)
        #expect(lexed.utf8 == bytes, "\(path)")
        #expect(lexed.tokens.allSatisfy { !$0.utf8.isEmpty })
        #expect(LexedSource(tokens: lexed.tokens, gaps: lexed.gaps) == lexed)
        // All of Swift is known.
        if language == .swift {
          #expect(lexed.tokens.filter { $0.kind == .other }.isEmpty, "\(path)")
        }
        count += 1
      }
    }
    #expect(count > 100)
  }

  @Test func anyBytesGiveThemselvesBack() {
    var generator = TestGenerator(seed: 5)
    let signs = Array("ab1 \n\t\"'`/*\\(){}[]#$<>?!.,-+=\u{e9}".utf8) + [0xFF, 0]
    for _ in 0..<2000 {
      let bytes = (0..<30).map { _ in signs.randomElement(using: &generator) ?? 0 }
      for language in SourceLanguage.allCases {
        #expect(LexedSource(bytes, language: language).utf8 == bytes)
      }
    }
  }

  /// Where systems keep JavaScript.
  var javaScriptFolders: [String] {
    ["/usr/share/javascript", "/usr/share/nodejs", "/usr/lib/node_modules"].filter {
      FileManager.default.fileExists(atPath: $0)
    }
  }

  func sourceFiles(in folder: String) -> [String] {
    let names = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
    return names.map { "\(folder)/\($0)" }.filter {
      let ending = $0.split(separator: ".").last ?? ""
      return ["swift", "js", "c", "h"].contains(ending) && !$0.contains(".min.")
    }.sorted()
  }
}

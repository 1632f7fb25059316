import Testing

/// Turn on as soon as `import Plush` offers what README.md and the articles show.
private let documentationIsCurrent = true

@Suite struct DocumentationTests {
  @Test func findsBlocks() {
    let page = "Text\n```swift\nlet a = 1\n\nlet b = 2\n```\n```sh\nmake\n```\n```swift\nf()\n```\n"
    let blocks = CodeBlock.all(in: page, page: "page")
    #expect(blocks.map(\.code) == ["let a = 1\n\nlet b = 2\n", "f()\n"])
    #expect(blocks.map(\.line) == [2, 10])
  }

  @Test func everyPageHasBlocks() {
    #expect(Set(CodeBlock.documentation.map(\.page)).count >= 3)
    #expect(CodeBlock.documentation.allSatisfy { $0.code.hasPrefix("import Plush\n") })
  }

  @Test(
    .enabled(if: Compiler.ofThisBuild != nil, "the modules of this build were not found"))
  func compilerTellsRightFromWrong() throws {
    let compiler = try #require(Compiler.ofThisBuild)
    #expect(try compiler.check("import Plush\nprint(1)\n") == "")
    #expect(try compiler.check("import Plush\nlet x: Int = \"a\"\n").contains("error:"))
  }

  @Test(
    .enabled(if: documentationIsCurrent, "documentationIsCurrent is false"),
    .enabled(if: Compiler.ofThisBuild != nil, "the modules of this build were not found"),
    arguments: CodeBlock.documentation)
  func compiles(block: CodeBlock) throws {
    let compiler = try #require(Compiler.ofThisBuild)
    let messages = try compiler.check(block.code)
    #expect(messages == "", "\(block.testDescription)\n\(messages)")
  }
}

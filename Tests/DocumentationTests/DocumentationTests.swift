import Foundation
import PlushTestSupport
import Testing

@Suite struct DocumentationTests {
  @Test func findsBlocks() {
    let page =
      "Text\n```swift\nlet a = 1\n\nlet b = 2\n```\n```sh\nmake\n```\n"
      + "```swift\nf()\n```\n\n```text\n1\n\n2\n```\n```text\nmore\n```\n"
      + "```swift\ng()\n```\nprints\n```text\nx\n```\n"
    let blocks = CodeBlock.all(in: page)
    #expect(blocks.map(\.code) == ["let a = 1\n\nlet b = 2\n", "f()\n", "g()\n"])
    #expect(blocks.map(\.line) == [2, 10, 22])
    #expect(blocks.map(\.output) == [nil, "1\n\n2\n", nil])
  }

  @Test func findsPages() {
    #expect(Page.all.filter { !$0.blocks.isEmpty }.count >= 3)
    #expect(Page.all.flatMap(\.blocks).allSatisfy { $0.code.contains("import Plush\n") })
  }

  @Test func comparesOutputs() {
    #expect(Output("float32 [1, 0.99999994]\n").matches("float32 [1, 1]\n"))
    #expect(Output("-1.5e-07").matches("-1.5001e-07"))
    #expect(Output("1/5 - … - …/step - loss: 0.5").matches("1/5 - 0s - 12us/step - loss: 0.5"))
    #expect(!Output("… - loss: 0.5").matches("0s - loss: 0.6"))
    #expect(!Output("[1, 2]").matches("[1, 2.1]"))
    #expect(!Output("1").matches("-1"))
    #expect(!Output("1 2").matches("1"))
    #expect(!Output("1\n").matches("1\n2\n"))
    #expect(!Output("float32").matches("float64"))
    #expect(!Output("true").matches("false"))
  }

  @Test(
    .enabled(if: Compiler.ofThisBuild != nil, "the modules of this build were not found"))
  func compilerTellsRightFromWrong() throws {
    let compiler = try #require(Compiler.ofThisBuild)
    let folder = try TestFolder()
    #expect(try compiler.compile("import Plush\nprint(1)\n", to: folder("right")) == "")
    #expect(try run(folder("right"), in: folder.path).output == "1\n")
    let wrong = try compiler.compile("import Plush\nlet x: Int = \"a\"\n", to: folder("wrong"))
    #expect(wrong.contains("error:"))
  }

  /// Compiles and runs the programs of a page one after the other in one folder, where later ones
  /// find the files of earlier ones.
  @Test(
    .enabled(if: Compiler.ofThisBuild != nil, "the modules of this build were not found"),
    arguments: Page.all.filter { !$0.blocks.isEmpty })
  func runs(page: Page) throws {
    let compiler = try #require(Compiler.ofThisBuild)
    let (programs, files) = (try TestFolder(), try TestFolder())
    try copyFiles(to: files)
    for block in page.blocks {
      let (place, program) = ("\(page.path):\(block.line)", programs("program"))
      let messages = try compiler.compile(block.code, to: program)
      #expect(messages == "", "\(place)\n\(messages)")
      if messages != "" { continue }
      let (status, output, errors) = try run(program, in: files.path)
      #expect(status == 0 && errors == "", "\(place) ended with \(status)\n\(errors)")
      if let shown = block.output {
        #expect(Output(shown).matches(output), "\(place) printed\n\(output)")
      }
    }
  }

  /// Copies the files that programs of the pages read.
  private func copyFiles(to folder: TestFolder) throws {
    let source = "\(Page.package)/Tests/DocumentationTests/Files"
    for name in try FileManager.default.contentsOfDirectory(atPath: source) {
      try FileManager.default.copyItem(atPath: "\(source)/\(name)", toPath: folder(name))
    }
  }
}

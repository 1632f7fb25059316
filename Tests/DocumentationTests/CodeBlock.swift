import Foundation
import Testing

/// A block of Swift in a page of the documentation: a program of its own.
struct CodeBlock: Sendable {
  /// The line of the page that opens the block.
  let line: Int
  let code: String
  /// What the page shows that the program prints: the block of text that follows it at once.
  var output: String?

  /// The blocks between lines "```swift" and "```" of a page.
  static func all(in text: String) -> [CodeBlock] {
    var blocks: [CodeBlock] = []
    var start: (line: Int, language: Substring)?
    var lines: [Substring] = []
    var isAfterCode = false
    for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
    {
      guard let (opened, language) = start else {
        if line.hasPrefix("```") {
          (start, lines) = ((number, line.dropFirst(3)), [])
        } else if !line.isEmpty {
          isAfterCode = false
        }
        continue
      }
      guard line == "```" else {
        lines.append(line)
        continue
      }
      let content = lines.map { $0 + "\n" }.joined()
      if language == "swift" {
        blocks.append(CodeBlock(line: opened + 1, code: content))
      } else if language == "text", isAfterCode {
        blocks[blocks.count - 1].output = content
      }
      isAfterCode = language == "swift"
      start = nil
    }
    return blocks
  }
}

/// A page of the documentation with its programs.
struct Page: Sendable, CustomTestStringConvertible {
  /// The file, seen from the package.
  let path: String
  let blocks: [CodeBlock]

  var testDescription: String { path }

  /// README.md and the pages beside the umbrella's sources.
  static let all: [Page] = {
    let folder = "Sources/Plush/Plush.docc"
    let found = try? FileManager.default.contentsOfDirectory(atPath: "\(package)/\(folder)")
    let articles = (found ?? []).filter { $0.hasSuffix(".md") }.sorted()
    return (["README.md"] + articles.map { "\(folder)/\($0)" }).map { path in
      let text = try? String(contentsOfFile: "\(package)/\(path)", encoding: .utf8)
      return Page(path: path, blocks: CodeBlock.all(in: text ?? ""))
    }
  }()

  /// The folder of the package.
  static let package = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path
}

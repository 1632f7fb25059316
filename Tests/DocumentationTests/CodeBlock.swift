import Foundation
import Testing

/// A block of Swift in a page of the documentation: a program of its own.
struct CodeBlock: Sendable, CustomTestStringConvertible {
  let page: String
  /// The line of the page that opens the block.
  let line: Int
  let code: String

  var testDescription: String { "\(page):\(line)" }

  /// The blocks between lines "```swift" and "```" of a page.
  static func all(in text: String, page: String) -> [CodeBlock] {
    var blocks: [CodeBlock] = []
    var start: Int?
    var lines: [Substring] = []
    for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
    {
      if let opened = start {
        if line == "```" {
          let code = lines.joined(separator: "\n") + "\n"
          blocks.append(CodeBlock(page: page, line: opened + 1, code: code))
          start = nil
        } else {
          lines.append(line)
        }
      } else if line == "```swift" {
        (start, lines) = (number, [])
      }
    }
    return blocks
  }

  /// The blocks of README.md and of the pages beside the umbrella's sources.
  static let documentation: [CodeBlock] = {
    let folder = "Sources/Plush/Plush.docc"
    let found = try? FileManager.default.contentsOfDirectory(atPath: "\(package)/\(folder)")
    let articles = (found ?? []).filter { $0.hasSuffix(".md") }.sorted()
    return (["README.md"] + articles.map { "\(folder)/\($0)" }).flatMap { page in
      let text = try? String(contentsOfFile: "\(package)/\(page)", encoding: .utf8)
      return all(in: text ?? "", page: page)
    }
  }()

  /// The folder of the package.
  static let package = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path
}

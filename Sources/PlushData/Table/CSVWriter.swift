extension Table {
  /// Writes the table as comma-separated values (RFC 4180) in one step; missing values are empty.
  ///
  /// - Throws: `FileError` if writing fails.
  public func write(to path: String) throws {
    try writeFile(path) { writer in
      try writer.write((columns.map { quoted($0.name) }.joined(separator: ",") + "\n").utf8)
      for row in 0..<rowCount {
        let line = columns.map { $0[row].text.map(quoted) ?? "" }.joined(separator: ",")
        // A blank line would be no row at all.
        try writer.write(((line.isEmpty ? "\"\"" : line) + "\n").utf8)
      }
    }
  }
}

private func quoted(_ text: String) -> String {
  let special: [UInt8] = [UInt8(ascii: ","), UInt8(ascii: "\""), 0x0A, 0x0D]
  guard text.utf8.contains(where: special.contains) else { return text }
  let doubled = text.split(separator: "\"", omittingEmptySubsequences: false)
  return "\"\(doubled.joined(separator: "\"\""))\""
}

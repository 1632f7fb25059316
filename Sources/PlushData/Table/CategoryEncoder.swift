/// Turns categories into numbers, by the vocabulary of the training rows.
public struct CategoryEncoder: Sendable, Hashable, Codable {
  /// How a category becomes numbers.
  public enum Encoding: String, Sendable, Codable {
    /// A column of 0 and 1 per category, named `column=category`.
    case oneHot
    /// One column with the place of the category in the vocabulary.
    case codes
  }

  /// What happens to values that are missing or were not in the training rows.
  public enum Unknown: String, Sendable, Codable {
    /// They are an error.
    case refused
    /// They become zeros in every column, or the code -1.
    case empty
  }

  /// The categories of one column, in order.
  public struct Vocabulary: Sendable, Hashable, Codable {
    /// The column.
    public let column: String
    /// The categories as texts; those of numbers in the order of the numbers.
    public let categories: [String]
  }

  /// How a category becomes numbers.
  public let encoding: Encoding
  /// What happens to other values.
  public let unknown: Unknown
  /// The categories of each column.
  public let vocabularies: [Vocabulary]

  /// Learns the categories from the training rows.
  ///
  /// - Throws: `TableError` if a column is unknown.
  public init(
    _ encoding: Encoding, unknown: Unknown = .refused, fitting table: Table, _ columns: String...
  ) throws {
    self.encoding = encoding
    self.unknown = unknown
    vocabularies = try columns.map { name in
      Vocabulary(column: name, categories: try table.column(name).categories)
    }
  }

  /// The table with the categories replaced by numbers.
  ///
  /// - Throws: `TableError` if a column is unknown, or a value is when those are refused.
  public func apply(to table: Table) throws -> Table {
    try vocabularies.reduce(table) { table, vocabulary in
      let column = try table.column(vocabulary.column)
      let codes = try codes(of: column, vocabulary, table)
      return try table.replace(column.name, with: columns(codes, vocabulary))
    }
  }

  private func columns(_ codes: [Int], _ vocabulary: Vocabulary) -> [Column] {
    switch encoding {
    case .codes: [Column(vocabulary.column, .integers(codes))]
    case .oneHot:
      vocabulary.categories.enumerated().map { code, category in
        Column(
          "\(vocabulary.column)=\(category)", .integers(codes.map { $0 == code ? 1 : 0 }))
      }
    }
  }

  private func codes(
    of column: Column, _ vocabulary: Vocabulary, _ table: Table
  ) throws -> [Int] {
    let places = Dictionary(
      zip(vocabulary.categories, 0...), uniquingKeysWith: { first, _ in first })
    return try (0..<column.count).map { row in
      let text = column[row].text
      if let text, let code = places[text] { return code }
      if unknown == .empty { return -1 }
      throw TableError(
        text == nil ? .missingValue : .unknownCategory, table.source, line: table.lines[row],
        column: column.name, expected: "one of \(vocabulary.summary)",
        found: text.map { "'\($0)'" } ?? "a missing value",
        hint: text == nil
          ? "fill missing values with Imputer, or encode with unknown: .empty"
          : "encode with unknown: .empty to let new categories pass")
    }
  }
}

extension CategoryEncoder.Vocabulary {
  fileprivate var summary: String {
    let first = categories.prefix(6).map { "'\($0)'" }.joined(separator: ", ")
    return categories.count > 6 ? "\(first), … (\(categories.count) categories)" : first
  }
}

extension Column {
  /// The different values as texts, in the order of the values.
  fileprivate var categories: [String] {
    switch values {
    case .integers(let values): Set(values.compactMap(\.self)).sorted().map { "\($0)" }
    case .numbers(let values): Set(values.compactMap(\.self)).sorted().map { "\($0)" }
    case .booleans(let values):
      [false, true].filter { (value: Bool) in values.contains(value) }.map { "\($0)" }
    case .texts(let values): Set(values.compactMap(\.self)).sorted()
    }
  }
}

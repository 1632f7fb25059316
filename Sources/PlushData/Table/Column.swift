/// A named column of a table; nil stands for a missing value.
public struct Column: Sendable, Hashable {
  /// The values, all of one type.
  public enum Values: Sendable, Hashable {
    /// Whole numbers.
    case integers([Int?])
    /// Numbers.
    case numbers([Double?])
    /// Truth values.
    case booleans([Bool?])
    /// Texts.
    case texts([String?])
  }

  /// The name.
  public var name: String
  /// The values.
  public var values: Values

  /// Makes a column.
  public init(_ name: String, _ values: Values) {
    self.name = name
    self.values = values
  }

  /// The number of values, missing ones included.
  public var count: Int {
    switch values {
    case .integers(let values): values.count
    case .numbers(let values): values.count
    case .booleans(let values): values.count
    case .texts(let values): values.count
    }
  }

  /// The name of the type of the values.
  public var typeName: String {
    switch values {
    case .integers: "integer"
    case .numbers: "number"
    case .booleans: "boolean"
    case .texts: "text"
    }
  }

  /// The number of missing values.
  public var missingCount: Int { (0..<count).count { self[$0] == .missing } }

  /// The value in a row.
  public subscript(_ row: Int) -> Table.Value {
    switch values {
    case .integers(let values): values[row].map(Table.Value.integer) ?? .missing
    case .numbers(let values): values[row].map(Table.Value.number) ?? .missing
    case .booleans(let values): values[row].map(Table.Value.boolean) ?? .missing
    case .texts(let values): values[row].map(Table.Value.text) ?? .missing
    }
  }

  /// The column with only these rows, in this order.
  func rows(at indices: [Int]) -> Column {
    switch values {
    case .integers(let values): Column(name, .integers(indices.map { values[$0] }))
    case .numbers(let values): Column(name, .numbers(indices.map { values[$0] }))
    case .booleans(let values): Column(name, .booleans(indices.map { values[$0] }))
    case .texts(let values): Column(name, .texts(indices.map { values[$0] }))
    }
  }
}

extension Table {
  /// One value of a table.
  public enum Value: Sendable, Hashable {
    /// No value.
    case missing
    /// A whole number.
    case integer(Int)
    /// A number.
    case number(Double)
    /// A truth value.
    case boolean(Bool)
    /// A text.
    case text(String)

    /// The value as a number: truth values are 0 and 1; nil for texts and missing values.
    public var number: Double? {
      switch self {
      case .integer(let value): Double(value)
      case .number(let value): value
      case .boolean(let value): value ? 1 : 0
      case .text, .missing: nil
      }
    }

    /// The value as text; nil if it is missing.
    public var text: String? {
      switch self {
      case .integer(let value): "\(value)"
      case .number(let value): "\(value)"
      case .boolean(let value): "\(value)"
      case .text(let value): value
      case .missing: nil
      }
    }
  }
}

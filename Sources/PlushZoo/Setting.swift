import Plush

/// Something a network can be asked for beside its hyper-parameters: `--filters 64`.
///
/// The value is a stored property of the network; its initial value is the default.
public struct Setting<Owner>: Sendable {
  /// The name on the command line, words parted by hyphens.
  public let name: String
  /// What it decides, in one sentence.
  public let help: String
  private let read: @Sendable (Owner) -> any SettingValue
  private let write: @Sendable (inout Owner, Change) -> Bool
  private let expected: String

  /// Where a new value comes from.
  private enum Change {
    case text(String)
    case json(JSON)
  }

  /// A setting of any value of its type.
  public init<Value: SettingValue>(
    _ name: String, _ property: WritableKeyPath<Owner, Value> & Sendable, _ help: String
  ) {
    self.init(name, property, help, expected: Value.expected) { _ in true }
  }

  /// A number in a range.
  public init<Value: SettingValue & Comparable>(
    _ name: String, _ property: WritableKeyPath<Owner, Value> & Sendable,
    in range: ClosedRange<Value>, _ help: String
  ) {
    let expected = "\(Value.expected) from \(range.lowerBound) to \(range.upperBound)"
    self.init(name, property, help, expected: expected) { range.contains($0) }
  }

  /// One of some words.
  public init(
    _ name: String, _ property: WritableKeyPath<Owner, String> & Sendable,
    among words: [String], _ help: String
  ) {
    self.init(name, property, help, expected: words.joined(separator: ", ")) { words.contains($0) }
  }

  /// A setting whose values are checked.
  ///
  /// - Parameter expected: what a user is told who wrote another value.
  public init<Value: SettingValue>(
    _ name: String, _ property: WritableKeyPath<Owner, Value> & Sendable, _ help: String,
    expected: String, isValid: @escaping @Sendable (Value) -> Bool
  ) {
    self.name = name
    self.help = help
    self.expected = expected
    read = { $0[keyPath: property] }
    write = { owner, change in
      let value: Value? =
        switch change {
        case .text(let text): Value(text)
        case .json(let json): Value(json: json)
        }
      guard let value, isValid(value) else { return false }
      owner[keyPath: property] = value
      return true
    }
  }

  /// The name in a record.
  var key: String { name.split(separator: "-").joined(separator: "_") }

  /// The value that a network has.
  public func value(in owner: Owner) -> JSON { read(owner).json }

  /// Gives a network the value that a user wrote.
  ///
  /// - Throws: `ZooError` if it is none.
  public func set(_ text: String, in owner: inout Owner) throws {
    if !write(&owner, .text(text)) { throw refused("'\(text)'") }
  }

  /// Gives a network the value of a record.
  func set(_ json: JSON, in owner: inout Owner) throws {
    if !write(&owner, .json(json)) { throw refused(json.plainText) }
  }

  private func refused(_ found: String) -> ZooError {
    ZooError("--\(name): expected \(expected), found \(found)")
  }
}

/// A type that settings have.
public protocol SettingValue: LosslessStringConvertible, Sendable {
  /// What a user is to write.
  static var expected: String { get }
  /// The value in a record.
  var json: JSON { get }
  /// The value of a record, or nil if it is of another type.
  init?(json: JSON)
}

extension Int: SettingValue {
  public static var expected: String { "a whole number" }
  public var json: JSON { .int(self) }
  public init?(json: JSON) {
    guard let value = json.int else { return nil }
    self = value
  }
}

extension Double: SettingValue {
  public static var expected: String { "a number" }
  public var json: JSON { .double(self) }
  public init?(json: JSON) {
    guard let value = json.double else { return nil }
    self = value
  }
}

extension Bool: SettingValue {
  public static var expected: String { "true or false" }
  public var json: JSON { .bool(self) }
  public init?(json: JSON) {
    guard let value = json.bool else { return nil }
    self = value
  }
}

extension String: SettingValue {
  public static var expected: String { "a text" }
  public var json: JSON { .string(self) }
  public init?(json: JSON) {
    guard let value = json.string else { return nil }
    self = value
  }
}

extension Network {
  /// The settings of the network by their names in a record.
  public var settingValues: JSON {
    Self.settings.reduce(into: [:]) { $0[$1.key] = $1.value(in: self) }
  }

  /// The network with the settings of a record; those that are not there stay.
  ///
  /// - Throws: `ZooError` if a value is of another type or not allowed.
  public func with(_ record: JSON) throws -> Self {
    var network = self
    for setting in Self.settings {
      if let value = record[setting.key] { try setting.set(value, in: &network) }
    }
    return network
  }
}

extension JSON {
  /// The value as a user would write it.
  package var plainText: String { string ?? (try? text()) ?? "" }
}

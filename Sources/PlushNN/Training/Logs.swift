/// Loss and metrics by name, in the order in which they are shown.
public struct Logs: Sendable, Hashable {
  /// Names and values.
  public private(set) var entries: [Entry] = []

  /// A value with its name.
  public struct Entry: Sendable, Hashable {
    /// The name, such as `val_loss`.
    public let name: String
    /// The value.
    public var value: Double
  }

  /// No values.
  public init() {}

  init(_ names: [String], _ values: [Double]) {
    entries = zip(names, values).map { Entry(name: $0, value: $1) }
  }

  /// The value with this name; nil if there is none.
  public subscript(_ name: String) -> Double? {
    get { entries.first { $0.name == name }?.value }
    set {
      let place = entries.firstIndex { $0.name == name }
      switch (place, newValue) {
      case (let place?, let value?): entries[place].value = value
      case (let place?, nil): entries.remove(at: place)
      case (nil, let value?): entries.append(Entry(name: name, value: value))
      case (nil, nil): break
      }
    }
  }

  /// The names, in order.
  public var names: [String] { entries.map(\.name) }

  /// Adds values under names that begin with a prefix.
  mutating func add(_ other: Logs, prefix: String) {
    for entry in other.entries { self[prefix + entry.name] = entry.value }
  }
}

extension Logs: CustomStringConvertible {
  /// `loss: 0.2513 - accuracy: 0.9312`
  public var description: String {
    entries.map { "\($0.name): \($0.value.fourDigits)" }.joined(separator: " - ")
  }
}

extension Double {
  /// Four digits after the point, or as a power of ten if that would show none.
  var fourDigits: String {
    guard isFinite else { return "\(self)" }
    let size = magnitude
    if size != 0 && (size < 1e-3 || size >= 1e9) { return scientific }
    let scaled = (size * 10_000).rounded()
    let (whole, rest) = Int(scaled).quotientAndRemainder(dividingBy: 10_000)
    let digits = String(rest)
    return (self < 0 ? "-" : "") + "\(whole)."
      + String(repeating: "0", count: 4 - digits.count) + digits
  }

  private var scientific: String {
    var power = 0
    var mantissa = magnitude
    while mantissa >= 9.99995 {
      mantissa /= 10
      power += 1
    }
    while mantissa < 0.99995 {
      mantissa *= 10
      power -= 1
    }
    return (self < 0 ? "-" : "") + mantissa.fourDigits + "e\(power)"
  }
}

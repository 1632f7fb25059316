import Plush

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

extension Titanic {
  public func data(from path: String?, seed: Int, reporter: any Reporter) throws -> NetworkData {
    try Passengers(file: path, seed: seed).data(heldOut: 0)
  }
}

/// The table of passengers, divided into parts that are alike.
struct Passengers {
  private let table: Table
  private let parts: [[Int]]

  static let columns = [
    "Survived", "Pclass", "Name", "Sex", "Age", "SibSp", "Parch", "Fare", "Embarked",
  ]

  init(file path: String?, seed: Int) throws {
    let path = try path.map { Self.table(in: $0) ?? $0 } ?? Self.find()
    let table = try Table(file: path)
    let missing = Self.columns.filter { !table.columnNames.contains($0) }
    guard missing.isEmpty else {
      throw ZooError(
        "\(path): expected the columns \(Self.columns.joined(separator: ", ")), found no "
          + missing.joined(separator: ", "),
        hint: "the table found is \(table.columnNames.joined(separator: ", "))")
    }
    guard table.rowCount >= 50 else {
      throw ZooError("\(path): expected at least 50 passengers, found \(table.rowCount)")
    }
    self.table = table.shuffled(seed: UInt64(bitPattern: Int64(seed)))
    parts = try Self.deal(self.table)
  }

  private static func find() throws -> String {
    if let folder = FileSystem.environment("PLUSH_DATA"), let path = table(in: folder) {
      return path
    }
    throw ZooError(
      "no table of passengers: titanic needs --data FILE.csv, or its folder",
      hint: "the table is train.csv of https://www.kaggle.com/c/titanic, with the columns "
        + columns.joined(separator: ", "))
  }

  /// The table in a folder, by its usual names.
  private static func table(in folder: String) -> String? {
    ["\(folder)/titanic.csv", "\(folder)/tabular/titanic.csv"].first {
      if case .file? = try? PathStatus($0) { true } else { false }
    }
  }

  /// Deals the rows so that every part has as many survivors of each sex and class.
  private static func deal(_ table: Table) throws -> [[Int]] {
    let keys = try table.rows.map { row in
      try ["Survived", "Sex", "Pclass"].map { try row[$0].text ?? "" }.joined(separator: " ")
    }
    let order = keys.indices.sorted { (keys[$0], $0) < (keys[$1], $1) }
    var parts = [[Int]](repeating: [], count: Titanic.folds)
    for (place, row) in order.enumerated() { parts[place % Titanic.folds].append(row) }
    return parts.map { $0.sorted() }
  }

  /// The samples with one part held out; of the others an eighth tells when to stop.
  func data(heldOut fold: Int) throws -> NetworkData {
    let rest = parts.indices.filter { $0 != fold }.flatMap { parts[$0] }.sorted()
    let validation = rest.indices.filter { $0 % 8 == 0 }.map { rest[$0] }
    let training = rest.indices.filter { $0 % 8 != 0 }.map { rest[$0] }
    let features = try PassengerFeatures(fitting: table.rows(at: training))
    func samples(_ rows: [Int], isTraining: Bool = false) throws -> LabelledSamples {
      let part = table.rows(at: rows)
      let truths = try part.numbers("Survived").map { Float($0) }
      return LabelledSamples(
        try features.inputs(of: part, isTraining: isTraining),
        Tensor(truths, shape: [truths.count, 1]))
    }
    return NetworkData(
      training: try samples(training, isTraining: true), validation: try samples(validation),
      test: try samples(parts[fold]),
      origin: "\(table.source), a fifth held out", record: features.json)
  }
}

/// Turns passengers into numbers, by the means and medians of those learned from.
struct PassengerFeatures {
  static let titles = ["Mr", "Mrs", "Miss", "Master", "Rare"]
  static let ports = ["S", "C", "Q"]
  static let names =
    ["class 1", "class 2", "class 3", "female", "age", "age is missing", "fare", "siblings"]
    + ["parents", "family", "alone", "companions lost", "companions saved"]
    + ports.map { "from \($0)" } + titles

  /// The usual age of each title, where none is known.
  private var ages: [String: Double] = [:]
  /// The usual fare of each class, where none is known.
  private var fares: [String: Double] = [:]
  /// How many passengers with a ticket are known, and how many of them survived.
  private var companions: [String: Companions] = [:]
  private var means: [Double] = []
  private var deviations: [Double] = []

  init(fitting table: Table) throws {
    ages = try Self.medians(of: "Age", in: table) { Self.title(try $0["Name"].text ?? "") }
    fares = try Self.medians(of: "Fare", in: table) { try $0["Pclass"].text ?? "" }
    companions = try Self.companions(in: table)
    let rows = try table.rows.map { try numbers(of: $0, isTraining: true) }
    means = Self.names.indices.map { place in
      rows.reduce(0) { $0 + $1[place] } / Double(rows.count)
    }
    deviations = Self.names.indices.map { place in
      let sum = rows.reduce(0) {
        $0 + ($1[place] - means[place]) * ($1[place] - means[place])
      }
      return max(1e-6, (sum / Double(rows.count)).squareRoot())
    }
  }

  init(json: JSON) throws {
    ages = try json.get("ages", \.object).compactMapValues(\.double)
    fares = try json.get("fares", \.object).compactMapValues(\.double)
    companions = try json.get("companions", \.object).compactMapValues(Companions.init)
    means = try json.get("means", \.array).compactMap(\.double)
    deviations = try json.get("deviations", \.array).compactMap(\.double)
    guard means.count == Self.names.count, deviations.count == Self.names.count else {
      throw ZooError("the model was saved with other features than this version of Plush makes")
    }
  }

  var json: JSON {
    [
      "ages": .object(ages.mapValues(JSON.double)),
      "fares": .object(fares.mapValues(JSON.double)),
      "companions": .object(companions.mapValues(\.json)),
      "means": .array(means.map(JSON.double)),
      "deviations": .array(deviations.map(JSON.double)),
    ]
  }

  /// A row of numbers for each passenger, each of mean 0 and deviation 1.
  ///
  /// - Parameter isTraining: whether the passengers are those learned from, whose own fate must
  ///   not count among that of their companions.
  func inputs(of table: Table, isTraining: Bool = false) throws -> Tensor {
    let values = try table.rows.flatMap { row in
      try numbers(of: row, isTraining: isTraining).enumerated().map {
        Float(($1 - means[$0]) / deviations[$0])
      }
    }
    return Tensor(values, shape: [table.rowCount, Self.names.count])
  }

  private func numbers(of row: Table.Row, isTraining: Bool) throws -> [Double] {
    let title = Self.title(try row["Name"].text ?? "")
    let passengerClass = try row["Pclass"].text ?? ""
    let age = try row["Age"].number
    let fare = try row["Fare"].number ?? fares[passengerClass] ?? fares[""] ?? 0
    let (siblings, parents) = (try row["SibSp"].number ?? 0, try row["Parch"].number ?? 0)
    let port = try row["Embarked"].text ?? "S"
    var others = Self.ticket(row).flatMap { companions[$0] } ?? Companions()
    if isTraining && others.count > 0 {
      others.remove(survived: try row["Survived"].number == 1)
    }
    func flag(_ condition: Bool) -> Double { condition ? 1 : 0 }
    return ["1", "2", "3"].map { flag($0 == passengerClass) } + [
      flag(try row["Sex"].text == "female"), age ?? ages[title] ?? ages[""] ?? 0,
      flag(age == nil), log1p(max(0, fare)), siblings, parents, siblings + parents,
      flag(siblings + parents == 0), flag(others.count > others.saved), flag(others.saved > 0),
    ] + Self.ports.map { flag($0 == port) } + Self.titles.map { flag($0 == title) }
  }

  /// `Braund, Mr. Owen Harris` is a `Mr`.
  static func title(_ name: String) -> String {
    let rest = name.split(separator: ",", maxSplits: 1).last ?? ""
    let title = rest.split(separator: ".").first.map { $0.drop { $0 == " " } } ?? ""
    switch title {
    case "Mr", "Mrs", "Miss", "Master": return String(title)
    case "Mlle", "Ms": return "Miss"
    case "Mme", "Lady": return "Mrs"
    default: return "Rare"
    }
  }

  /// The ticket, which people who travelled together shared; nil in tables without tickets.
  private static func ticket(_ row: Table.Row) -> String? { (try? row["Ticket"])?.text }

  private static func companions(in table: Table) throws -> [String: Companions] {
    var all: [String: Companions] = [:]
    for row in table.rows {
      guard let ticket = ticket(row) else { continue }
      all[ticket, default: Companions()].add(survived: try row["Survived"].number == 1)
    }
    return all
  }

  /// The middle value of a column for each group, and for all under the empty name.
  private static func medians(
    of column: String, in table: Table, by group: (Table.Row) throws -> String
  ) throws -> [String: Double] {
    var values: [String: [Double]] = [:]
    for row in table.rows {
      guard let number = try row[column].number else { continue }
      values[try group(row), default: []].append(number)
      values["", default: []].append(number)
    }
    return values.mapValues { $0.sorted()[$0.count / 2] }
  }
}

/// Passengers who share a ticket.
private struct Companions {
  var count = 0
  var saved = 0

  init() {}

  init?(_ json: JSON) {
    guard let count = json[0]?.int, let saved = json[1]?.int else { return nil }
    self.count = count
    self.saved = saved
  }

  var json: JSON { [.int(count), .int(saved)] }

  mutating func add(survived: Bool) {
    count += 1
    if survived { saved += 1 }
  }

  mutating func remove(survived: Bool) {
    count -= 1
    if survived { saved -= 1 }
  }
}

import Foundation
import PlushData
import PlushTestSupport
import Testing

@Suite struct TableTests {
  let people: Table

  init() throws {
    let text = """
      name,age,class,alive,fare
      Ann,22,3,true,7.25
      Bob,,1,false,71
      Cid,26,3,true,8
      Dan,36,2,false,
      Eve,22,3,true,8

      """
    people = try Table(parsing: Array(text.utf8), path: "people.csv")
  }

  @Test func selectsAndDrops() throws {
    #expect(try people.select("fare", "name").columnNames == ["fare", "name"])
    #expect(try people.drop("fare", "name").columnNames == ["age", "class", "alive"])
    let added = try people.add(Column("new", .integers([1, 2, 3, 4, 5])))
    #expect(added.columnNames.last == "new")
    let error = #expect(throws: TableError.self) { try people.add(Column("age", .texts([]))) }
    #expect(
      error?.message == "people.csv, column 'age': expected a new column name, found 'age' again")
    let short = #expect(throws: TableError.self) { try people.add(Column("x", .texts([]))) }
    #expect(short?.message == "people.csv, column 'x': expected 5 values, found 0")
  }

  @Test func suggestsTheNearestName() {
    let error = #expect(throws: TableError.self) { try people.column("Agee") }
    #expect(
      error?.description == "people.csv: expected a column 'Agee', found no such column\n"
        + "  hint: did you mean 'age'?")
    let far = #expect(throws: TableError.self) { try people.column("survived") }
    #expect(far?.hint == "the columns are 'name', 'age', 'class', 'alive', 'fare'")
  }

  @Test func filtersAndKeepsLines() throws {
    let adults = try people.filter { try $0["age"].number ?? 0 > 22 }
    #expect(try adults.texts("name") == ["Cid", "Dan"])
    #expect(adults.lines == [4, 5])
    #expect(throws: TableError.self) { try people.filter { try $0["ages"] == .missing } }
  }

  @Test func splitsBySeed() throws {
    let (train, test) = people.split(0.6, seed: 1)
    #expect(train.rowCount == 3)
    #expect(test.rowCount == 2)
    #expect((train.lines + test.lines).sorted() == people.lines)
    #expect(people.split(0.6, seed: 1).0 == train)
    #expect(Set((1..<20).map { people.shuffled(seed: $0).lines }).count > 10)
    #expect(people.shuffled(seed: 7).lines == people.shuffled(seed: 7).lines)
  }

  @Test func fillsMissingValues() throws {
    func ages(_ strategy: Imputer.Strategy) throws -> Column.Values {
      try Imputer(strategy, fitting: people, "age").apply(to: people).column("age").values
    }
    #expect(try ages(.mean) == .numbers([22, 26.5, 26, 36, 22]))
    #expect(try ages(.median) == .integers([22, 24, 26, 36, 22]))
    #expect(try ages(.mode) == .integers([22, 22, 26, 36, 22]))
    #expect(try ages(.number(-1)) == .integers([22, -1, 26, 36, 22]))
    let error = #expect(throws: TableError.self) { try ages(.text("old")) }
    #expect(
      error?.message == "people.csv, column 'age': expected values that 'old' can stand beside, "
        + "found integer values")
    let text = #expect(throws: TableError.self) { try Imputer(.mean, fitting: people, "name") }
    #expect(
      text?.message == "people.csv, line 2, column 'name': expected a number, found 'Ann'")
    let texts = try Table([Column("a", .texts(["x", nil, "y", "y"]))])
    #expect(
      try Imputer(.mode, fitting: texts, "a").apply(to: texts).texts("a") == ["x", "y", "y", "y"])
    let none = try Table([Column("a", .numbers([nil]))])
    let empty = #expect(throws: TableError.self) { try Imputer(.mode, fitting: none, "a") }
    #expect(
      empty?.message == "table, column 'a': expected at least one value, found only missing ones")
  }

  @Test func encodesCategories() throws {
    let train = people.rows(at: [0, 1, 2])
    let oneHot = try CategoryEncoder(.oneHot, fitting: train, "class")
    let encoded = try oneHot.apply(to: train)
    #expect(encoded.columnNames == ["name", "age", "class=1", "class=3", "alive", "fare"])
    #expect(try encoded.numbers("class=3") == [1, 0, 1])
    let error = #expect(throws: TableError.self) { try oneHot.apply(to: people) }
    #expect(
      error?.message
        == "people.csv, line 5, column 'class': expected one of '1', '3', found '2'")
    let lenient = try CategoryEncoder(.codes, unknown: .empty, fitting: train, "class", "alive")
    #expect(try lenient.apply(to: people).numbers("class") == [1, 0, 1, -1, 1])
    #expect(try lenient.apply(to: people).numbers("alive") == [1, 0, 1, 0, 1])
    let missing = #expect(throws: TableError.self) {
      try CategoryEncoder(.codes, fitting: people, "fare").apply(to: people)
    }
    #expect(
      missing?.message == "people.csv, line 5, column 'fare': expected one of '7.25', '8.0', "
        + "'71.0', found a missing value")
  }

  @Test func scales() throws {
    let standard = try Scaler(.standard, fitting: people, "class")
    let values = try standard.apply(to: people).numbers("class")
    #expect(abs(values.reduce(0, +)) < 1e-12)
    #expect(abs(values.map { $0 * $0 }.reduce(0, +) / 5 - 1) < 1e-12)
    let minMax = try Scaler(.minMax, fitting: people.rows(at: [0, 3]), "age", "class")
    let scaled = try minMax.apply(to: people)
    #expect(scaled.columns[1].values == .numbers([0, nil, 4.0 / 14, 1, 0]))
    let back = try minMax.invert(scaled)
    #expect(try back.numbers("class") == people.numbers("class"))
    let same = try Table([Column("a", .numbers([5, 5]))])
    #expect(try Scaler(.standard, fitting: same, "a").apply(to: same).numbers("a") == [0, 0])
  }

  @Test func fittedStepsSurviveCoding() throws {
    let imputer = try Imputer(.mean, fitting: people, "age")
    let encoder = try CategoryEncoder(.oneHot, fitting: people, "class")
    let scaler = try Scaler(.minMax, fitting: people, "class")
    func copy<Step: Codable>(_ step: Step) throws -> Step {
      try JSONDecoder().decode(Step.self, from: JSONEncoder().encode(step))
    }
    #expect(try copy(imputer) == imputer)
    #expect(try copy(encoder) == encoder)
    #expect(try copy(scaler) == scaler)
  }

  @Test func becomesAMatrix() throws {
    let matrix = try people.matrix(["class", "alive"])
    #expect(matrix.shape == [5, 2])
    #expect(matrix.values == [3, 1, 1, 0, 3, 1, 2, 0, 3, 1])
    let text = #expect(throws: TableError.self) { try people.matrix() }
    #expect(
      text?.message == "people.csv, line 2, column 'name': expected a number, found 'Ann'")
    let missing = #expect(throws: TableError.self) { try people.matrix(["age"]) }
    #expect(
      missing?.message
        == "people.csv, line 3, column 'age': expected a number, found a missing value")
  }

  @Test(.enabled(if: sharedData != nil)) func preparesTheTitanic() throws {
    let titanic = try Table(file: try #require(sharedData) + "/tabular/titanic.csv")
    let (train, test) = try titanic.drop("PassengerId", "Name", "Ticket", "Cabin")
      .split(0.8, seed: 1)
    let ages = try Imputer(.median, fitting: train, "Age", "Fare")
    let ports = try Imputer(.mode, fitting: train, "Embarked")
    let categories = try CategoryEncoder(.oneHot, fitting: train, "Pclass", "Sex", "Embarked")
    let scaler = try Scaler(.standard, fitting: try ages.apply(to: train), "Age", "Fare")
    func prepare(_ table: Table) throws -> Table {
      try scaler.apply(to: categories.apply(to: ports.apply(to: ages.apply(to: table))))
    }
    #expect(try prepare(train).drop("Survived").matrix().shape == [713, 12])
    #expect(try prepare(test).drop("Survived").matrix().shape == [178, 12])
  }
}

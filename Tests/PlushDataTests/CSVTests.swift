import PlushData
import PlushTestSupport
import Testing

@Suite struct CSVTests {
  func table(_ text: String) throws -> Table { try Table(parsing: Array(text.utf8), path: "a.csv") }

  func error(_ text: String, quotes: Bool = true) -> FileError? {
    #expect(throws: FileError.self) {
      try Table(parsing: Array(text.utf8), path: "a.csv", quotes: quotes)
    }
  }

  @Test func infersTypes() throws {
    let table = try table(
      #"""
      id,height,adult,name,empty
      1,1.5,true,Ann,
      -2, 2 ,FALSE,"Bo, the ""first""",NA
      ,NaN,null,,

      """#)
    #expect(table.columnNames == ["id", "height", "adult", "name", "empty"])
    #expect(table.columns[0].values == .integers([1, -2, nil]))
    #expect(table.columns[1].values == .numbers([1.5, 2, nil]))
    #expect(table.columns[2].values == .booleans([true, false, nil]))
    #expect(table.columns[3].values == .texts(["Ann", "Bo, the \"first\"", nil]))
    #expect(table.columns[4].values == .numbers([nil, nil, nil]))
    #expect(table.columns.map(\.missingCount) == [1, 1, 1, 1, 3])
  }

  @Test func keepsOddTextsAsTexts() throws {
    let table = try table("a,b,c,d\n1e999,0x10,1_000,inf\n1,2,3,4\n")
    #expect(table.columns.map(\.typeName) == ["text", "text", "text", "text"])
    let numbers = try self.table("a,b,c\n+1,.5,1e3\n007,5.,-2E-1\n")
    #expect(numbers.columns[0].values == .integers([1, 7]))
    #expect(numbers.columns[1].values == .numbers([0.5, 5]))
    #expect(numbers.columns[2].values == .numbers([1000, -0.2]))
  }

  @Test func readsEveryLineBreak() throws {
    let expected = try table("a,b\n1,x\n2,y\n").columns
    for text in [
      "a,b\r\n1,x\r\n2,y\r\n", "a,b\n1,x\n2,y", "\u{FEFF}a,b\r1,x\r\r2,y",
      "\n\na,b\n1,x\n\n2,y\n\n",
    ] {
      #expect(try table(text).columns == expected)
    }
    let embedded = try table("a,b\n\"x\r\ny\",1\nz,2\n")
    #expect(embedded.columns[0].values == .texts(["x\r\ny", "z"]))
    #expect(embedded.lines == [2, 4])
  }

  @Test func readsOtherSeparatorsAndNames() throws {
    let text = Array("ham\tsay \"hi\"\nspam\t\"free\n".utf8)
    let table = try Table(
      parsing: text, separator: "\t", names: ["label", "text"], quotes: false)
    #expect(try table.texts("text") == ["say \"hi\"", "\"free"])
  }

  @Test func aHeaderAloneHasNoRows() throws {
    let table = try table("a,b\n")
    #expect(table.rowCount == 0)
    #expect(try table.matrix().shape == [0, 2])
  }

  @Test func tellsWhatIsWrong() {
    #expect(
      error("")?.message
        == "a.csv: expected a first line with the names of the columns, found an empty file")
    #expect(error("a,b\n1,2\n3\n")?.message == "a.csv, line 3: expected 2 values, found 1")
    #expect(error("a,b\n1,2\n3,4,5\n")?.message == "a.csv, line 3: expected 2 values, found 3")
    #expect(
      error("a;b\n1,5;2\n")?.hint == "is ',' the separator of this file?")
    #expect(
      error("a,b\n1,\"x\n2,y\n")?.message
        == "a.csv, line 2: expected a closing quote for the value that starts here, "
        + "found the end of the file")
    #expect(
      error("a,b\n1,\"x\"é\n")?.message
        == "a.csv, line 2: expected a separator or the end of the line after a closing quote, "
        + "found 'é'")
    let bytes = Array("a,b\n1,".utf8) + [0xE9, 0x0A]
    let encoding = #expect(throws: FileError.self) { try Table(parsing: bytes, path: "a.csv") }
    #expect(
      encoding?.message == "a.csv, line 2: expected text in UTF-8, found the byte 233 at 6")
    let twice = #expect(throws: TableError.self) { try table("a,b,a\n1,2,3\n") }
    #expect(
      twice?.message == "a.csv, column 'a': expected every column name once, found 'a' twice")
  }

  @Test func writesWhatItReads() throws {
    let folder = try TestFolder()
    let table = try table("id,\"na,me\",ok\n1,\"x \"\"y\"\"\n\",true\n,,false\n")
    try table.write(to: folder("a.csv"))
    #expect(try Table(file: folder("a.csv")).columns == table.columns)
    let single = try Table([Column("a", .integers([1, nil, 3]))])
    try single.write(to: folder("b.csv"))
    #expect(try Table(file: folder("b.csv")).columns == single.columns)
  }

  @Test func survivesAnyBytes() {
    let text = Array("a,b,c\r\n1,\"x \"\"y\"\"\n\",true\n2.5,é,NA\n".utf8)
    for length in 0..<text.count { _ = try? Table(parsing: Array(text[..<length])) }
    var generator = TestGenerator(seed: 6)
    for _ in 0..<10_000 {
      let table = try? Table(parsing: generator.flippingBits(of: text))
      _ = try? table?.matrix()
    }
  }

  @Test(.enabled(if: sharedData != nil)) func readsRealTables() throws {
    let folder = try #require(sharedData)
    let titanic = try Table(file: folder + "/tabular/titanic.csv")
    #expect(titanic.rowCount == 891)
    #expect(try titanic.column("Age").missingCount == 177)
    #expect(try titanic.column("Embarked").missingCount == 2)
    #expect(try titanic.texts("Name")[0] == "Braund, Mr. Owen Harris")
    let iris = try Table(file: folder + "/tabular/iris.csv")
    #expect(try iris.drop("species").matrix().shape == [150, 4])
    let mpg = try Table(file: folder + "/tabular/auto-mpg.csv")
    #expect(mpg.rowCount == 398)
    #expect(try mpg.column("horsepower").missingCount == 6)
    let spam = try Table(
      file: folder + "/sms-spam/sms.tsv", separator: "\t", names: ["label", "text"],
      quotes: false)
    #expect(spam.rowCount == 5574)
  }
}

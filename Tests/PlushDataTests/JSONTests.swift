import PlushNN
import PlushTestSupport
import Testing

@Suite struct JSONTests {
  @Test func readsEveryKindOfValue() throws {
    let json = try JSON(
      parsing: #" {"a": [1, -2.5, 1e3, true, false, null], "b": {"c": "x\n\u00e9\ud83d\ude00"}} "#)
    #expect(json["a"] == [1, -2.5, 1000.0, true, false, nil])
    #expect(json["b"]?["c"]?.string == "x\né😀")
    #expect(json["a"]?[0]?.double == 1)
    #expect(json["a"]?[2]?.int == 1000)
    #expect(json["a"]?[9] == nil)
    #expect(json["z"] == nil)
  }

  @Test func keepsWholeNumbersApart() throws {
    #expect(try JSON(parsing: "9223372036854775807") == .int(.max))
    #expect(try JSON(parsing: "9223372036854775808") == .double(9.223372036854775808e18))
    #expect(try JSON(parsing: "1.0") == .double(1))
  }

  @Test func takesPythonsInfinities() throws {
    let json = try JSON(parsing: "[NaN, Infinity, -Infinity]")
    #expect(json[0]?.double?.isNaN == true)
    #expect(json[1] == .double(.infinity))
    #expect(json[2] == .double(-.infinity))
    #expect(try json.text(nonFinite: .literal) == "[NaN,Infinity,-Infinity]")
    #expect(try json.text(nonFinite: .null) == "[null,null,null]")
  }

  @Test func refusesToWriteInfinity() {
    let json: JSON = ["history": ["loss": [1.0, .double(.nan)]]]
    let error = #expect(throws: JSONError.self) { try json.text() }
    #expect(error?.kind == .notFinite)
    #expect(
      error?.description == "expected 'history/loss/[1]' to be a finite number, found nan")
  }

  @Test func writesWhatItReads() throws {
    let json: JSON = [
      "name": "dense \"1\"\\\u{1}\t", "units": 3, "rate": 0.1, "list": [nil, [], [:], true],
    ]
    #expect(try JSON(parsing: json.text()) == json)
    #expect(try JSON(parsing: json.text(pretty: true)) == json)
    #expect(
      try json.text()
        == #"{"list":[null,[],{},true],"name":"dense \"1\"\\\u0001\t","rate":0.1,"units":3}"#)
    #expect(
      try JSON.object(["a": [1, 2]]).text(pretty: true)
        == "{\n  \"a\": [\n    1,\n    2\n  ]\n}\n")
  }

  @Test(arguments: [
    ("", "line 1, column 1: expected a value, found the end of the text"),
    ("[1,\n 2,]", "line 2, column 4: expected a value, found ']'"),
    ("{\"a\" 1}", "line 1, column 6: expected ':' after \"a\", found '1'"),
    ("{\"a\": 1", "line 1, column 8: expected ',' or '}', found the end of the text"),
    ("[1 2]", "line 1, column 4: expected ',' or ']', found '2'"),
    ("{a: 1}", "line 1, column 2: expected a text in quotes, found 'a'"),
    ("1 1", "line 1, column 3: expected the end of the text, found '1'"),
    ("-", "line 1, column 2: expected a digit, found the end of the text"),
    ("1.e3", "line 1, column 3: expected a digit, found 'e'"),
    ("01", "line 1, column 2: expected the end of the text, found '1'"),
    ("\"a\nb\"", "line 1, column 3: expected an escaped control character, found byte 10"),
    ("\"\\x\"", "line 1, column 2: expected an escape such as \\n, found '\\x'"),
    ("\"\\u12g4\"", "line 1, column 6: expected four hexadecimal digits, found 'g'"),
    (
      "\"\\ud800\"", "line 1, column 2: expected both halves of a surrogate pair, found one half"
    ),
    ("{\"a\":1,\"a\":2}", "line 1, column 8: expected every name once, found \"a\" again"),
  ])
  func tellsWhereTheFaultIs(text: String, message: String) {
    let error = #expect(throws: JSONError.self) { try JSON(parsing: text) }
    #expect(error?.message == message)
  }

  @Test func boundsDepthSizeAndEncoding() {
    let deep = [UInt8](repeating: UInt8(ascii: "["), count: 1_000_000)
    #expect(throws: JSONError.self) { try JSON(parsing: deep) }
    let error = #expect(throws: JSONError.self) { try JSON(parsing: deep, maximumSize: 10) }
    #expect(error?.message == "expected at most 10 bytes of JSON, found 1000000 bytes")
    let bad = #expect(throws: JSONError.self) { try JSON(parsing: [0x22, 0x61, 0xFF, 0x22]) }
    #expect(bad?.kind == .encoding)
    #expect(bad?.position?.offset == 2)
  }

  /// Lists and objects of almost nothing take much more memory than their text.
  @Test(arguments: ["[0]", "[[[[]]]]", #"{"":0}"#, "[0,0,0,0,0,0,0,0,0]", "0"])
  func boundsMemory(part: String) throws {
    func text(_ size: Int) -> String {
      "[" + String(repeating: part + ",", count: size / (part.utf8.count + 1)) + "0]"
    }
    #expect(throws: Never.self) { try JSON(parsing: text(2_000_000)) }
    let error = #expect(throws: JSONError.self) { try JSON(parsing: text(20_000_000)) }
    #expect(error?.kind == .tooLarge && error?.position != nil)
  }

  @Test func takesLargeListsOfNumbers() throws {
    let list = try JSON(parsing: "[" + String(repeating: "0.25,", count: 4_000_000) + "0.5]")
    #expect(list[3_999_999]?.double == 0.25 && list[4_000_000]?.double == 0.5)
  }

  @Test func survivesAnyBytes() throws {
    let text = Array(
      #"{"a": [1, -2.5e3, true, null, "x\u00e9\ud83d\ude00\n"], "b": {"c": {}}}"#.utf8)
    for length in 0..<text.count {
      #expect(throws: JSONError.self) { try JSON(parsing: text[..<length]) }
    }
    var generator = TestGenerator(seed: 1)
    for _ in 0..<20_000 {
      let json = try? JSON(parsing: generator.flippingBits(of: text))
      _ = try? json?.text(nonFinite: .literal)
    }
  }

  @Test func tellsWhichMemberIsWrong() throws {
    let config: JSON = ["units": "three", "rate": 1]
    #expect(try config.get("rate", \.double) == 1)
    let wrong = #expect(throws: JSONError.self) { try config.get("units", \.int) }
    #expect(wrong?.message == "expected 'units' to be a whole number, found 'three'")
    let missing = #expect(throws: JSONError.self) { try config.get("name", \.string) }
    #expect(missing?.message == "expected the member 'name', found only 'rate', 'units'")
  }

  @Test func setsMembers() {
    var json: JSON = nil
    json["a"] = 1
    json["b"] = [2]
    json["a"] = nil as JSON?
    #expect(json == ["b": [2]])
  }
}

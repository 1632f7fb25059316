import Plush
import PlushTestSupport
import Testing

/// The replay of recorded cases.
@Suite struct ConformanceTests {
  /// A case of one step with the constant `x`, [1, -2].
  private func test(_ name: String, _ operation: String, _ expected: JSON) -> JSON {
    [
      "name": .string(name),
      "consts": ["x": ["dtype": "float32", "shape": [2], "data": [1, -2]]],
      "steps": [
        ["op": .string(operation), "args": [["$t": "x"], [3]], "outs": [["id": "y"]]]
      ],
      "asserts": [
        ["kind": "close", "tensor": "y", "shape": [2], "expected": expected, "eps": 0.001]
      ],
    ]
  }

  @Test func casesThatStopTheProgramFail() throws {
    let folder = try TestFolder()
    let cases: JSON = [
      "cases": [
        test("right", "abs", [1, 2]), test("stops", "reshape", [1, 2]),
        test("wrong", "abs", [1, 3]), test("unknown", "flutter", [1, 2]),
        test("right again", "neg", [-1, 2]),
      ]
    ]
    try cases.write(to: folder("cases.json"))
    let plain = try Tool.run("conformance", "tfjs", "cases.json", in: folder)
    #expect(plain.status == 1)
    #expect(plain.output.hasSuffix("2 passed, 2 failed\n"), "\(plain.output)")
    let result = try Tool.run("conformance", "tfjs", "cases.json", "--json", in: folder)
    #expect(result.output.hasSuffix("\n2 passed, 2 failed\n"))
    // The sums for people stand last.
    let events = try result.output.split(separator: "\n").dropLast().map {
      try JSON(parsing: String($0))
    }
    #expect(
      events.dropLast().map { $0["outcome"]?.string } == [
        "passed", "failed", "failed", "skipped", "passed",
      ])
    #expect(events[1]["reason"]?.string?.contains("reshape") == true)
    #expect(events[2]["reason"]?.string == "assertion 1: element 1 is 2.0 instead of 3.0")
    #expect(events.last?["passed"]?.int == 2)
    #expect(events.last?["skipped"]?.int == 1)
  }

  @Test func filesWithoutCasesAreErrors() throws {
    let folder = try TestFolder()
    try JSON.object([:]).write(to: folder("cases.json"))
    let result = try Tool.run("conformance", "tfjs", "cases.json", in: folder)
    #expect(result.status == 1)
    #expect(result.errors.contains("cases"))
  }
}

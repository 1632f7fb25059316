import Plush
import PlushTestSupport
import PlushZoo
import Testing

@Suite(.serialized) struct FormatterTests {
  let folder: TestFolder

  init() throws { folder = try TestFolder() }

  var small: Formatter {
    var network = Formatter()
    (network.units, network.window) = (24, 32)
    return network
  }

  /// A little code in one style.
  static func code(_ number: Int) -> String {
    let names = ["alpha", "beta", "gamma", "delta"]
    let (first, second) = (names[number % 4], names[(number + 1) % 4])
    return """
      import \(first)

      func \(second)(a: Int, b: Int) -> Int {
        let c = a + \(number)  // sum
        if c > b {
          return c
        }
        return \(first)(c, b)
      }

      """
  }

  func write(_ count: Int) throws {
    try FileSystem.createDirectory(folder("code"))
    for number in 0..<count {
      try writeFile(folder("code/\(number).swift"), Self.code(number))
    }
  }

  /// A formatter that has learned nothing.
  func untrained() throws -> SourceFormatter {
    try write(20)
    let data = try small.data(from: folder("code"), seed: 1, reporter: SilentReporter())
    seed(3)
    let model = try small.model(for: data.record)
    try model.build()
    return try SourceFormatter(model, record: data.record)
  }

  @Test func aStyleIsLearned() async throws {
    try write(40)
    let options = TrainingOptions(
      data: folder("code"),
      parameters: Hyperparameters(epochs: 8, batchSize: 4, learningRate: 0.01), out: folder("model")
    )
    let result = try await small.train(options, reporter: SilentReporter())
    #expect(try #require(result.figures["gaps"]) > 0.99)
    #expect(try #require(result.figures["lines"]) > 0.95)
    let trained = try TrainedNetwork(ModelFolder(folder("model")))
    let formatter = try SourceFormatter(trained.model, record: trained.record)
    try writeFile(folder("b.swift"), Self.code(50))
    #expect(try formatter.format(file: folder("b.swift")) == Self.code(50))
    let squeezed =
      "import alpha\n\n\n\nfunc beta (a:Int,b:Int)->Int{\nlet c=a+48// sum\nif c>b{\n"
      + "return c }\nreturn alpha( c ,b )\n}"
    let formatted = try formatter.format(squeezed, language: .swift)
    #expect(formatted == Self.code(48))
  }

  /// White space is all that changes, however bad the network is.
  @Test func tokensStayWhatTheyAre() throws {
    let formatter = try untrained()
    for (text, language): (String, SourceLanguage) in [
      (Self.code(1), .swift), ("let a = b.c!.d ?? -1 // e\nreturn x as? Y", .swift),
      ("return /a b/.test(c) /* d */ - -e; `f${g}`", .javaScript), ("x", .swift), ("", .swift),
      (" \n\n", .general), ("int a = b - -c; // d\r\n#if E\r\n", .general),
    ] {
      do {
        let formatted = try formatter.format(text, language: language)
        let tokens = { LexedSource(Array(($0 as String).utf8), language: language).tokens }
        #expect(tokens(formatted) == tokens(text))
      } catch let error as ZooError {
        #expect(error.message.contains("formatting would turn"))
      }
    }
  }

  /// An end of line between statements, and white space on one side of an operator, mean something.
  @Test func meaningIsKept() throws {
    let formatter = try untrained()
    let formatted = try formatter.format("a = b\nc()\nreturn -d", language: .swift)
    let source = LexedSource(Array(formatted.utf8), language: .swift)
    #expect(source.tokens.map(\.text) == ["a", "=", "b", "c", "(", ")", "return", "-", "d"])
    #expect(source.gaps[3].contains(0x0A) && source.gaps[6].contains(0x0A))
    #expect(!source.gaps[7].isEmpty && source.gaps[8].isEmpty)
    #expect(source.gaps[1].isEmpty == source.gaps[2].isEmpty)
    let script = try formatter.format("return a\nb++", language: .javaScript)
    #expect(!script.contains("return\n") && script.contains("a\n"))
  }

  @Test func whatCannotBeFormattedIsTold() throws {
    let formatter = try untrained()
    try writeFile(folder("a.txt"), "a")
    #expect(throws: ZooError.self) { try formatter.format(file: folder("a.txt")) }
    try writeFile(folder("b.swift"), [0x61, 0xFF])
    let error = #expect(throws: FileError.self) { try formatter.format(file: folder("b.swift")) }
    #expect(error?.place == .byte(1))
    #expect(throws: FileError.self) { try formatter.format(file: folder("none.swift")) }
  }

  @Test func tooLittleCodeIsRefused() throws {
    try write(3)
    let error = #expect(throws: ZooError.self) {
      try small.data(from: folder("code"), seed: 1, reporter: SilentReporter())
    }
    #expect(error?.message.contains("at least 5 source files, found 3") == true)
    #expect(throws: ZooError.self) {
      try small.data(from: nil, seed: 1, reporter: SilentReporter())
    }
    #expect(throws: (any Error).self) {
      try SourceFormatter(Zoo.network(named: "xor").model(), record: [:])
    }
  }
}

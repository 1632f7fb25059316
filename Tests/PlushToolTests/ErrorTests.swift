import Plush
import PlushTestSupport
import Testing

@Suite struct ErrorTests {
  let folder: TestFolder

  init() throws { folder = try TestFolder() }

  @Test(arguments: [
    ["train"], ["train", "xor", "--epochs", "none"], ["train", "xor", "--epochs", "0"],
    ["train", "xor", "--learning-rate", "-1"], ["train", "xor", "--unknown"], ["unknown"],
    ["train", "--epochs", "3", "xor"], ["train", "linear", "a.csv", "--data", "b.csv"],
    ["bench", "unknown"], ["new", "bad/name", "--json"],
  ])
  func wrongCommandLines(_ arguments: [String]) throws {
    let result = try Tool(arguments, in: folder.path).wait()
    #expect(result.status == 64)
    #expect(result.errors.hasPrefix("error: "))
    #expect(result.errors.contains("\nhint: plush"))
  }

  @Test func anUnknownNetworkIsGuessed() throws {
    let result = try Tool.run("train", "xorr", "--json", in: folder)
    #expect(result.status == 1)
    #expect(result.errors.hasPrefix("error: there is no network 'xorr'\nhint: did you mean 'xor'?"))
    let event = try result.last
    #expect(event["event"] == "error")
    #expect(event["message"] == "there is no network 'xorr'")
    #expect(event["hint"]?.string?.contains("titanic") == true)
    let asked = try Tool.run("train", "xorr", "--epochs", "3", in: folder)
    #expect(asked.status == 1 && asked.errors.contains("there is no network 'xorr'"))
  }

  @Test func titanicNeedsItsTable() throws {
    let result = try Tool.run("train", "titanic", in: folder)
    #expect(result.status == 1)
    #expect(result.errors.contains("titanic needs --data FILE.csv"))
    #expect(result.errors.contains("Survived, Pclass, Name, Sex, Age"))
  }

  @Test func aTableWithoutTheColumnsIsRefused() throws {
    try writeFile(folder("t.csv"), "Name,Age\nA,3\n")
    let result = try Tool.run("train", "titanic", "--data", "t.csv", in: folder)
    #expect(result.status == 1)
    #expect(result.errors.contains("found no Survived, Pclass, Sex"))
  }

  @Test func aMissingFolderOfDigitsIsNamed() throws {
    let result = try Tool.run("train", "mlp", "--data", "nowhere", in: folder)
    #expect(result.status == 1)
    #expect(result.errors.contains("nowhere: expected the files of MNIST"))
  }

  @Test func aDamagedFileOfDigitsIsNamed() throws {
    for name in ["train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte"] {
      try writeFile(folder(name), [0, 0, 8, 3, 0])
    }
    try writeFile(folder("t10k-labels-idx1-ubyte"), [1, 2, 3])
    let result = try Tool.run("train", "mlp", "--data", ".", in: folder)
    #expect(result.status == 1)
    #expect(result.errors.contains("train-images-idx3-ubyte"))
  }

  @Test func aMissingModelIsNamed() throws {
    for command in [["evaluate", "m"], ["predict", "m", "f.csv"], ["summary", "./m"]] {
      let result = try Tool(command, in: folder.path).wait()
      #expect(result.status == 1)
      #expect(result.errors.contains("there is no model at"))
      #expect(result.errors.contains("hint: "))
    }
  }

  @Test func aFolderThatCannotBeWrittenIsNamed() throws {
    try writeFile(folder("file"), "")
    let result = try Tool.run("train", "xor", "--out", "file/model", in: folder)
    #expect(result.status == 1)
    #expect(result.errors.hasPrefix("error: file"))
  }
}

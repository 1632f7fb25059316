import PlushData
import PlushEngine
import PlushFormats
import PlushNN
import PlushTensor
import PlushTestSupport
import Testing

@Suite struct DatasetCacheTests {
  private let folder: TestFolder
  private let asked = Variable(Tensor(Float(0)), name: "asked", trainable: false)

  init() throws { folder = try TestFolder() }

  /// Elements that tell how often they were made.
  private func numbers(_ count: Int, width: Int = 2) -> Dataset {
    Dataset(count: count) { [asked] index in
      asked.value = asked.value + 1
      return Samples(
        inputs: [.full([width], Float(index)), Tensor(Int32(index))],
        truths: [Tensor(Float(-index))], weights: index % 2 == 0 ? [] : [.ones([1, 1])])
    }
  }

  private func all(_ data: Dataset, epoch: Int = 0) async throws -> [Samples] {
    var found: [Samples] = []
    var elements = data.iterator(epoch: epoch)
    while let element = try await elements.next() { found.append(element) }
    return found
  }

  private func isSame(_ first: [Samples], _ second: [Samples]) -> Bool {
    func content(_ samples: [Samples]) -> [[[NamedArray]]] {
      samples.map { sample in
        [sample.inputs, sample.truths, sample.weights].map { $0.map { NamedArray("", $0) } }
      }
    }
    return content(first) == content(second)
  }

  @Test func asksOnceInAllRuns() async throws {
    let expected = try await all(numbers(1500))
    asked.value = Tensor(Float(0))
    let path = folder("a/b")
    for epoch in 0..<2 {
      #expect(isSame(try await all(numbers(1500).cache(to: path), epoch: epoch), expected))
    }
    let cached = numbers(1500).cache(to: path)
    #expect(cached.count == 1500)
    #expect(isSame(try await all(cached), expected))
    #expect(asked.value.item() == 1500)
    // Parts of at most 1024 elements, and their list.
    #expect(FileSystem.names(in: path).count == 3)
  }

  @Test func largeElementsHavePartsOfTheirOwn() async throws {
    let data = numbers(3, width: 5 << 20).cache(to: folder.path)
    let first = try await all(data)
    #expect(folder.names.count == 4)
    #expect(isSame(try await all(data), first))
  }

  @Test func trainsFromIt() async throws {
    let model = Sequential { Dense(1, inputShape: [2]) }
    try model.compile(optimizer: .adam(), loss: .meanSquaredError)
    let batches = Dataset(count: 4) { [asked] index in
      asked.value = asked.value + 1
      return Samples(.full([3, 2], Float(index)), .ones([3, 1]))
    }
    for data in [batches.cache(to: folder.path), batches.cache()] {
      asked.value = Tensor(Float(0))
      try await model.fit(data, epochs: 3, verbose: .silent)
      #expect(asked.value.item() == 4)
    }
  }

  @Test func nothingIsCachedToo() async throws {
    let data = numbers(3).filter { _ in false }.cache(to: folder.path)
    for _ in 0..<2 { #expect(try await all(data).isEmpty) }
    #expect(asked.value.item() == 3)
  }

  @Test func aPassThatWasLeftIsNotRead() async throws {
    let data = numbers(3000).cache(to: folder.path)
    do {
      var elements = data.iterator()
      for _ in 0..<2000 { _ = try await elements.next() }
      #expect(folder.names.count == 1)
    }
    #expect(folder.names.isEmpty)
    // What a killed program left goes when another pass is finished.
    try writeFile(folder("killed-00000.safetensors"), "half")
    #expect(try await all(data).count == 3000)
    #expect(asked.value.item() == 5000)
    #expect(folder.names.count == 4 && !folder.names.contains("killed-00000.safetensors"))
  }

  @Test func twoPassesAtOnceMakeOneCache() async throws {
    let data = numbers(1500).cache(to: folder.path)
    var (first, second) = (data.iterator(), data.iterator())
    while try await first.next() != nil { _ = try await second.next() }
    #expect(try await second.next() == nil)
    #expect(try await all(data).count == 1500)
    #expect(asked.value.item() == 3000)
  }

  @Test func tellsOfDamage() async throws {
    let data = numbers(5).cache(to: folder.path)
    _ = try await all(data)
    let part = try #require(folder.names.first { $0.hasSuffix(".safetensors") })
    let sound = try readFile(folder(part))
    var generator = TestGenerator(seed: 2)
    for _ in 0..<20 {
      try writeFile(folder(part), generator.flippingBits(of: sound))
      let error = await #expect(throws: FileError.self) { try await all(data) }
      #expect(error?.path == folder(part) && error?.kind == .corrupt)
      #expect(error?.hint == "remove the folder \(folder.path), and it is made anew")
    }
    FileSystem.remove(folder(part))
    let missing = await #expect(throws: FileError.self) { try await all(data) }
    #expect(missing?.kind == .missing)
    for (text, kind) in [("{", FileError.Kind.truncated), ("{}", .unsupported)] {
      try writeFile(folder("cache.json"), text)
      let error = await #expect(throws: FileError.self) { try await all(data) }
      #expect(error?.kind == kind && error?.path == folder("cache.json"))
    }
  }
}

import PlushEngine
import PlushNN
import PlushTensor
import Testing

@Suite struct DatasetTests {
  private func numbers(_ count: Int) -> Dataset {
    Dataset(count: count) { Samples(Tensor(Float($0)), Tensor(Float(-$0))) }
  }

  private func values(_ data: Dataset, epoch: Int = 0) async throws -> [Float] {
    var found: [Float] = []
    var elements = data.iterator(epoch: epoch)
    while let element = try await elements.next() { found += element.inputs[0].dataSync() }
    return found
  }

  @Test func batchesKeepTheRest() async throws {
    let x = Tensor.range(Float(0), 14).reshape([7, 2])
    let data = Dataset(x, x.sum(axes: [1]))
    var sizes: [[Int]] = []
    for try await batch in data.batch(3) { sizes.append(batch.inputs[0].shape) }
    #expect(sizes == [[3, 2], [3, 2], [1, 2]])
    #expect(data.batch(3).count == 3 && data.batch(3, dropRemainder: true).count == 2)
    #expect(try await values(data.batch(3)) == x.dataSync())
  }

  @Test func transformationsOfOrder() async throws {
    let data = numbers(6)
    #expect(try await values(data.skip(2).take(3)) == [2, 3, 4])
    #expect(try await values(data.take(2).repeat(2)) == [0, 1, 0, 1])
    #expect(try await values(data.filter { $0.inputs[0].item() > 3 }) == [4, 5])
    #expect(try await values(.interleave([data.take(3), data.skip(5)])) == [0, 5, 1, 2])
    #expect(try await values(data.skip(5).concatenate(data.take(1))) == [5, 0])
    let (first, rest) = try data.split(at: 0.5)
    #expect(try await values(first) == [0, 1, 2])
    #expect(try await values(rest) == [3, 4, 5])
    #expect(data.repeat().count == nil && data.repeat(3).count == 18)
    #expect(try await values(data.repeat().take(8)).last == 1)
    #expect(try await values(data.take(0).repeat()) == [])
  }

  @Test func shufflingDependsOnSeedAndEpoch() async throws {
    let data = numbers(50).shuffle(bufferSize: 20, seed: 3)
    let first = try await values(data)
    #expect(first.sorted() == (0..<50).map(Float.init) && first != first.sorted())
    #expect(try await values(data) == first)
    #expect(try await values(data, epoch: 1) != first)
    #expect(try await values(data.prefetch(3)) == first)
  }

  @Test func elementsMadeAtOnceKeepTheirOrder() async throws {
    func data(_ limit: Int) -> Dataset {
      Dataset(count: 40, parallel: limit) { epoch in
        { index in
          // Later elements are ready before earlier ones.
          let work = Tensor.range(Float(0), Float((40 - index) * 500)).sum().item()
          return Samples(Tensor(Float(index + epoch * 100)), Tensor(work))
        }
      }
    }
    #expect(try await values(data(8)) == (0..<40).map(Float.init))
    #expect(try await values(data(1), epoch: 2) == (200..<240).map(Float.init))
    #expect(try await values(data(100).batch(7)).count == 40)
    struct Broken: Error {}
    let broken = Dataset(count: 9, parallel: 4) { _ in
      { index in
        if index == 5 { throw Broken() }
        return Samples(Tensor(Float(index)), Tensor(Float(0)))
      }
    }
    #expect(try await values(broken.take(5)) == [0, 1, 2, 3, 4])
    await #expect(throws: Broken.self) { try await self.values(broken) }
  }

  @Test func cacheAsksOnce() async throws {
    let asked = Variable(Tensor(Float(0)), name: "asked", trainable: false)
    let data = Dataset(count: 3) { index in
      asked.value = asked.value + 1
      return Samples(Tensor(Float(index)), Tensor(Float(0)))
    }.cache()
    let first = try await values(data)
    #expect(try await values(data, epoch: 1) == first)
    #expect(asked.value.item() == 3)
  }

  @Test func differentShapesDoNotStack() async throws {
    let data = Dataset(count: 2) { Samples(Tensor.ones([$0 + 1]), Tensor(Float(0))) }.batch(2)
    await #expect(throws: DataError.self) { _ = try await values(data) }
  }

  private func line() throws -> Sequential {
    let model = Sequential { Dense(1, inputShape: [64]) }
    try model.compile(optimizer: .sgd(learningRate: 0.01), loss: .meanSquaredError)
    return model
  }

  @Test func trainsLikeTensorsInMemory() async throws {
    let x = withRandomKey(seed: 1) { Tensor.randomNormal([70, 64]) }
    let y = x.sum(axes: [1], keepDims: true)
    let (first, second) = (try line(), try line())
    for (weight, other) in zip(first.namedWeights, second.namedWeights) {
      other.variable.value = weight.variable.value
    }
    let whole = try await first.fit(
      x, y, epochs: 3, validationData: (x, y), shuffle: false, verbose: .silent, seed: 1)
    let data = Dataset(x, y).batch(32)
    let parts = try await second.fit(
      data.prefetch(), epochs: 3, validation: data, verbose: .silent, seed: 1)
    #expect(whole["loss"] == parts["loss"] && whole["val_loss"] == parts["val_loss"])
    let (logs, outputs) = (try await second.evaluate(data), try await second.predict(data))
    let memory = try second.evaluate(x, y)
    #expect(logs["loss"] == memory["loss"])
    #expect(outputs[0].dataSync() == (try second.predict(x)).dataSync())
  }

  /// 4000 batches of 1 MB pass through a few MB.
  @Test func trainsOnMoreThanItHolds() async throws {
    let data = Dataset(count: 4000) { index in
      let x = Tensor.full([4096, 64], Float(index % 7) / 7)
      return Samples(x, x.mean(axes: [1], keepDims: true))
    }.prefetch(2)
    let model = try line()
    let before = Memory.shared.usage.peak
    let history = try await model.fit(data, verbose: .silent)
    #expect(history["loss"].first?.isFinite == true)
    #expect(Memory.shared.usage.peak - before < 64 << 20)
  }

  @Test func badBatchIsFound() async throws {
    let data = Dataset(count: 2) { index in
      Samples(Tensor.full([4, 64], index == 0 ? Float(1) : .nan), .ones([4, 1]))
    }
    await #expect(throws: DataError.self) {
      _ = try await line().fit(data, verbose: .silent)
    }
  }
}

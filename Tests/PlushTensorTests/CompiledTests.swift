import AllocationCounter
import PlushEngine
import PlushTensor
import Testing

@Suite struct CompiledTests {
  @Test func computesWhatItsBodyDoes() {
    let f = compiled { (x: Tensor, y: Tensor) in (x * y).sum(axis: 0) + 1 }
    #expect(f(Tensor([[1.0, 2], [3, 4]]), Tensor([10.0, 100])).dataSync() == [41, 601])
    #expect(f(Tensor([[1.0]]), Tensor([5.0])).dataSync() == [6])
  }

  @Test func bodiesRunOncePerType() throws {
    let traces = Variable(Tensor([0.0]))
    let f = Compiled { arguments in
      untraced { traces.value = traces.value + 1 }
      return [arguments[0] * 2]
    }
    for _ in 0..<3 { _ = try f([Tensor([1.0, 2])]) }
    #expect(traces.value.item() == 1)
    _ = try f([Tensor([1.0])])
    _ = try f([Tensor([1])])
    #expect(traces.value.item() == 3)
  }

  @Test(arguments: ["reference", "cpu"]) func variablesChange(_ name: String) throws {
    let device = devices.first { $0.name == name }!
    try withDevice(device) {
      let weight = Variable(Tensor([1.0, 2]), name: "weight")
      let count = Variable(Tensor(0, dtype: .int32))
      let step = Compiled { arguments in
        let (loss, gradients) = valueAndGradient(of: [weight]) {
          (weight.value * arguments[0]).square().sum()
        }
        weight.value = weight.value - gradients[0] * 0.1
        count.value = count.value + 1
        return [loss, weight.value]
      }
      let first = try step([Tensor([1.0, 1])])
      #expect(first[0].item() == 5)
      expectClose(first[1], Tensor([0.8, 1.6]))
      expectClose(weight.value, Tensor([0.8, 1.6]))
      let held = weight.value
      _ = try step([Tensor([1.0, 1])])
      expectClose(held, Tensor([0.8, 1.6]))
      expectClose(weight.value, Tensor([0.64, 1.28]))
      #expect(count.value.item() == 2)
      weight.value = Tensor([0.0, 0])
      #expect(try step([Tensor([1.0, 1])])[0].item() == 0)
    }
  }

  @Test(arguments: ["reference", "cpu"]) func variablesTradePlaces(_ name: String) throws {
    let device = devices.first { $0.name == name }!
    try withDevice(device) {
      let (a, b) = (Variable(Tensor([1.0, 2])), Variable(Tensor([3.0, 4])))
      let exchange = Compiled { _ in
        (a.value, b.value) = (b.value, a.value)
        return []
      }
      _ = try exchange([])
      #expect(a.value.dataSync() == [3, 4])
      #expect(b.value.dataSync() == [1, 2])
    }
  }

  @Test(arguments: ["reference", "cpu"]) func resultsMayBeArguments(_ name: String) throws {
    let device = devices.first { $0.name == name }!
    try withDevice(device) {
      let f = Compiled { [$0[0], $0[0], $0[0].reshape([2, 1]), Tensor([7.0])] }
      let results = try f([Tensor([1.0, 2])]).map { $0.dataSync() }
      #expect(results == [[1, 2], [1, 2], [1, 2], [7]])
    }
  }

  @Test func updatesHappenInPlace() throws {
    let weight = Variable(Tensor([1.0, 2]))
    let step = Compiled { _ in
      weight.value = weight.value + 1
      return []
    }
    _ = try step([])
    let place = weight.value.buffer.pointer
    _ = try step([])
    #expect(weight.value.buffer.pointer == place)
    let held = weight.value
    _ = try step([])
    #expect(weight.value.buffer.pointer != place)
    #expect(held.dataSync() == [3, 4])
    #expect(weight.value.dataSync() == [4, 5])
  }

  /// What was assigned last, as weights of the last layer are, has its gradient first.
  @Test func updatesComeInReverseOrder() throws {
    let variables = (0..<3).map { Variable(Tensor([Double($0)])) }
    let turn = Compiled { arguments in
      let values = variables.map(\.value)
      for index in [1, 0, 2] { variables[index].value = values[index] * arguments[0] }
      return [values[0] + values[1] + values[2]]
    }
    let executable = try turn.executable(for: [Tensor([3.0])])
    #expect(executable.program.updates.map(\.parameter) == [3, 1, 2])
    #expect(try turn([Tensor([3.0])])[0].item() == 3)
    #expect(variables.map { $0.value.item() } == [0, 3, 6])
  }

  @Test func updatedConstantsAreNoConstants() throws {
    for first in [Tensor.ones([4]), Tensor.zeros([4]) + 1, Tensor([1.0, 1, 1, 1])] {
      let weight = Variable(first + 0)
      let ones = Variable(Tensor.ones([4]))
      let step = Compiled { _ in
        weight.value = weight.value * 2
        ones.value = ones.value * 2
        return []
      }
      for _ in 0..<2 { _ = try step([]) }
      for variable in [weight, ones] {
        #expect(variable.value.reshape([2, 2]).dataSync() == [4, 4, 4, 4])
        #expect((variable.value + 1).dataSync() == [5, 5, 5, 5])
        #expect(variable.value.pow(variable.value).dataSync()[0] == 256)
      }
    }
  }

  @Test func sharedVariablesSurviveManyTasks() async throws {
    let total = Variable(Tensor([0.0, 0]))
    let add = Compiled { arguments in
      total.value = total.value + arguments[0]
      return [total.value]
    }
    let look = Compiled { _ in [total.value * 2] }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<8 {
        group.addTask { for _ in 0..<50 { _ = try add([Tensor([1.0, 2])]) } }
        group.addTask {
          for _ in 0..<50 {
            let seen = try look([])[0].dataSync()
            #expect(seen[1] == 2 * seen[0])
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(total.value.dataSync() == [400, 800])
  }

  /// Products of tables and matrices are kept between runs, and made again when either changes.
  @Test(arguments: ["reference", "cpu"]) func rowsOfProductsFollowVariables(_ name: String) throws {
    let device = devices.first { $0.name == name }!
    try withDevice(device) {
      let table = Variable(Tensor([[1.0, 2], [3, 4], [5, 6]]))
      let matrix = Variable(Tensor([[1.0, 0, 1], [0, 1, 1]]))
      let bias = Tensor([0.5, 0, 0]) + 0
      let look = Compiled { [table.value.gather($0[0]).matmul(matrix.value) + bias] }
      let tokens = Tensor([2, 0], dtype: .int32)
      for _ in 0..<2 {
        #expect(try look([tokens])[0].dataSync() == [5.5, 6, 11, 1.5, 2, 3])
        #expect(try look([Tensor([1, 1], dtype: .int32)])[0].dataSync()[..<3] == [3.5, 4, 7])
      }
      matrix.value = matrix.value * 2
      #expect(try look([tokens])[0].dataSync() == [10.5, 12, 22, 2.5, 4, 6])
      let learn = Compiled { _ in
        table.value = table.value - 1
        return []
      }
      _ = try learn([])
      #expect(try look([tokens])[0].dataSync() == [8.5, 10, 18, 0.5, 2, 2])
      #expect(throws: ExecutionError.self) { try look([Tensor([3, 0], dtype: .int32)]) }
      #expect(try look([tokens])[0].dataSync() == [8.5, 10, 18, 0.5, 2, 2])
    }
  }

  /// A function that changes what it takes rows from sees the change in the next run.
  @Test func rowsOfProductsFollowUpdates() throws {
    let table = Variable(Tensor([[1.0, 2], [3, 4]]))
    let matrix = Tensor([[1.0], [1]]) + 0
    let step = Compiled { arguments in
      let rows = table.value.gather(arguments[0]).matmul(matrix)
      table.value = table.value + 1
      return [rows]
    }
    let tokens = Tensor([1, 0], dtype: .int32)
    #expect(try step([tokens])[0].dataSync() == [7, 3])
    #expect(try step([tokens])[0].dataSync() == [9, 5])
  }

  @Test(.enabled(if: plush_can_count_allocations() == 1)) func tablesAllocateOnce() throws {
    let table = Variable(Tensor.ones([8, 4]))
    let matrix = Variable(Tensor.ones([4, 4]))
    let look = Compiled { [table.value.gather($0[0]).matmul(matrix.value)] }
    let inputs = [Tensor([3, 5], dtype: .int32)]
    let executable = try look.executable(for: inputs)
    let outputs = [Buffer(byteCount: 32)]
    for _ in 0..<3 { try executable.run(inputs, into: outputs) }
    let before = plush_allocations()
    for _ in 0..<200 { try executable.run(inputs, into: outputs) }
    let allocations = plush_allocations() - before
    #expect(allocations == 0)
  }

  @Test(.enabled(if: plush_can_count_allocations() == 1)) func replaysAllocateNothing() throws {
    let weight = Variable(Tensor([Float](repeating: 1, count: 64)))
    let step = Compiled { arguments in
      weight.value = weight.value * 0.5 + arguments[0] + Tensor.randomUniform([64])
      return [weight.value.sum()]
    }
    let input = Tensor([Float](repeating: 1, count: 64))
    let executable = try step.executable(for: [input])
    let inputs = [input]
    let outputs = [Buffer(byteCount: 4)]
    for _ in 0..<3 { try executable.run(inputs, into: outputs) }
    let before = plush_allocations()
    for _ in 0..<200 { try executable.run(inputs, into: outputs) }
    let allocations = plush_allocations() - before
    #expect(allocations == 0)
  }

  @Test func compiledFunctionsHaveGradients() {
    let f = compiled { (x: Tensor) in (x * x).sum() }
    #expect(gradient(at: Tensor([3.0])) { f($0) }.dataSync() == [6])
    let slope = compiled { (x: Tensor) in gradient(at: x) { f($0) } }
    #expect(slope(Tensor([3.0])).dataSync() == [6])
  }
}

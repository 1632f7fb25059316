import PlushEngine
import PlushKernels
import PlushTensor
import Testing

/// Recording, running, forgetting.
@Suite struct GraphTests {
  /// Counts the instructions that run.
  final class CountingDevice: Device, @unchecked Sendable {
    let name = "counting"
    private let reference = ReferenceDevice()
    private(set) var programs: [Program] = []

    func compile(_ program: Program) throws -> any Plan {
      programs.append(program)
      return reference.compile(program)
    }
  }

  @Test(arguments: ["reference", "cpu"]) func longChainsRunAndAreFreed(_ name: String) {
    let device = devices.first { $0.name == name }!
    withDevice(device) {
      let clock = ContinuousClock()
      let start = clock.now
      var x = Tensor([1.0, 2])
      for _ in 0..<100_000 { x = x + 1 }
      #expect(x.dataSync() == [100_001, 100_002])
      x = x * 0
      for _ in 0..<100_000 { x = x.sin() }
      x = Tensor([0.0])
      #expect(clock.now - start < .seconds(30))
    }
  }

  @Test func longChainsHaveGradients() {
    let result = gradient(at: Tensor([1.0])) { x in
      var y = x
      for _ in 0..<20_000 { y = y + x }
      return y.sum()
    }
    #expect(result.dataSync() == [20_001])
  }

  @Test func heldValuesAreKeptAndOthersAreNot() {
    let device = CountingDevice()
    withDevice(device) {
      let x = Tensor([1.0, 2, 3])
      let kept = x.exp()
      let result = (kept * 2).sin() + 1
      _ = result.dataSync()
      #expect(device.programs.count == 1)
      #expect(device.programs[0].outputs.count == 2)
      _ = kept.dataSync()
      #expect(device.programs.count == 1)
      _ = (kept + result).dataSync()
      #expect(device.programs[1].instructions.count == 3)
    }
  }

  @Test func trainingByHandRunsOneProgramAStep() {
    let device = CountingDevice()
    withDevice(device) {
      var weight = Tensor([1.0, 2, 3])
      let other = Variable(Tensor([1.0]))
      let x = Tensor([0.5, 1, 2])
      for _ in 0..<6 {
        let (loss, slope) = valueAndGradient(at: weight) { ((($0 * x).tanh() - 1).square()).sum() }
        weight = weight - slope * 0.1
        other.value = other.value + loss
        _ = loss.item()
      }
      // First, second and every later step: what later steps need is kept, so none grows.
      let sizes = device.programs.map(\.instructions.count)
      #expect(sizes.count <= 3)
      #expect(sizes.max()! < 60)
    }
  }

  @Test func reshapingAValueRunsNothing() {
    let device = CountingDevice()
    withDevice(device) {
      let x = Tensor([1.0, 2, 3, 4])
      let matrix = x.reshape([2, 2]).expandDims(axis: 0).stopGradient()
      #expect(matrix.arraySync() == [[[1, 2], [3, 4]]])
      #expect(matrix.buffer === x.buffer)
      #expect(device.programs.isEmpty)
    }
  }

  @Test func equalGraphsShareAPlan() {
    let device = CountingDevice()
    withDevice(device) {
      for round in 0..<5 {
        let x = Tensor([Double(round), 2, 3.25])
        _ = (x * 3 + x.exp()).sum().item()
      }
      #expect(device.programs.count == 1)
    }
  }

  @Test func severalTasksShareAGraph() async {
    let x = Tensor.range(0, 1000, dtype: .float32)
    let shared = (x * 2).sqrt()
    await withTaskGroup(of: Float.self) { group in
      for task in 0..<16 {
        group.addTask {
          var sum: Float = 0
          for round in 0..<20 {
            sum += (shared * (task + round)).sum().item() / Float(task + round + 1)
          }
          return sum
        }
      }
      for await sum in group { #expect(sum.isFinite) }
    }
    #expect(shared.dataSync()[2] == 2)
  }

  @Test func positionsSurviveReductionsOfRows() {
    let results = devices.map { device in
      withDevice(device) {
        let line = Tensor.range(0, 24, dtype: .float32)
        let matrix = Tensor.eye(4) * 3 + 1
        return [
          (line * 2).sum().item(), (line - line.max()).exp().sum().item(),
          matrix.softmax().sum(axis: 0)[1].item(), matrix.triangularLower().sum().item(),
          (matrix.triangularUpper() - matrix.triangularUpper().max()).square().sum().item(),
        ]
      }
    }
    for (a, b) in zip(results[0], results[1]) { #expect(abs(a - b) < 1e-4 * abs(a)) }
    #expect(results[0][0] == 552)
  }

  @Test func severalAreComputedTogether() {
    let device = CountingDevice()
    withDevice(device) {
      let x = Tensor([1.0, 2])
      let (a, b) = (x.exp() + 1, x.exp() * 2)
      realize([a, b])
      _ = (a.dataSync(), b.dataSync())
      #expect(device.programs.count == 1)
    }
  }

  /// Arithmetic on subnormal numbers is very slow, and decaying moments would end there.
  @Test func subnormalNumbersCountAsZero() {
    let before = plush_float_mode()
    let tiny = Tensor([Float](repeating: .leastNonzeroMagnitude * 1000, count: 100_000))
    #expect((tiny * 3).max().item() == 0)
    #expect((Tensor([Float(1e-30)]) * 1e-10).item() == 0)
    // Those of float16 are ordinary numbers of the arithmetic.
    let half = Tensor([Float(6e-8)]).cast(to: .float16)
    #expect((half * 3).cast(to: .float32).item() > 1.5e-7)
    #expect(plush_float_mode() == before)
  }
}

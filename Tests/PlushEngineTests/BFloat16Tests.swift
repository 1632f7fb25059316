import PlushEngine
import Testing

/// `relu(bfloat16(x) · bfloat16(w))` as float32, of float32 operands.
private func rounding(_ m: Int, _ n: Int, _ k: Int) throws -> Program {
  var program = Program()
  let x = program.appendParameter(TensorType([m, k]))
  let w = program.appendParameter(TensorType([k, n]))
  let narrow = try [x, w].map { try program.append(.cast(.bfloat16), [$0]) }
  let product = try program.append(.matmul(transposeA: false, transposeB: false), narrow)
  let zero = try program.append(.fill(.real(0), TensorType([m, n], .bfloat16)))
  let positive = try program.append(.binary(.maximum), [product, zero])
  program.outputs = [try program.append(.cast(.float32), [positive])]
  return program
}

private func values(_ count: Int, _ seed: Int) -> [Float] {
  var random = TestRandom(seed)
  return (0..<count).map { _ in random.real() }
}

@Suite struct BFloat16Tests {
  @Test func agreesWithReference() throws {
    let program = try rounding(37, 50, 70)
    let inputs = program.parameters.enumerated().map { values($1.count, $0) }
    let expected = try run(program, on: ReferenceDevice(), inputs)[0]
    let computed = try run(program, on: CPUDevice.shared, inputs)[0]
    #expect(zip(expected, computed).allSatisfy { abs($0 - $1) <= 0.01 * abs($0) + 1e-3 })
    #expect(expected.contains { $0 > 1 })
  }

  @Test func sharedCastIsStillAValue() throws {
    var program = Program()
    let x = program.appendParameter(TensorType([8, 8]))
    let narrow = try program.append(.cast(.bfloat16), [x])
    let product = try program.append(
      .matmul(transposeA: false, transposeB: true), [narrow, narrow])
    let wide = try program.append(.cast(.float32), [narrow])
    program.outputs = [wide, try program.append(.cast(.float32), [product])]
    let inputs = [values(64, 1)]
    let expected = try run(program, on: ReferenceDevice(), inputs)
    let computed = try run(program, on: CPUDevice.shared, inputs)
    #expect(expected[0] == computed[0])
    #expect(expected[0] != inputs[0])
    #expect(zip(expected[1], computed[1]).allSatisfy { abs($0 - $1) <= 0.01 * abs($0) + 1e-3 })
  }
}

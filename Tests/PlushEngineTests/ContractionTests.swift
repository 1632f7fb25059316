import PlushEngine
import PlushKernels
import Testing

/// Elements that a body computes from its parameters.
private struct Body {
  var program = Program()

  mutating func parameter() -> Program.Value { program.appendParameter(TensorType([64])) }

  mutating func binary(
    _ op: BinaryOperation, _ x: Program.Value, _ y: Program.Value
  ) throws -> Program.Value {
    try program.append(.binary(op), [x, y])
  }

  mutating func root(_ x: Program.Value) throws -> Program.Value {
    try program.append(.unary(.sqrt), [x])
  }

  /// What is found when these values are the outputs.
  mutating func contractions(_ outputs: Program.Value...) -> [PlushOpcode] {
    program.outputs = outputs
    let found = Contractions(in: Fusion(body: program, space: [64]), reducesRows: false).found
    return found.sorted { $0.key < $1.key }.map(\.value.opcode)
  }
}

/// The kernels that optimizers are made of are found: nothing but speed would tell that they are not.
@Suite struct ContractionTests {
  @Test func productsAreAddedAndSubtracted() throws {
    var body = Body()
    let (x, y, z) = (body.parameter(), body.parameter(), body.parameter())
    let product = try body.binary(.multiply, x, y)
    let sum = try body.binary(.add, z, product)
    #expect(body.contractions(sum) == [PLUSH_MULTIPLY_ADD])

    var other = Body()
    let (a, b, c) = (other.parameter(), other.parameter(), other.parameter())
    let difference = try other.binary(.subtract, c, other.binary(.multiply, a, b))
    #expect(other.contractions(difference) == [PLUSH_SUBTRACT_MULTIPLY])
  }

  @Test func anotherUseKeepsTheProductApart() throws {
    var body = Body()
    let (x, y, z) = (body.parameter(), body.parameter(), body.parameter())
    let product = try body.binary(.multiply, x, y)
    let sum = try body.binary(.add, product, z)
    #expect(body.contractions(sum, product).isEmpty)
  }

  @Test func adamIsRunningMeansAndADivision() throws {
    var body = Body()
    let (gradient, mean, variance) = (body.parameter(), body.parameter(), body.parameter())
    let (rate, other, epsilon) = (body.parameter(), body.parameter(), body.parameter())
    let square = try body.binary(.multiply, gradient, gradient)
    let step = try body.binary(.multiply, body.binary(.subtract, gradient, mean), rate)
    let newMean = try body.binary(.add, mean, step)
    let spread = try body.binary(.multiply, body.binary(.subtract, square, variance), other)
    let newVariance = try body.binary(.add, variance, spread)
    let scale = try body.binary(.add, body.root(newVariance), epsilon)
    let change = try body.binary(.divide, newMean, scale)
    #expect(
      body.contractions(newMean, newVariance, change)
        == [PLUSH_LERP, PLUSH_LERP_SQUARE, PLUSH_DIVIDE_ROOT])
  }
}

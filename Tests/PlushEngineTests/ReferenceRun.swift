import PlushEngine

/// What goes into an operation: a value with its type.
func reals(_ values: [Double], _ shape: [Int]? = nil, _ dtype: DType = .float64) -> ReferenceArray {
  ReferenceArray(TensorType(shape ?? [values.count], dtype), .real(values))
}

func integers(
  _ values: [Int64], _ shape: [Int]? = nil, _ dtype: DType = .int32
) -> ReferenceArray {
  ReferenceArray(TensorType(shape ?? [values.count], dtype), .integer(values))
}

/// What the reference device makes of one operation.
func evaluate(_ op: Op, _ operands: ReferenceArray...) throws -> ReferenceArray {
  var program = Program()
  let parameters = operands.map { program.appendParameter($0.type) }
  program.outputs = [try program.append(op, parameters)]
  return try run(program, operands)[0]
}

/// What the reference device makes of a program; its updates are lost.
func run(_ program: Program, _ operands: [ReferenceArray]) throws -> [ReferenceArray] {
  let device = ReferenceDevice()
  let inputs = operands.map { operand in
    let buffer = device.allocate(byteCount: operand.type.byteCount)
    operand.write(to: buffer)
    return buffer
  }
  let types = program.outputs.map { program.type(of: $0) }
  let outputs = types.map { device.allocate(byteCount: $0.byteCount) }
  try device.compile(program).run(inputs: inputs, outputs: outputs)
  return zip(outputs, types).map { ReferenceArray(reading: $0, as: $1) }
}

/// Whether values agree within a relative error; infinities and NaN agree with themselves.
func isClose(_ found: [Double], _ expected: [Double], within tolerance: Double = 1e-14) -> Bool {
  found.count == expected.count
    && zip(found, expected).allSatisfy { a, b in
      a == b || (a.isNaN && b.isNaN) || abs(a - b) <= tolerance * max(abs(b), 1e-300)
    }
}

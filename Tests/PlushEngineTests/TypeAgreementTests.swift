import PlushEngine
import Testing

/// Values of any type as doubles, and back.
private func buffer(_ values: [Double], _ dtype: DType) -> Buffer {
  let result = Buffer(byteCount: values.count * dtype.byteCount)
  for (index, value) in values.enumerated() {
    let offset = index * dtype.byteCount
    switch dtype {
    case .float32: result.pointer.storeBytes(of: Float(value), toByteOffset: offset, as: Float.self)
    case .float64: result.pointer.storeBytes(of: value, toByteOffset: offset, as: Double.self)
    case .float16:
      let bits = HalfPrecision.bits(Float(value))
      result.pointer.storeBytes(of: bits, toByteOffset: offset, as: UInt16.self)
    case .bfloat16:
      let bits = BrainFloat.bits(Float(value))
      result.pointer.storeBytes(of: bits, toByteOffset: offset, as: UInt16.self)
    case .int32: result.pointer.storeBytes(of: Int32(value), toByteOffset: offset, as: Int32.self)
    case .int64: result.pointer.storeBytes(of: Int64(value), toByteOffset: offset, as: Int64.self)
    case .uint8:
      let byte = UInt8(truncatingIfNeeded: Int(value))
      result.pointer.storeBytes(of: byte, toByteOffset: offset, as: UInt8.self)
    case .bool:
      result.pointer.storeBytes(of: value != 0 ? 1 : 0, toByteOffset: offset, as: UInt8.self)
    }
  }
  return result
}

private func decode(_ buffer: Buffer, _ type: TensorType) -> [Double] {
  (0..<type.count).map { index in
    let offset = index * type.dtype.byteCount
    switch type.dtype {
    case .float32: return Double(buffer.pointer.load(fromByteOffset: offset, as: Float.self))
    case .float64: return buffer.pointer.load(fromByteOffset: offset, as: Double.self)
    case .float16:
      return Double(
        HalfPrecision.float(buffer.pointer.load(fromByteOffset: offset, as: UInt16.self)))
    case .bfloat16:
      return Double(BrainFloat.float(buffer.pointer.load(fromByteOffset: offset, as: UInt16.self)))
    case .int32: return Double(buffer.pointer.load(fromByteOffset: offset, as: Int32.self))
    case .int64: return Double(buffer.pointer.load(fromByteOffset: offset, as: Int64.self))
    case .uint8, .bool: return Double(buffer.pointer.load(fromByteOffset: offset, as: UInt8.self))
    }
  }
}

/// Runs one operation on both devices and compares.
private func expectAgreement(
  _ op: Op, _ inputs: [(values: [Double], type: TensorType)], tolerance: Double,
  _ comment: String
) throws {
  var program = Program()
  let operands = inputs.map { program.appendParameter($0.type) }
  program.outputs = [try program.append(op, operands)]
  let type = program.type(of: program.outputs[0])
  let results = try [ReferenceDevice(), CPUDevice.shared].map { (device: any Device) in
    let output = Buffer(byteCount: type.byteCount)
    let buffers = inputs.map { buffer($0.values, $0.type.dtype) }
    try device.compile(program).run(inputs: buffers, outputs: [output])
    return decode(output, type)
  }
  let agree = zip(results[0], results[1]).allSatisfy { a, b in
    a == b || (a.isNaN && b.isNaN) || abs(a - b) <= tolerance * max(1, abs(a))
  }
  #expect(agree, "\(comment) \(op.name): reference \(results[0]), cpu \(results[1])")
}

private func tolerance(_ dtype: DType) -> Double {
  switch dtype {
  case .float16: 2e-3
  case .bfloat16: 2e-2
  case .float32: 2e-6
  default: 1e-12
  }
}

private func samples(_ dtype: DType) -> [Double] {
  switch dtype {
  case .bool: [0, 1, 1, 0, 1, 0, 0, 1, 1, 1, 0, 0]
  case .uint8: [0, 1, 2, 3, 7, 100, 200, 255, 128, 5, 6, 9]
  case .int32, .int64: [0, 1, -1, 2, -7, 100, -200, 3, 31, 5, -6, 9]
  default: [0, 1, -1, 0.5, -2.5, 3.25, -0.125, 8, 1.5, 2.5, -3, 0.75]
  }
}

@Suite struct TypeAgreementTests {
  @Test(arguments: DType.allCases, DType.allCases) func casts(from source: DType, to target: DType)
    throws
  {
    let type = TensorType([12], source)
    try expectAgreement(
      .cast(target), [(samples(source), type)], tolerance: tolerance(target), "\(source)")
  }

  @Test(arguments: DType.allCases) func binaryOperations(dtype: DType) throws {
    let type = TensorType([12], dtype)
    let left = samples(dtype)
    let right = Array(left.reversed())
    for operation in BinaryOperation.allCases {
      let isBitwise = [.bitAnd, .bitOr, .bitXor, .shiftLeft, .shiftRight].contains(operation)
      if isBitwise && dtype.isFloating { continue }
      if operation == .atan2 && !dtype.isFloating { continue }
      if dtype == .bool && !isBitwise && ![.maximum, .minimum, .multiply].contains(operation) {
        continue
      }
      let isShift = operation == .shiftLeft || operation == .shiftRight
      if isShift && (dtype == .bool || dtype == .uint8) { continue }
      try expectAgreement(
        .binary(operation), [(left, type), (right, type)], tolerance: tolerance(dtype), "\(dtype)")
    }
    for comparison in Comparison.allCases {
      try expectAgreement(
        .compare(comparison), [(left, type), (right, type)], tolerance: 0, "\(dtype)")
    }
  }

  @Test(arguments: DType.allCases) func unaryOperations(dtype: DType) throws {
    let type = TensorType([12], dtype)
    for operation in UnaryOperation.allCases {
      switch operation {
      case .negate, .abs, .sign:
        if dtype == .bool { continue }
      case .isNaN, .isFinite, .isInfinite, .logicalNot: break
      case .bitNot:
        if dtype.isFloating || dtype == .bool { continue }
      default:
        if !dtype.isFloating { continue }
      }
      try expectAgreement(
        .unary(operation), [(samples(dtype), type)], tolerance: 4 * tolerance(dtype), "\(dtype)")
    }
  }

  @Test(arguments: DType.allCases) func reductionsAndOrder(dtype: DType) throws {
    let type = TensorType([3, 4], dtype)
    for axes in [[0], [1], [0, 1]] {
      for reduction in Reduction.allCases {
        try expectAgreement(
          .reduce(reduction, axes: axes), [(samples(dtype), type)], tolerance: tolerance(dtype),
          "\(dtype) \(axes)")
      }
    }
    for axis in 0..<2 {
      for op: Op in [
        .argReduce(.max, axis: axis), .argReduce(.min, axis: axis),
        .argsort(axis: axis, descending: false), .argsort(axis: axis, descending: true),
        .scan(.max, axis: axis, exclusive: false, reverse: true), .reverse(axes: [axis]),
        .transpose([1, 0]), .broadcast([2, 3, 4]),
      ] {
        try expectAgreement(op, [(samples(dtype), type)], tolerance: 0, "\(dtype) \(axis)")
      }
    }
  }

  @Test(arguments: DType.allCases) func products(dtype: DType) throws {
    let values = samples(dtype)
    try expectAgreement(
      .matmul(transposeA: false, transposeB: true),
      [(values, TensorType([3, 4], dtype)), (values, TensorType([3, 4], dtype))],
      tolerance: tolerance(dtype), "\(dtype)")
  }

  @Test func emptyAndScalarValues() throws {
    for shape in [[0], [0, 3], [3, 0], []] {
      let count = shape.reduce(1, *)
      let value = (Array(repeating: 2.0, count: count), TensorType(shape))
      try expectAgreement(.unary(.exp), [value], tolerance: 1e-6, "\(shape)")
      try expectAgreement(.binary(.add), [value, value], tolerance: 0, "\(shape)")
      for reduction in Reduction.allCases {
        try expectAgreement(
          .reduce(reduction, axes: Array(shape.indices)), [value], tolerance: 1e-6, "\(shape)")
      }
    }
    let empty = ([Double](), TensorType([0, 4]))
    try expectAgreement(
      .matmul(transposeA: true, transposeB: false), [empty, empty], tolerance: 0, "k = 0")
    try expectAgreement(
      .matmul(transposeA: false, transposeB: true), [empty, empty], tolerance: 0, "m = n = 0")
    try expectAgreement(.concatenate(axis: 0), [empty, empty], tolerance: 0, "empty")
  }
}

@Suite struct TypeRuleTests {
  @Test(arguments: [DType.float32, .float16, .bool])
  func bitsNeedIntegers(dtype: DType) {
    let type = TensorType([2], dtype)
    for op in [Op.unary(.bitNot), .binary(.shiftLeft), .binary(.shiftRight)] {
      let operands = op == .unary(.bitNot) ? [type] : [type, type]
      #expect(throws: TypeError.self) { try op.resultTypes(operands) }
    }
    for op in [Op.binary(.bitAnd), .binary(.bitOr), .binary(.bitXor)] where dtype != .bool {
      #expect(throws: TypeError.self) { try op.resultTypes([type, type]) }
    }
  }
}

import PlushEngine
import PlushTensor

// What each primitive becomes.

extension Exporter {
  mutating func translate(
    _ instruction: Program.Instruction, _ index: Int, _ shape: [Extent], _ dtype: DType
  ) throws -> [ExportedValue] {
    let operands = instruction.operands
    let op = instruction.op
    func result(_ name: String, order: [Int]? = nil) -> [ExportedValue] {
      [ExportedValue(name, shape, dtype, order: order)]
    }
    switch op {
    case .fill(let scalar, _):
      var value = ExportedValue("", [], dtype)
      value.constant = scalar
      return [value]
    case .iota(let axis, _): return [try iota(axis, shape, dtype)]
    case .unary(let operation):
      return [try unary(operation, value(operands[0]))]
    case .binary(let operation):
      if operation == .add, let biased = try bias(operands, shape) { return [biased] }
      return [try binary(operation, operands.map { value($0) }, shape.count)]
    case .compare(let comparison):
      return [compare(comparison, operands.map { value($0) }, shape.count)]
    case .select: return [select(operands.map { value($0) }, shape.count, dtype)]
    case .cast(let target):
      let x = value(operands[0])
      if let constant = x.constant {
        var cast = x
        (cast.dtype, cast.constant) = (target, constant.cast(to: target))
        return [cast]
      }
      return [
        derived("Cast", x, [.int("to", Int(ElementType(target).rawValue))], dtype: target)
      ]
    case .broadcast: return [value(operands[0])]
    case .reshape: return [try reshape(operands[0], shape)]
    case .transpose(let order): return [try transpose(operands[0], order)]
    case .reduce(let reduction, let axes):
      let x = try whole(operands[0])
      let name = ["ReduceSum", "ReduceProd", "ReduceMax", "ReduceMin"][Int(reduction.rawValue)]
      let places = writer.integers(axes.map { x.place(of: $0) })
      let source = writer.arrange(x, x.order)
      let kept = x.order.filter { !axes.contains($0) }
      return result(
        writer.node(name, [source, places], [.int("keepdims", 0)]),
        order: kept.map { axis in axis - axes.count { $0 < axis } })
    case .argReduce(let reduction, let axis):
      let name = writer.full(value(operands[0]), try self.shape(operands[0]))
      let place = writer.node(
        reduction == .max ? "ArgMax" : "ArgMin", [name],
        [.int("axis", axis), .int("keepdims", 0)])
      return result(cast(place, .int32))
    case .scan(.sum, let axis, let exclusive, let reverse):
      let name = writer.full(value(operands[0]), shape)
      let position = writer.constant("axis \(axis)", Tensor([Int64(axis)], shape: []))
      return result(
        writer.node(
          "CumSum", [name, position],
          [.int("exclusive", exclusive ? 1 : 0), .int("reverse", reverse ? 1 : 0)]))
    case .argsort(let axis, let descending):
      let name = writer.full(value(operands[0]), shape)
      let count = writer.shape([shape[axis]])
      writer.node(
        "TopK", [name, count],
        [.int("axis", axis), .int("largest", descending ? 1 : 0), .int("sorted", 1)], outputs: 2)
      return result(cast(writer.graph.node[writer.graph.node.count - 1].output[1], .int32))
    case .slice(let starts, _, let strides):
      return [try slice(operands[0], shape, starts, strides, dtype)]
    case .pad(let low, let high):
      let x = try whole(operands[0])
      let padding = value(operands[1])
      let name = writer.node(
        "Pad",
        [
          writer.arrange(x, x.order),
          writer.integers(x.order.map { low[$0] } + x.order.map { high[$0] }),
          writer.arrange(padding, []),
        ])
      return result(name, order: x.order)
    case .reverse(let axes):
      let x = try whole(operands[0])
      let ones = [Int](repeating: 1, count: axes.count)
      let name = writer.node(
        "Slice",
        [
          writer.arrange(x, x.order), writer.integers(ones.map { -$0 }),
          writer.integers(ones.map { _ in -Int(Int32.max) }),
          writer.integers(axes.map { x.place(of: $0) }), writer.integers(ones.map { -$0 }),
        ])
      return result(name, order: x.order)
    case .concatenate(let axis):
      let parts = operands.map { value($0) }
      let order = commonOrder(parts, shape.count)
      let names = try zip(parts, operands).map { try writer.full($0, self.shape($1), order) }
      let place = order.firstIndex(of: axis) ?? axis
      return result(writer.node("Concat", names, [.int("axis", place)]), order: order)
    case .matmul(let transposeA, let transposeB):
      return [try matmul(operands, transposeA, transposeB, shape, dtype)]
    case .convolution(let convolution):
      return [try convolve(convolution, operands, shape, dtype)]
    case .convolutionInputGradient(let convolution, let sizes):
      return [try convolveTransposed(convolution, sizes, operands, shape, dtype)]
    case .pool(let pooling):
      let order = [Int].channelsFirst(shape.count)
      let x = try writer.full(value(operands[0]), self.shape(operands[0]), order)
      let motion = pooling.motion
      var attributes: [ONNXAttributeProto] = [
        .ints("kernel_shape", pooling.window), .ints("strides", motion.strides),
        .ints("pads", motion.low + motion.high),
      ]
      if motion.dilations.contains(where: { $0 != 1 }) {
        guard pooling.kind == .max else { throw unsupported(op, " with dilations") }
        attributes.append(.ints("dilations", motion.dilations))
      }
      let name = writer.node(
        pooling.kind == .max ? "MaxPool" : "AveragePool", [x], attributes)
      return result(name, order: order)
    case .recurrent(let recurrence): return try recur(recurrence, instruction, index)
    case .gather(let axis):
      let array = writer.full(value(operands[0]), try self.shape(operands[0]))
      let indices = writer.full(value(operands[1]), try self.shape(operands[1]))
      return result(writer.node("Gather", [array, indices], [.int("axis", axis)]))
    case .gatherElements(let axis):
      let array = writer.full(value(operands[0]), try self.shape(operands[0]))
      let indices = writer.full(value(operands[1]), try self.shape(operands[1]))
      return result(writer.node("GatherElements", [array, indices], [.int("axis", axis)]))
    case .scatterAddElements(let axis, _):
      let names = try operands.map { try writer.full(value($0), self.shape($0)) }
      let zeros = writer.node("Expand", [writer.scalar(.real(0), dtype), writer.shape(shape)])
      return result(
        writer.node(
          "ScatterElements", [zeros, names[1], names[0]],
          [.int("axis", axis), .string("reduction", "add")]))
    case .scatterAdd(axis: 0, _, _):
      let updates = writer.full(value(operands[0]), try self.shape(operands[0]))
      let places = writer.full(value(operands[1]), try self.shape(operands[1]))
      let column = writer.node("Unsqueeze", [cast(places, .int64), writer.integers([-1])])
      let zeros = writer.node("Expand", [writer.scalar(.real(0), dtype), writer.shape(shape)])
      return result(
        writer.node("ScatterND", [zeros, column, updates], [.string("reduction", "add")]))
    default: throw unsupported(op)
    }
  }

  private mutating func cast(_ name: String, _ dtype: DType) -> String {
    writer.node("Cast", [name], [.int("to", Int(ElementType(dtype).rawValue))])
  }

  /// A value with all its elements, in the order that it has.
  private mutating func whole(_ operand: Program.Value) throws -> ExportedValue {
    let value = value(operand)
    let shape = try shape(operand)
    if value.constant == nil, value.shape == shape { return value }
    return ExportedValue(writer.full(value, shape), shape, value.dtype)
  }

  /// An operator on one value that keeps shape and order.
  private mutating func derived(
    _ operation: String, _ x: ExportedValue, _ attributes: [ONNXAttributeProto] = [],
    dtype: DType? = nil
  ) -> ExportedValue {
    let source = writer.arrange(x, x.constant == nil ? x.order : [])
    return ExportedValue(
      writer.node(operation, [source], attributes), x.constant == nil ? x.shape : [],
      dtype ?? x.dtype, order: x.constant == nil ? x.order : [])
  }

  /// The order in which several values meet: that of one which is not as in the program.
  private func commonOrder(_ values: [ExportedValue], _ rank: Int) -> [Int] {
    values.first { $0.rank == rank && !$0.isInOrder && $0.stored == nil }?.order
      ?? Array(0..<rank)
  }

  /// An operator on elements in the same place.
  mutating func elementwise(
    _ operation: String, _ values: [ExportedValue], _ rank: Int, _ dtype: DType,
    _ attributes: [ONNXAttributeProto] = []
  ) -> ExportedValue {
    let shape = values.reduce([Extent]()) {
      $0.broadcast(with: $1.constant == nil ? $1.shape : [])
    }
    let order = commonOrder(values, shape.count)
    let names = values.map { writer.arrange($0, $0.constant == nil ? order : []) }
    return ExportedValue(
      writer.node(operation, names, attributes), shape, dtype,
      order: order)
  }

  private mutating func constant(_ value: Double, like x: ExportedValue) -> ExportedValue {
    var result = ExportedValue("", [], x.dtype)
    result.constant = Scalar.real(value).cast(to: x.dtype)
    return result
  }

  // MARK: Elements

  private mutating func unary(
    _ operation: UnaryOperation, _ x: ExportedValue
  ) throws -> ExportedValue {
    let names: [UnaryOperation: String] = [
      .negate: "Neg", .abs: "Abs", .sign: "Sign", .floor: "Floor", .ceil: "Ceil", .round: "Round",
      .exp: "Exp", .log: "Log", .sqrt: "Sqrt", .reciprocal: "Reciprocal", .sin: "Sin",
      .cos: "Cos", .tan: "Tan", .asin: "Asin", .acos: "Acos", .atan: "Atan", .sinh: "Sinh",
      .cosh: "Cosh", .tanh: "Tanh", .asinh: "Asinh", .acosh: "Acosh", .atanh: "Atanh",
      .sigmoid: "Sigmoid", .erf: "Erf", .bitNot: "BitwiseNot",
    ]
    if let name = names[operation] { return derived(name, x) }
    switch operation {
    case .expm1:
      let exponential = derived("Exp", x)
      return elementwise("Sub", [exponential, constant(1, like: x)], x.rank, x.dtype)
    case .log1p:
      let sum = elementwise("Add", [x, constant(1, like: x)], x.rank, x.dtype)
      return derived("Log", sum)
    case .rsqrt: return derived("Reciprocal", derived("Sqrt", x))
    case .truncate:
      let size = derived("Floor", derived("Abs", x))
      return elementwise("Mul", [derived("Sign", x), size], x.rank, x.dtype)
    case .isNaN: return derived("IsNaN", x, dtype: .bool)
    case .isInfinite: return derived("IsInf", x, dtype: .bool)
    case .isFinite:
      let parts = [derived("IsNaN", x, dtype: .bool), derived("IsInf", x, dtype: .bool)]
      return derived("Not", elementwise("Or", parts, x.rank, .bool))
    case .logicalNot:
      if x.dtype == .bool { return derived("Not", x) }
      return elementwise("Equal", [x, constant(0, like: x)], x.rank, .bool)
    default: throw unsupported(.unary(operation))
    }
  }

  private mutating func binary(
    _ operation: BinaryOperation, _ values: [ExportedValue], _ rank: Int
  ) throws -> ExportedValue {
    let dtype = values[0].dtype
    let isBool = dtype == .bool
    func zero(_ value: ExportedValue) -> Bool { value.constant?.real == 0 && dtype.isFloating }
    if operation == .maximum, zero(values[1]) { return derived("Relu", values[0]) }
    if operation == .maximum, zero(values[0]) { return derived("Relu", values[1]) }
    let name: String
    switch operation {
    case .add: name = "Add"
    case .subtract: name = "Sub"
    case .multiply: name = "Mul"
    case .divide: name = "Div"
    case .power: name = "Pow"
    case .maximum: name = "Max"
    case .minimum: name = "Min"
    case .remainder:
      return elementwise("Mod", values, rank, dtype, [.int("fmod", 1)])
    case .modulo where !dtype.isFloating: name = "Mod"
    case .floorDivide where dtype.isFloating:
      return derived("Floor", elementwise("Div", values, rank, dtype))
    case .floorDivide:
      let rest = elementwise("Mod", values, rank, dtype)
      return elementwise(
        "Div", [elementwise("Sub", [values[0], rest], rank, dtype), values[1]], rank, dtype)
    case .modulo:
      let quotient = derived("Floor", elementwise("Div", values, rank, dtype))
      let product = elementwise("Mul", [quotient, values[1]], rank, dtype)
      return elementwise("Sub", [values[0], product], rank, dtype)
    case .bitAnd: name = isBool ? "And" : "BitwiseAnd"
    case .bitOr: name = isBool ? "Or" : "BitwiseOr"
    case .bitXor: name = isBool ? "Xor" : "BitwiseXor"
    case .atan2, .shiftLeft, .shiftRight: throw unsupported(.binary(operation))
    }
    return elementwise(name, values, rank, dtype)
  }

  private mutating func compare(
    _ comparison: Comparison, _ values: [ExportedValue], _ rank: Int
  ) -> ExportedValue {
    switch comparison {
    case .equal: return elementwise("Equal", values, rank, .bool)
    case .notEqual: return derived("Not", elementwise("Equal", values, rank, .bool))
    case .less: return elementwise("Less", values, rank, .bool)
    case .lessEqual: return elementwise("LessOrEqual", values, rank, .bool)
    }
  }

  private mutating func select(
    _ values: [ExportedValue], _ rank: Int, _ dtype: DType
  ) -> ExportedValue {
    guard dtype == .bool else { return elementwise("Where", values, rank, dtype) }
    // ONNX Runtime chooses no truth values.
    let first = elementwise("And", [values[0], values[1]], rank, .bool)
    let second = elementwise("And", [derived("Not", values[0]), values[2]], rank, .bool)
    return elementwise("Or", [first, second], rank, .bool)
  }

  // MARK: Movement

  private mutating func iota(
    _ axis: Int, _ shape: [Extent], _ dtype: DType
  ) throws -> ExportedValue {
    let line = shape[axis]
    var column = [Extent](repeating: .fixed(1), count: shape.count)
    column[axis] = line
    if let size = line.size {
      let sizes = column.map { $0.size ?? 1 }
      let name = writer.constant(
        "iota \(sizes) \(dtype)",
        Tensor((0..<size).map { Int64($0) }, shape: sizes, dtype: .int64).cast(to: dtype))
      return ExportedValue(name, column, dtype)
    }
    let zero = writer.scalar(.integer(0), .int64)
    let one = writer.scalar(.integer(1), .int64)
    let count = writer.node("Squeeze", [writer.shape([line])])
    let range = cast(writer.node("Range", [zero, count, one]), dtype)
    let name = writer.node("Reshape", [range, writer.reshapeTarget(column)])
    return ExportedValue(name, column, dtype)
  }

  private mutating func reshape(
    _ operand: Program.Value, _ shape: [Extent]
  ) throws -> ExportedValue {
    let x = value(operand)
    if x.constant != nil { return x }
    let full = try self.shape(operand)
    let name = writer.full(x, full)
    return ExportedValue(
      writer.node("Reshape", [name, writer.reshapeTarget(shape)]), shape, x.dtype)
  }

  private mutating func transpose(
    _ operand: Program.Value, _ order: [Int]
  ) throws -> ExportedValue {
    var x = value(operand)
    if x.constant != nil { return x }
    if x.rank < order.count {
      let aligned = x.shape.aligned(order.count)
      x = ExportedValue(
        writer.node(
          "Reshape", [writer.arrange(x, Array(x.shape.indices)), writer.reshapeTarget(aligned)]),
        aligned, x.dtype)
    }
    if let index = x.stored {
      return ExportedValue(
        writer.stored(index, order: order), order.map { x.shape[$0] }, x.dtype)
    }
    // Nothing moves: the same array is read in another order.
    let inverse = order.inverse
    x.shape = order.map { x.shape[$0] }
    x.order = x.order.map { inverse[$0] }
    return x
  }

  private mutating func slice(
    _ operand: Program.Value, _ shape: [Extent], _ starts: [Int], _ strides: [Int],
    _ dtype: DType
  ) throws -> ExportedValue {
    let full = try self.shape(operand)
    if let last = lastCells[operand] {
      // Of the cells of an LSTM the graph has the last alone.
      guard starts[0] == (full[0].size ?? 0) - 1 else {
        throw unsupported(
          .slice(starts: starts, sizes: [], strides: strides), " of an LSTM's cells")
      }
      return ExportedValue(last, shape, dtype)
    }
    let x = try whole(operand)
    let axes = shape.indices.filter { shape[$0] != full[$0] || starts[$0] != 0 || strides[$0] != 1 }
    if axes.isEmpty { return x }
    let ends = try axes.map { axis in
      guard let size = shape[axis].size else {
        // Of an axis of samples all from a start are taken, or every so many.
        guard starts[axis] < strides[axis] else {
          throw unsupported(.slice(starts: starts, sizes: [], strides: strides), " of samples")
        }
        return Int(Int32.max)
      }
      return starts[axis] + (size - 1) * strides[axis] + 1
    }
    let name = writer.node(
      "Slice",
      [
        writer.arrange(x, x.order), writer.integers(axes.map { starts[$0] }),
        writer.integers(ends), writer.integers(axes.map { x.place(of: $0) }),
        writer.integers(axes.map { strides[$0] }),
      ])
    return ExportedValue(name, shape, dtype, order: x.order)
  }
}

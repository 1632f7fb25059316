import PlushEngine
import PlushTensor

extension TensorFlowJSOperators {
  static let creation: [String: Operator] = [
    "eye": one { arguments in
      let dtype = try type(arguments, 3) ?? .float32
      let matrix = Tensor.eye(try arguments.requiredInt(0), arguments.int(1), dtype: dtype)
      guard let batch = arguments.integers(2) else { return matrix }
      return matrix.broadcast(to: batch + matrix.shape)
    },
    "onesLike": { arguments in
      let x = try arguments.value(0)
      if x.isComplex { return [.complex(ComplexTensor(.ones(like: x.complex.real)))] }
      return [.tensor(.ones(like: try x.tensor))]
    },
    "oneHot": one { arguments in
      let indices = try arguments.tensor(0)
      let hot = indices.oneHot(try arguments.requiredInt(1))
      let (on, off) = (arguments.double(2) ?? 1, arguments.double(3) ?? 0)
      return (hot * (on - off) + off).cast(to: try type(arguments, 4) ?? .int32)
    },
    "zerosLike": { arguments in
      let x = try arguments.value(0)
      if x.isComplex { return [.complex(ComplexTensor(.zeros(like: x.complex.real)))] }
      return [.tensor(.zeros(like: try x.tensor))]
    },
  ]

  private static func type(_ arguments: TensorFlowJSArguments, _ index: Int) throws -> DType? {
    guard let name = arguments.string(index) else { return nil }
    guard let dtype = DType(name: name) else { throw TensorFlowJSError(gap: "type \(name)") }
    return dtype
  }

  static let movement: [String: Operator] = [
    "batchToSpaceND": one {
      try $0.tensor(0).batchToSpace(
        blockShape: try $0.requiredIntegers(1), crops: try $0.pairs(2))
    },
    "broadcastTo": linear { x, arguments in x.broadcast(to: try arguments.requiredIntegers(1)) },
    "concat": { try concatenation($0, axis: $0.int(1) ?? 0) },
    "concat1d": { try concatenation($0, axis: 0) },
    "concat2d": { try concatenation($0, axis: $0.int(1) ?? 0) },
    "concat3d": { try concatenation($0, axis: $0.int(1) ?? 0) },
    "concat4d": { try concatenation($0, axis: $0.int(1) ?? 0) },
    "depthToSpace": one { arguments in
      let x = try arguments.tensor(0)
      let size = try arguments.requiredInt(1)
      guard arguments.string(2) == "NCHW" else { return x.depthToSpace(blockSize: size) }
      return x.transpose([0, 2, 3, 1]).depthToSpace(blockSize: size).transpose([0, 3, 1, 2])
    },
    "expandDims": linear { x, arguments in x.expandDims(axis: arguments.int(1) ?? 0) },
    "mirrorPad": one {
      try $0.tensor(0).pad(
        try $0.pairs(1), mode: $0.string(2) == "reflect" ? .reflect : .symmetric)
    },
    "pad": one { try padded($0) }, "pad1d": one { try padded($0) }, "pad2d": one { try padded($0) },
    "pad3d": one { try padded($0) }, "pad4d": one { try padded($0) },
    "reshape": linear { x, arguments in x.reshape(try arguments.requiredIntegers(1)) },
    "reverse": linear { x, arguments in x.reverse(axes: arguments.integers(1)) },
    "reverse1d": linear { x, _ in x.reverse() },
    "reverse2d": linear { x, arguments in x.reverse(axes: arguments.integers(1)) },
    "reverse3d": linear { x, arguments in x.reverse(axes: arguments.integers(1)) },
    "reverse4d": linear { x, arguments in x.reverse(axes: arguments.integers(1)) },
    "slice": linear { try slice($0, $1) }, "slice1d": linear { try slice($0, $1) },
    "slice2d": linear { try slice($0, $1) }, "slice3d": linear { try slice($0, $1) },
    "slice4d": linear { try slice($0, $1) },
    "spaceToBatchND": one {
      try $0.tensor(0).spaceToBatch(
        blockShape: try $0.requiredIntegers(1), paddings: try $0.pairs(2))
    },
    "split": parts { x, arguments in
      let axis = arguments.int(2) ?? 0
      if let count = arguments.int(1) { return x.split(count: count, axis: axis) }
      return x.split(sizes: try arguments.requiredIntegers(1), axis: axis)
    },
    "squeeze": linear { x, arguments in
      let axes = arguments.integers(1)
      return x.squeeze(axes: axes?.isEmpty == true ? nil : axes)
    },
    "stack": { arguments in
      try joined(arguments) { stack($0, axis: arguments.int(1) ?? 0) }
    },
    "stridedSlice": one { try stridedSlice($0) },
    "tile": linear { x, arguments in x.tile(try arguments.requiredIntegers(1)) },
    "transpose": linear { x, arguments in x.transpose(arguments.integers(1)) },
    "unstack": parts { x, arguments in x.unstack(axis: arguments.int(1) ?? 0) },
  ]

  private static func concatenation(
    _ arguments: TensorFlowJSArguments, axis: Int
  ) throws -> [TensorFlowJSValue] {
    try joined(arguments) { concatenate($0, axis: axis) }
  }

  /// Several tensors made one, of complex numbers the parts apart.
  private static func joined(
    _ arguments: TensorFlowJSArguments, _ body: ([Tensor]) -> Tensor
  ) throws -> [TensorFlowJSValue] {
    let values = try arguments.list(0)
    guard values.contains(where: \.isComplex) else {
      return [.tensor(body(try values.map { try $0.tensor }))]
    }
    let all = values.map(\.complex)
    return [
      .complex(
        ComplexTensor(real: body(all.map(\.real)), imaginary: body(all.map(\.imaginary))))
    ]
  }

  /// One tensor made several, of complex numbers the parts apart.
  private static func parts(
    _ body: @escaping @Sendable (Tensor, TensorFlowJSArguments) throws -> [Tensor]
  ) -> Operator {
    { arguments in
      let value = try arguments.value(0)
      guard value.isComplex else {
        return try body(try value.tensor, arguments).map { .tensor($0) }
      }
      let (re, im) = (value.complex.real, value.complex.imaginary)
      return zip(try body(re, arguments), try body(im, arguments)).map {
        .complex(ComplexTensor(real: $0, imaginary: $1))
      }
    }
  }

  private static func padded(_ arguments: TensorFlowJSArguments) throws -> Tensor {
    try arguments.tensor(0).pad(try arguments.pairs(1), value: arguments.double(2) ?? 0)
  }

  private static func slice(_ x: Tensor, _ arguments: TensorFlowJSArguments) throws -> Tensor {
    let (starts, sizes) = (arguments.integers(1) ?? [], arguments.integers(2) ?? [])
    func all(_ values: [Int], _ rest: Int) -> [Int] {
      values + [Int](repeating: rest, count: max(0, x.rank - values.count))
    }
    return x.slice(starts: all(starts, 0), sizes: all(sizes, -1))
  }

  /// Bit i of a mask belongs to entry i: begin and end to be ignored, an ellipsis, a new axis, an
  /// axis that shrinks.
  private static func stridedSlice(_ arguments: TensorFlowJSArguments) throws -> Tensor {
    let x = try arguments.tensor(0)
    let (starts, ends) = (try arguments.requiredIntegers(1), try arguments.requiredIntegers(2))
    let strides = arguments.integers(3) ?? starts.map { _ in 1 }
    guard ends.count == starts.count, strides.count == starts.count else {
      throw TensorFlowJSError("stridedSlice has starts, ends and strides of different numbers")
    }
    func isSet(_ argument: Int, _ entry: Int) -> Bool {
      (arguments.int(argument) ?? 0) >> entry & 1 == 1
    }
    let newAxes = starts.indices.count { isSet(7, $0) && !isSet(6, $0) }
    var parts: [AxisIndex] = []
    for entry in starts.indices {
      if isSet(6, entry) {
        let rest = x.rank - (starts.count - 1 - newAxes)
        parts += [AxisIndex](repeating: .all, count: max(0, rest))
      } else if isSet(7, entry) {
        parts.append(.newAxis)
      } else if isSet(8, entry) {
        parts.append(.single(starts[entry]))
      } else {
        parts.append(
          .stride(
            from: isSet(4, entry) ? nil : starts[entry], to: isSet(5, entry) ? nil : ends[entry],
            by: strides[entry]))
      }
    }
    return x[parts]
  }
}

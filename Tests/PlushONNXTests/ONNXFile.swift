import Plush
import PlushONNX

/// A file of ONNX, written field by field as other programs write it.
struct ONNXFile {
  enum Setting {
    case int(Int)
    case ints([Int])
    case float(Float)
    case text(String)
  }

  var opset = 22
  private var graph: [UInt8] = []

  mutating func input(_ name: String, _ shape: [Int?], _ dtype: DType = .float32) {
    graph += field(11, value(name, shape, dtype))
  }

  mutating func output(_ name: String) { graph += field(12, field(1, Array(name.utf8))) }

  mutating func array(_ name: String, _ tensor: Tensor) {
    var content = tensor.shape.flatMap { number(1, $0) }
    content += number(2, code(tensor.dtype)) + field(8, Array(name.utf8)) + field(9, tensor.bytes())
    graph += field(5, content)
  }

  mutating func node(
    _ operation: String, _ inputs: [String], _ outputs: [String],
    _ settings: [String: Setting] = [:]
  ) {
    var content = inputs.flatMap { field(1, Array($0.utf8)) }
    content += outputs.flatMap { field(2, Array($0.utf8)) } + field(4, Array(operation.utf8))
    for (name, setting) in settings.sorted(by: { $0.key < $1.key }) {
      content += field(5, field(1, Array(name.utf8)) + bytes(of: setting))
    }
    graph += field(1, content)
  }

  var bytes: [UInt8] { number(1, 10) + field(8, number(2, opset)) + field(7, graph) }

  /// What one operator makes of operands, some of which may be left out.
  static func compute(
    _ operation: String, _ operands: [Tensor?], _ settings: [String: Setting] = [:],
    outputs: Int = 1, opset: Int = 22
  ) throws -> [Tensor] {
    var file = ONNXFile()
    file.opset = opset
    let names = operands.indices.map { operands[$0] == nil ? "" : "x\($0)" }
    let results = (0..<outputs).map { "y\($0)" }
    for (name, operand) in zip(names, operands) {
      if let operand { file.input(name, operand.shape, operand.dtype) }
    }
    file.node(operation, names, results, settings)
    for result in results { file.output(result) }
    return try ONNX.load(bytes: file.bytes).run(operands.compactMap { $0 })
  }

  private func value(_ name: String, _ shape: [Int?], _ dtype: DType) -> [UInt8] {
    let sizes = shape.flatMap { size in
      field(1, size.map { number(1, $0) } ?? field(2, Array("n".utf8)))
    }
    return field(1, Array(name.utf8))
      + field(2, field(1, number(1, code(dtype)) + field(2, sizes)))
  }

  private func bytes(of setting: Setting) -> [UInt8] {
    switch setting {
    case .int(let value): number(3, value) + number(20, 2)
    case .ints(let values): values.flatMap { number(8, $0) } + number(20, 7)
    case .text(let text): field(4, Array(text.utf8)) + number(20, 3)
    case .float(let value):
      varint(2 << 3 | 5) + withUnsafeBytes(of: value.bitPattern.littleEndian) { Array($0) }
        + number(20, 1)
    }
  }

  private func code(_ dtype: DType) -> Int {
    switch dtype {
    case .float32: 1
    case .uint8: 2
    case .int32: 6
    case .int64: 7
    case .bool: 9
    case .float16: 10
    case .float64: 11
    case .bfloat16: 16
    }
  }
}

/// A field of protobuf with a length.
func field(_ number: Int, _ content: [UInt8]) -> [UInt8] {
  varint(number << 3 | 2) + varint(content.count) + content
}

/// A field of protobuf with a number.
func number(_ number: Int, _ value: Int) -> [UInt8] { varint(number << 3) + varint(value) }

private func varint(_ value: Int) -> [UInt8] {
  var rest = UInt64(bitPattern: Int64(value))
  var bytes: [UInt8] = []
  while rest > 127 {
    bytes.append(UInt8(rest & 127) | 128)
    rest >>= 7
  }
  return bytes + [UInt8(rest)]
}

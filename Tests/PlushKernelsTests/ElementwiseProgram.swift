import PlushKernels
import Testing

/// What the body gives with each number of threads.
func onThreads<Result>(_ counts: [Int], _ body: () -> Result) -> [Result] {
  let before = plush_thread_count()
  defer { plush_set_thread_count(before) }
  return counts.map { count in
    plush_set_thread_count(Int32(count))
    return body()
  }
}

let allTypes = [
  PLUSH_FLOAT32, PLUSH_FLOAT16, PLUSH_BFLOAT16, PLUSH_FLOAT64, PLUSH_INT32, PLUSH_INT64,
  PLUSH_UINT8, PLUSH_BOOL,
]

/// A sequence of numbers that is the same in every run.
struct Generator: RandomNumberGenerator {
  var state: UInt64

  init(_ seed: Int) { state = UInt64(seed) &+ 0x9E37_79B9_7F4A_7C15 }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

/// Elements of some type between guards that show writes out of bounds.
final class Memory {
  let type: PlushType
  let count: Int
  private let block: UnsafeMutableRawPointer
  private let guardBytes = 256

  init(_ type: PlushType, _ values: [Double]) {
    self.type = type
    count = values.count
    let bytes = plush_type_size(type) * values.count + 2 * guardBytes
    block = .allocate(byteCount: bytes, alignment: 64)
    block.initializeMemory(as: UInt8.self, repeating: 0xA5, count: bytes)
    for (i, value) in values.enumerated() { self[i] = value }
  }

  convenience init(_ type: PlushType, count: Int) {
    self.init(type, [Double](repeating: 0, count: count))
  }

  deinit { block.deallocate() }

  var base: UnsafeMutableRawPointer { block + guardBytes }
  var values: [Double] { (0..<count).map { self[$0] } }

  var isIntact: Bool {
    let end = guardBytes + plush_type_size(type) * count
    return (0..<guardBytes).allSatisfy {
      block.load(fromByteOffset: $0, as: UInt8.self) == 0xA5
        && block.load(fromByteOffset: end + $0, as: UInt8.self) == 0xA5
    }
  }

  subscript(i: Int) -> Double {
    get {
      switch type {
      case PLUSH_FLOAT32: Double(base.load(fromByteOffset: i * 4, as: Float.self))
      case PLUSH_FLOAT16:
        decode(base.load(fromByteOffset: i * 2, as: UInt16.self), mantissa: 10, exponent: 5)
      case PLUSH_BFLOAT16:
        decode(base.load(fromByteOffset: i * 2, as: UInt16.self), mantissa: 7, exponent: 8)
      case PLUSH_FLOAT64: base.load(fromByteOffset: i * 8, as: Double.self)
      case PLUSH_INT32: Double(base.load(fromByteOffset: i * 4, as: Int32.self))
      case PLUSH_INT64: Double(base.load(fromByteOffset: i * 8, as: Int64.self))
      default: Double(base.load(fromByteOffset: i, as: UInt8.self))
      }
    }
    set {
      switch type {
      case PLUSH_FLOAT32: base.storeBytes(of: Float(newValue), toByteOffset: i * 4, as: Float.self)
      case PLUSH_FLOAT16:
        let bits = encode(newValue, mantissa: 10, exponent: 5)
        base.storeBytes(of: bits, toByteOffset: i * 2, as: UInt16.self)
      case PLUSH_BFLOAT16:
        let bits = encode(newValue, mantissa: 7, exponent: 8)
        base.storeBytes(of: bits, toByteOffset: i * 2, as: UInt16.self)
      case PLUSH_FLOAT64: base.storeBytes(of: newValue, toByteOffset: i * 8, as: Double.self)
      case PLUSH_INT32:
        base.storeBytes(of: Int32(newValue), toByteOffset: i * 4, as: Int32.self)
      case PLUSH_INT64:
        base.storeBytes(of: Int64(newValue), toByteOffset: i * 8, as: Int64.self)
      case PLUSH_BOOL:
        base.storeBytes(of: newValue == 0 ? 0 : 1, toByteOffset: i, as: UInt8.self)
      default:
        let byte = UInt8(truncatingIfNeeded: Int(newValue))
        base.storeBytes(of: byte, toByteOffset: i, as: UInt8.self)
      }
    }
  }

  /// The value that the memory holds after this one is stored.
  static func rounded(_ value: Double, to type: PlushType) -> Double {
    let memory = Memory(type, [value])
    return memory[0]
  }
}

private func decode(_ bits: UInt16, mantissa: Int, exponent: Int) -> Double {
  let sign = bits >> 15 == 1 ? -1.0 : 1.0
  let fraction = Double(bits & (1 << mantissa - 1)) / Double(1 << mantissa)
  let field = Int(bits >> mantissa) & (1 << exponent - 1)
  let bias = 1 << (exponent - 1) - 1
  if field == 1 << exponent - 1 { return fraction == 0 ? sign * .infinity : .nan }
  if field == 0 { return sign * Double(sign: .plus, exponent: 1 - bias, significand: fraction) }
  return sign * Double(sign: .plus, exponent: field - bias, significand: 1 + fraction)
}

/// Rounds to nearest even.
private func encode(_ value: Double, mantissa: Int, exponent: Int) -> UInt16 {
  let bias = 1 << (exponent - 1) - 1
  let sign: UInt16 = value.sign == .minus ? 0x8000 : 0
  let infinity = UInt16(1 << exponent - 1) << mantissa
  if value.isNaN { return sign | infinity | 1 << (mantissa - 1) }
  let scale = max(value == 0 ? 1 - bias : Int(value.exponent), 1 - bias)
  if value.isInfinite || scale > bias { return sign | infinity }
  let unit = Double(sign: .plus, exponent: scale - mantissa, significand: 1)
  let steps = Int((abs(value) / unit).rounded(.toNearestOrEven))
  return sign | (UInt16(scale + bias - 1) << mantissa + UInt16(steps))
}

/// Where the elements of a space lie in a memory.
struct Layout {
  var offset = 0
  var strides: [Int]

  init(offset: Int = 0, strides: [Int]) {
    self.offset = offset
    self.strides = strides
  }

  init(contiguous dims: [Int]) {
    strides = dims
    var stride = 1
    for d in dims.indices.reversed() {
      strides[d] = stride
      stride *= dims[d]
    }
  }

  func position(of index: [Int]) -> Int {
    zip(strides, index).reduce(offset) { $0 + $1.0 * $1.1 }
  }
}

/// An elementwise program under construction, with an obvious way to run it beside the kernels'.
struct ElementwiseProgram {
  let dims: [Int]
  private(set) var instructions: [PlushInstruction] = []
  private(set) var views: [PlushView] = []
  private(set) var memories: [Memory] = []
  private var registers = 0
  var reducesRows = false

  init(dims: [Int]) { self.dims = dims }

  mutating func view(_ memory: Memory, _ layout: Layout) -> Int {
    var slot = memories.firstIndex { $0 === memory } ?? memories.count
    if slot == memories.count { memories.append(memory) }
    if memories.count > 60 { slot = 0 }
    var view = PlushView()
    view.slot = Int32(slot)
    view.type = Int32(memory.type.rawValue)
    view.offset = Int64(layout.offset)
    withUnsafeMutableBytes(of: &view.strides) { bytes in
      let strides = bytes.bindMemory(to: Int64.self)
      for (d, stride) in layout.strides.enumerated() { strides[d] = Int64(stride) }
    }
    views.append(view)
    return views.count - 1
  }

  @discardableResult
  mutating func emit(
    _ opcode: PlushOpcode, _ valueClass: PlushClass = PLUSH_F32, _ a: Int = 0, _ b: Int = 0,
    _ c: Int = 0, real: Double? = nil, integer: Int64 = 0, perRow: Bool = false,
    into result: Int? = nil
  ) -> Int {
    var instruction = PlushInstruction()
    instruction.opcode = UInt16(opcode.rawValue)
    instruction.class_ = UInt8(valueClass.rawValue)
    instruction.per_row = perRow ? 1 : 0
    instruction.a = UInt16(a)
    instruction.b = UInt16(b)
    instruction.c = UInt16(c)
    instruction.immediate.i = integer
    if let real { instruction.immediate.f = real }
    if opcode != PLUSH_STORE {
      if let result {
        instruction.result = UInt16(result)
      } else {
        instruction.result = UInt16(registers)
        registers += 1
      }
    }
    instructions.append(instruction)
    return Int(instruction.result)
  }

  var contents: [[Double]] { memories.map(\.values) }
  var isIntact: Bool { memories.allSatisfy(\.isIntact) }

  private func withProgram(
    _ body: (UnsafeMutablePointer<PlushElementwise>, UnsafePointer<UnsafeMutableRawPointer?>) ->
      Void
  ) {
    instructions.withUnsafeBufferPointer { instructions in
      views.withUnsafeBufferPointer { views in
        var program = PlushElementwise()
        program.rank = Int32(dims.count)
        program.register_count = Int32(registers)
        program.instruction_count = Int32(instructions.count)
        program.view_count = Int32(views.count)
        program.reduces_rows = reducesRows ? 1 : 0
        withUnsafeMutableBytes(of: &program.dims) { bytes in
          let target = bytes.bindMemory(to: Int64.self)
          for (d, size) in dims.enumerated() { target[d] = Int64(size) }
        }
        program.instructions = instructions.baseAddress
        program.views = views.baseAddress
        let slots: [UnsafeMutableRawPointer?] = memories.map { $0.base }
        slots.withUnsafeBufferPointer { slots in
          if let base = slots.baseAddress { body(&program, base) }
        }
      }
    }
  }

  func run() { withProgram { plush_elementwise($0, $1) } }

  /// Runs it as a plan does that runs often; `isBlock` as what follows a product.
  func runPrepared(isBlock: Bool) {
    withProgram { program, slots in
      plush_elementwise_prepare(program, isBlock)
      if isBlock {
        let rows = dims.dropLast().reduce(1, *)
        plush_elementwise_block(program, slots, 0, rows, 0, dims.last ?? 1)
      } else {
        plush_elementwise(program, slots)
      }
      plush_elementwise_forget(program)
    }
  }

  func runBlock(rows: Range<Int>, columns: Range<Int>) {
    withProgram {
      plush_elementwise_block(
        $0, $1, rows.lowerBound, rows.count, columns.lowerBound, columns.count)
    }
  }

  // MARK: The obvious way

  private func indices() -> [[Int]] {
    dims.reduce([[]]) { prefixes, size in
      prefixes.flatMap { prefix in (0..<size).map { prefix + [$0] } }
    }
  }

  private func position(_ view: PlushView, _ index: [Int]) -> Int {
    withUnsafeBytes(of: view.strides) { bytes in
      let strides = bytes.bindMemory(to: Int64.self)
      return index.indices.reduce(Int(view.offset)) { $0 + Int(strides[$1]) * index[$1] }
    }
  }

  /// What each memory holds after a run, instruction by instruction over the whole space. Knows the
  /// operations that are exact on small integers.
  func expected() -> [[Double]] {
    var results = memories.map(\.values)
    var values = [[Double]](repeating: [], count: registers)
    let points = indices()
    let columns = dims.last ?? 1
    let rowStarts = points.filter { ($0.last ?? 0) == 0 }
    for instruction in instructions {
      let a = Int(instruction.a)
      let b = Int(instruction.b)
      let c = Int(instruction.c)
      let perRow = instruction.per_row == 1
      func map(_ f: (Double, Double, Double) -> Double) -> [Double] {
        (0..<(perRow ? rowStarts : points).count).map {
          f(
            values[a][$0], values[b].indices.contains($0) ? values[b][$0] : 0,
            values[c].indices.contains($0) ? values[c][$0] : 0)
        }
      }
      func rows(_ f: ([Double]) -> Double) -> [Double] {
        rowStarts.indices.map { f(Array(values[a][$0 * columns..<($0 + 1) * columns])) }
      }
      let result: [Double]
      switch PlushOpcode(UInt32(instruction.opcode)) {
      case PLUSH_LOAD:
        let memory = results[Int(views[a].slot)]
        result = (perRow ? rowStarts : points).map { memory[position(views[a], $0)] }
      case PLUSH_STORE:
        let slot = Int(views[b].slot)
        for (i, index) in (perRow ? rowStarts : points).enumerated() {
          let type = PlushType(UInt32(views[b].type))
          results[slot][position(views[b], index)] = Memory.rounded(values[a][i], to: type)
        }
        continue
      case PLUSH_FILL:
        let isReal = instruction.class_ < UInt8(PLUSH_I32.rawValue)
        let value = isReal ? instruction.immediate.f : Double(instruction.immediate.i)
        result = (perRow ? rowStarts : points).map { _ in value }
      case PLUSH_IOTA: result = points.map { Double($0[a]) }
      case PLUSH_ADD: result = map { x, y, _ in x + y }
      case PLUSH_SUBTRACT: result = map { x, y, _ in x - y }
      case PLUSH_MULTIPLY: result = map { x, y, _ in x * y }
      case PLUSH_MAXIMUM: result = map { x, y, _ in max(x, y) }
      case PLUSH_MULTIPLY_ADD: result = map { $0 * $1 + $2 }
      case PLUSH_SUBTRACT_MULTIPLY: result = map { $2 - $0 * $1 }
      case PLUSH_LERP: result = map { $0 + ($1 - $0) * $2 }
      case PLUSH_LERP_SQUARE: result = map { $0 + ($1 * $1 - $0) * $2 }
      case PLUSH_SELECT: result = map { $0 != 0 ? $1 : $2 }
      case PLUSH_LESS: result = map { x, y, _ in x < y ? 1 : 0 }
      case PLUSH_CONVERT: result = map { x, _, _ in x }
      case PLUSH_ROW_SUM: result = rows { $0.reduce(0, +) }
      case PLUSH_ROW_MAX: result = rows { $0.reduce(-.infinity, max) }
      case PLUSH_ROW_MIN: result = rows { $0.reduce(.infinity, min) }
      case PLUSH_EXPAND: result = points.indices.map { values[a][$0 / max(columns, 1)] }
      default: fatalError("no reference for opcode \(instruction.opcode)")
      }
      values[Int(instruction.result)] = result
    }
    return results
  }
}

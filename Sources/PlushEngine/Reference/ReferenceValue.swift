/// Elements in row-major order: doubles for floating types, 64 bits for all integers and bool.
package enum ReferenceValue: Equatable {
  case real([Double])
  case integer([Int64])

  /// The elements at these positions.
  func elements(at positions: [Int]) -> ReferenceValue {
    switch self {
    case .real(let values): .real(positions.map { values[$0] })
    case .integer(let values): .integer(positions.map { values[$0] })
    }
  }

  /// The elements of both, one after the other.
  func followed(by other: ReferenceValue) -> ReferenceValue {
    switch (self, other) {
    case (.real(let values), .real(let more)): .real(values + more)
    case (.integer(let values), .integer(let more)): .integer(values + more)
    default: preconditionFailure("operands of one type")
    }
  }
}

/// A value with its type.
package struct ReferenceArray {
  package let type: TensorType
  package let value: ReferenceValue

  /// The value, integers wrapped to what the type can hold; floating values stay as they are.
  package init(_ type: TensorType, _ value: ReferenceValue) {
    self.type = type
    switch value {
    case .real: self.value = value
    case .integer(let values): self.value = .integer(values.map { type.dtype.wrap($0) })
    }
  }

  package var shape: [Int] { type.shape }
  package var count: Int { type.count }

  /// The elements of a floating array.
  package var reals: [Double] {
    guard case .real(let values) = value else { preconditionFailure("\(type) has no fractions") }
    return values
  }

  /// The elements of an integer or bool array.
  package var integers: [Int64] {
    guard case .integer(let values) = value else { preconditionFailure("\(type) has fractions") }
    return values
  }
}

extension DType {
  /// The integer that is left when the type keeps its low bits; bool keeps whether it is zero.
  fileprivate func wrap(_ value: Int64) -> Int64 {
    switch self {
    case .int32: Int64(Int32(truncatingIfNeeded: value))
    case .uint8: Int64(UInt8(truncatingIfNeeded: value))
    case .bool: value == 0 ? 0 : 1
    default: value
    }
  }
}

// MARK: Memory

extension ReferenceArray {
  /// What a buffer holds.
  package init(reading buffer: Buffer, as type: TensorType) {
    precondition(buffer.byteCount >= type.byteCount, "a buffer for \(type)")
    self.init(type, ReferenceValue(reading: buffer.pointer, as: type))
  }

  /// Fills a buffer, rounding to the type.
  package func write(to buffer: Buffer) {
    precondition(buffer.byteCount >= type.byteCount, "a buffer for \(type)")
    defer { buffer.renewStamp() }
    let memory = buffer.pointer
    switch type.dtype {
    case .float32: store(reals.map { Float($0) }, to: memory)
    case .float16: store(reals.map { HalfPrecision.bits(Float($0)) }, to: memory)
    case .bfloat16: store(reals.map { BrainFloat.bits(Float($0)) }, to: memory)
    case .float64: store(reals, to: memory)
    case .int32: store(integers.map { Int32($0) }, to: memory)
    case .int64: store(integers, to: memory)
    case .uint8, .bool: store(integers.map { UInt8($0) }, to: memory)
    }
  }
}

extension ReferenceValue {
  fileprivate init(reading memory: UnsafeRawPointer, as type: TensorType) {
    let count = type.count
    switch type.dtype {
    case .float32: self = .real(load(Float.self, count, memory).map { Double($0) })
    case .float16:
      let bits = load(UInt16.self, count, memory)
      self = .real(bits.map { Double(HalfPrecision.float($0)) })
    case .bfloat16:
      let bits = load(UInt16.self, count, memory)
      self = .real(bits.map { Double(BrainFloat.float($0)) })
    case .float64: self = .real(load(Double.self, count, memory))
    case .int32: self = .integer(load(Int32.self, count, memory).map { Int64($0) })
    case .int64: self = .integer(load(Int64.self, count, memory))
    case .uint8, .bool: self = .integer(load(UInt8.self, count, memory).map { Int64($0) })
    }
  }
}

private func load<T: BitwiseCopyable>(
  _ type: T.Type, _ count: Int, _ memory: UnsafeRawPointer
) -> [T] {
  (0..<count).map { memory.load(fromByteOffset: $0 * MemoryLayout<T>.stride, as: type) }
}

private func store<T: BitwiseCopyable>(_ values: [T], to memory: UnsafeMutableRawPointer) {
  for (i, value) in values.enumerated() {
    memory.storeBytes(of: value, toByteOffset: i * MemoryLayout<T>.stride, as: T.self)
  }
}

// MARK: Sources

extension ReferenceValue {
  /// Every element the same.
  static func filled(with scalar: Scalar, _ type: TensorType) -> ReferenceValue {
    switch scalar.cast(to: type.dtype) {
    case .real(let value): .real([Double](repeating: value, count: type.count))
    case .integer(let value): .integer([Int64](repeating: value, count: type.count))
    }
  }

  /// Each element's position along an axis.
  static func positions(along axis: Int, _ type: TensorType) -> ReferenceValue {
    let positions = (0..<type.count).map { type.shape.index(at: $0)[axis] }
    return type.dtype.isFloating
      ? .real(positions.map { Double($0) }) : .integer(positions.map { Int64($0) })
  }
}

// MARK: Positions in a shape

extension [Int] {
  /// The index along each axis of the element at a row-major position.
  func index(at position: Int) -> [Int] {
    var index = self
    var rest = position
    for axis in indices.reversed() {
      index[axis] = rest % self[axis]
      rest /= self[axis]
    }
    return index
  }

  /// The row-major position of the element with this index along each axis.
  func position(of index: [Int]) -> Int {
    zip(self, index).reduce(0) { $0 * $1.0 + $1.1 }
  }
}

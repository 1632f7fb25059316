import PlushEngine

extension Tensor {
  /// A tensor of a number or of nested arrays of numbers, as in `Tensor([[1, 2], [3, 4]])`.
  ///
  /// - Parameters:
  ///   - values: a number, or arrays in arrays whose sizes agree.
  ///   - dtype: the element type; without one, whole numbers give int32, fractions float32, truth
  ///     values bool.
  public init<Values: TensorValues>(_ values: Values, dtype: DType? = nil) {
    let shape = values.nestedShape
    var elements: [Values.Number] = []
    elements.reserveCapacity(shape.elementCount)
    guard values.append(to: &elements, shape: shape[...]) else {
      stop(
        "Tensor expects nested arrays of equal sizes; they begin as \(shape).",
        hint: "Pad the shorter ones.")
    }
    self.init(elements, shape: shape, dtype: dtype)
  }

  /// A tensor of this shape with these elements in row-major order.
  public init<Element: TensorElement>(_ elements: [Element], shape: [Int], dtype: DType? = nil) {
    guard elements.count == shape.elementCount else {
      stop(
        "Tensor of shape \(shape) expects \(shape.elementCount) elements; got \(elements.count).")
    }
    switch dtype ?? Element.defaultDType {
    case Element.dtype: self.init(native: elements, shape)
    case .float32: self.init(native: elements.map { Float($0.scalar.real) }, shape)
    case .int32: self.init(native: elements.map { Int32(fitting: $0.scalar) }, shape)
    case let dtype: self = Tensor(native: elements, shape).cast(to: dtype)
    }
  }

  /// A tensor of the elements in these bytes, in row-major order.
  public init(bytes: UnsafeRawBufferPointer, shape: [Int], dtype: DType = .float32) {
    let type = TensorType(shape, dtype)
    guard bytes.count == type.byteCount else {
      stop("A tensor \(type) expects \(type.byteCount) bytes; got \(bytes.count).")
    }
    let device = defaultDevice
    let buffer = device.allocate(byteCount: type.byteCount)
    device.copy(from: bytes, to: buffer)
    self.init(buffer: buffer, type: type)
  }

  private init<Element: TensorElement>(native elements: [Element], _ shape: [Int]) {
    self = elements.withUnsafeBytes { Tensor(bytes: $0, shape: shape, dtype: Element.dtype) }
  }

  /// Every element 0.
  public static func zeros(_ shape: [Int], dtype: DType = .float32) -> Tensor {
    fill(.integer(0), TensorType(shape, dtype))
  }

  /// Every element 1.
  public static func ones(_ shape: [Int], dtype: DType = .float32) -> Tensor {
    fill(.integer(1), TensorType(shape, dtype))
  }

  /// Every element `value`.
  public static func full<Number: TensorElement>(
    _ shape: [Int], _ value: Number, dtype: DType = Number.defaultDType
  ) -> Tensor {
    fill(value.scalar, TensorType(shape, dtype))
  }

  /// Every element 0, shape and type as another tensor's.
  public static func zeros(like other: Tensor) -> Tensor { fill(.integer(0), other.type) }

  /// Every element 1, shape and type as another tensor's.
  public static func ones(like other: Tensor) -> Tensor { fill(.integer(1), other.type) }

  /// `start`, `start + step`, … before `end`.
  public static func range<Number: TensorNumber>(
    _ start: Number, _ end: Number, step: Number = 1, dtype: DType = Number.defaultDType
  ) -> Tensor {
    let (from, to, by) = (start.scalar.real, end.scalar.real, step.scalar.real)
    guard by != 0 else { stop("range expects a step other than 0.") }
    let count = Swift.max(0, Int(((to - from) / by).rounded(.up)))
    return progression(start.scalar, step.scalar, count, dtype)
  }

  /// `count` numbers at equal distances, from `start` to `end`.
  public static func linspace(
    _ start: Double, _ end: Double, count: Int, dtype: DType = .float32
  ) -> Tensor {
    let step = count > 1 ? (end - start) / Double(count - 1) : 0
    return progression(.real(start), .real(step), count, dtype)
  }

  /// Ones on a diagonal, zeros elsewhere; `columns` is `rows` when not given.
  public static func eye(_ rows: Int, _ columns: Int? = nil, dtype: DType = .float32) -> Tensor {
    let type = TensorType([rows, columns ?? rows], .int32)
    return (record(.iota(axis: 0, type)) .== record(.iota(axis: 1, type))).cast(to: dtype)
  }

  /// The position along an axis, in every element of a shape.
  static func iota(_ shape: [Int], axis: Int, dtype: DType = .int32) -> Tensor {
    record(.iota(axis: axis, TensorType(shape, dtype)))
  }

  private static func progression(
    _ start: Scalar, _ step: Scalar, _ count: Int, _ dtype: DType
  ) -> Tensor {
    let wide: DType = dtype.isFloating ? .float64 : .int64
    let type = TensorType([count], wide)
    let steps = record(.iota(axis: 0, type)) * fill(step, type)
    return (steps + fill(start, type)).cast(to: dtype)
  }
}

extension Int32 {
  /// An integer that must fit; fractions are cut.
  fileprivate init(fitting scalar: Scalar) {
    guard case .integer(let value) = scalar else {
      self = Int32(clamping: scalar.integer)
      return
    }
    guard let exact = Int32(exactly: value) else {
      stop("\(value) does not fit int32.", hint: "Say dtype: .int64.")
    }
    self = exact
  }
}

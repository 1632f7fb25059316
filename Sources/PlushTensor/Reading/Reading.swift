import PlushEngine

extension Tensor {
  /// The elements in row-major order, as float32.
  public func data() async -> [Float] { dataSync() }

  /// The elements in row-major order, converted if need be.
  public func data<Element: TensorElement>(as type: Element.Type) async -> [Element] {
    dataSync(as: type)
  }

  /// The elements in row-major order, as float32.
  public func dataSync() -> [Float] { dataSync(as: Float.self) }

  /// The elements in row-major order, converted if need be.
  public func dataSync<Element: TensorElement>(as type: Element.Type) -> [Element] {
    if dtype != Element.dtype { return cast(to: Element.dtype).dataSync(as: type) }
    let buffer = buffer
    return [Element](unsafeUninitializedCapacity: count) { elements, initialized in
      let bytes = UnsafeMutableRawBufferPointer(
        start: elements.baseAddress, count: self.type.byteCount)
      defaultDevice.copy(from: buffer, to: bytes)
      initialized = count
    }
  }

  /// The elements as nested arrays.
  public func array() async -> NestedArray<Float> { arraySync() }

  /// The elements as nested arrays, converted if need be.
  public func array<Element: TensorElement>(as type: Element.Type) async -> NestedArray<Element> {
    arraySync(as: type)
  }

  /// The elements as nested arrays.
  public func arraySync() -> NestedArray<Float> { arraySync(as: Float.self) }

  /// The elements as nested arrays, converted if need be.
  public func arraySync<Element: TensorElement>(as type: Element.Type) -> NestedArray<Element> {
    NestedArray(dataSync(as: type)[...], shape: shape[...])
  }

  /// The only element.
  public func item() -> Float { item(as: Float.self) }

  /// The only element, converted if need be.
  public func item<Element: TensorElement>(as type: Element.Type) -> Element {
    guard count == 1 else {
      stop("item expects one element; got shape \(shape).", hint: "Read all with dataSync().")
    }
    return dataSync(as: type)[0]
  }

  /// The bytes of the elements in row-major order.
  public func bytes() -> [UInt8] {
    let buffer = buffer
    return [UInt8](unsafeUninitializedCapacity: type.byteCount) { bytes, initialized in
      let target = UnsafeMutableRawBufferPointer(start: bytes.baseAddress, count: type.byteCount)
      defaultDevice.copy(from: buffer, to: target)
      initialized = type.byteCount
    }
  }
}

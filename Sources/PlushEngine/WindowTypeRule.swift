// Types of what windows compute; see `TypeRule.swift`.

extension Convolution {
  /// The type of the output.
  func outputType(_ input: TensorType, _ filter: TensorType) throws -> TensorType {
    let rank = input.shape.count - 2
    guard motion.isValid(rank: rank), filter.shape.count == rank + 2, input.dtype == filter.dtype,
      input.dtype.isFloating
    else {
      throw TypeError(
        "convolution expects [batch, spatial…, channels] and [window…, channels, filters] of one "
          + "floating type with 1 to 3 spatial axes, and strides, dilations and padding for each; "
          + "got \(input), \(filter), \(motion).")
    }
    let (channels, filters) = (input.shape[rank + 1], filter.shape[rank + 1])
    guard groups > 0, channels % groups == 0, filters % groups == 0,
      filter.shape[rank] == channels / groups
    else {
      throw TypeError(
        "convolution in \(groups) groups expects channels and filters that are multiples of it, "
          + "and filters of channels / groups channels; got \(input), \(filter).")
    }
    let sizes = Array(input.shape[1...rank])
    let window = Array(filter.shape[..<rank])
    guard let places = motion.places(of: window, in: sizes) else {
      throw TypeError("The window \(window) of a convolution does not fit into \(sizes).")
    }
    return TensorType([input.shape[0]] + places + [filters], input.dtype)
  }

  /// The type of the input, of these sizes, that such an output and filter have.
  func inputType(_ output: TensorType, _ filter: TensorType, _ sizes: [Int]) throws -> TensorType {
    guard let batch = output.shape.first, filter.shape.count == sizes.count + 2 else {
      throw TypeError("A convolution of \(sizes) with \(filter) does not give \(output).")
    }
    let channels = filter.shape[sizes.count] * groups
    let input = TensorType([batch] + sizes + [channels], output.dtype)
    try require(output, of: input, filter)
    return input
  }

  /// The type of the filter, of these sizes, that such an input and output have.
  func filterType(_ input: TensorType, _ output: TensorType, _ sizes: [Int]) throws -> TensorType {
    guard input.shape.count == sizes.count + 2, output.shape.count == sizes.count + 2, groups > 0
    else { throw TypeError("A convolution of \(input) does not give \(output).") }
    let channels = input.shape[sizes.count + 1] / groups
    let filter = TensorType(sizes + [channels, output.shape[sizes.count + 1]], input.dtype)
    try require(output, of: input, filter)
    return filter
  }

  private func require(_ output: TensorType, of input: TensorType, _ filter: TensorType) throws {
    let expected = try outputType(input, filter)
    guard output == expected else {
      throw TypeError(
        "A convolution of \(input) with \(filter) gives \(expected); got the gradient \(output).")
    }
  }
}

extension Pooling {
  /// The type of the output.
  func outputType(_ input: TensorType) throws -> TensorType {
    let rank = input.shape.count - 2
    guard motion.isValid(rank: rank), window.count == rank, input.dtype.isFloating else {
      throw TypeError(
        "pool expects [batch, spatial…, channels] of a floating type with 1 to 3 spatial axes, "
          + "and a window, strides, dilations and padding for each; got \(input), window "
          + "\(window), \(motion).")
    }
    guard let places = motion.places(of: window, in: Array(input.shape[1...rank])) else {
      throw TypeError("The window \(window) of a pooling does not fit into \(input).")
    }
    return TensorType([input.shape[0]] + places + [input.shape[rank + 1]], input.dtype)
  }

  /// The type of the input, of these sizes, for operands of the gradient.
  func inputType(_ operands: [TensorType], _ sizes: [Int]) throws -> TensorType {
    let output = operands[0]
    guard let batch = output.shape.first, let channels = output.shape.last else {
      throw TypeError("A pooling of \(sizes) does not give \(output).")
    }
    let input = TensorType([batch] + sizes + [channels], output.dtype)
    let expected = try outputType(input)
    let operandTypes = kind == .max ? [expected, input] : [expected]
    guard operands == operandTypes else {
      throw TypeError(
        "The gradient of a pooling of \(input) expects \(operandTypes); got \(operands).")
    }
    return input
  }
}

import PlushTensor

/// The weights `kernel` that multiply the inputs and `bias` that are added to the outputs.
struct KernelAndBias {
  let kernelInitializer: Initializer
  let biasInitializer: Initializer
  let kernelRegularizer: Regularizer?
  let biasRegularizer: Regularizer?
  let kernelConstraint: Constraint?
  let biasConstraint: Constraint?
  private(set) var kernel: Variable?
  private(set) var bias: Variable?
}

extension KernelAndBias {
  init(config: JSON) throws {
    kernelInitializer = try Initializer(
      config: config["kernel_initializer"], default: .glorotUniform)
    biasInitializer = try Initializer(config: config["bias_initializer"], default: .zeros)
    kernelRegularizer = try Regularizer.read(config: config["kernel_regularizer"])
    biasRegularizer = try Regularizer.read(config: config["bias_regularizer"])
    kernelConstraint = try Constraint.read(config: config["kernel_constraint"])
    biasConstraint = try Constraint.read(config: config["bias_constraint"])
  }

  func write(to config: inout JSON) {
    config["kernel_initializer"] = kernelInitializer.config
    config["bias_initializer"] = biasInitializer.config
    config["kernel_regularizer"] = kernelRegularizer?.config ?? .null
    config["bias_regularizer"] = biasRegularizer?.config ?? .null
    config["kernel_constraint"] = kernelConstraint?.config ?? .null
    config["bias_constraint"] = biasConstraint?.config ?? .null
  }

  /// Makes the weights of a layer.
  ///
  /// - Parameters:
  ///   - layer: the layer.
  ///   - shape: the shape of the kernel.
  ///   - inputs: how many inputs each output of the kernel sums.
  ///   - outputs: how many outputs each input of the kernel goes to.
  ///   - biasShape: the shape of the bias; nil for none.
  mutating func build(
    for layer: Layer, shape: [Int], inputs: Int, outputs: Int, biasShape: [Int]?
  ) {
    kernel = layer.addWeight(
      "kernel",
      value: kernelInitializer(
        layer.checked(shape, of: "kernel"), inputs: inputs, outputs: outputs),
      regularizer: kernelRegularizer, constraint: kernelConstraint)
    bias = biasShape.map {
      layer.addWeight(
        "bias", shape: $0, initializer: biasInitializer, regularizer: biasRegularizer,
        constraint: biasConstraint)
    }
  }
}

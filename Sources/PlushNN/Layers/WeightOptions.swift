import PlushTensor

/// How a weight of a layer begins, is penalized and is kept in bounds.
struct WeightOptions {
  var initializer: Initializer
  var regularizer: Regularizer?
  var constraint: Constraint?

  /// A weight with these options.
  init(_ initializer: Initializer, _ regularizer: Regularizer?, _ constraint: Constraint?) {
    self.initializer = initializer
    self.regularizer = regularizer
    self.constraint = constraint
  }

  /// The options that a configuration has for a weight of this name.
  ///
  /// - Throws: `ModelError` if it names what there is not.
  init(config: JSON, _ name: String, default initializer: Initializer) throws {
    self.initializer = try Initializer(
      config: config["\(name)_initializer"], default: initializer)
    regularizer = try Regularizer.read(config: config["\(name)_regularizer"])
    constraint = try Constraint.read(config: config["\(name)_constraint"])
  }

  /// Writes the options for a weight of this name.
  func write(to config: inout JSON, _ name: String) {
    config["\(name)_initializer"] = initializer.config
    config["\(name)_regularizer"] = regularizer?.config ?? .null
    config["\(name)_constraint"] = constraint?.config ?? .null
  }
}

extension Layer {
  /// Makes a weight with these options and adds it to the layer's.
  func addWeight(_ name: String, shape: [Int], _ options: WeightOptions) -> Variable {
    addWeight(
      name, shape: shape, initializer: options.initializer, regularizer: options.regularizer,
      constraint: options.constraint)
  }
}

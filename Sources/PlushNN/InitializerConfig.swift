extension Initializer {
  /// The class of Keras and its arguments.
  public var config: JSON {
    switch self {
    case .zeros: named("Zeros", [:])
    case .ones: named("Ones", [:])
    case .constant(let value): named("Constant", ["value": .double(value)])
    case .randomUniform(let minimum, let maximum):
      named(
        "RandomUniform",
        ["minval": .double(minimum), "maxval": .double(maximum), "seed": nil])
    case .randomNormal(let mean, let deviation):
      named("RandomNormal", ["mean": .double(mean), "stddev": .double(deviation), "seed": nil])
    case .truncatedNormal(let mean, let deviation):
      named("TruncatedNormal", ["mean": .double(mean), "stddev": .double(deviation), "seed": nil])
    case .varianceScaling(let scale, let mode, let distribution):
      scalingConfig(scale, mode, distribution)
    case .orthogonal(let gain): named("Orthogonal", ["gain": .double(gain), "seed": nil])
    case .identity(let gain): named("Identity", ["gain": .double(gain)])
    }
  }

  private func named(_ className: String, _ config: JSON) -> JSON {
    ["class_name": .string(className), "config": config]
  }

  private func scalingConfig(_ scale: Double, _ mode: FanMode, _ form: Distribution) -> JSON {
    if let name = Initializer.scalings.first(where: { $0.value == self })?.key {
      return named(name, ["seed": nil])
    }
    // Versions 1 of the format say "normal" for what is truncated.
    let config: JSON = [
      "scale": .double(scale), "mode": .string(mode.rawValue),
      "distribution": .string(form.rawValue), "seed": nil,
    ]
    return named("VarianceScaling", config)
  }

  private static let scalings: [String: Initializer] = [
    "GlorotUniform": .glorotUniform, "GlorotNormal": .glorotNormal,
    "HeUniform": .heUniform, "HeNormal": .heNormal,
    "LecunUniform": .lecunUniform, "LecunNormal": .lecunNormal,
  ]

  /// Reads an initializer from a configuration; missing or null means `missing`.
  ///
  /// - Throws: `ModelError` if there is no such initializer.
  public init(config: JSON?, default missing: Initializer) throws {
    guard let config, !config.isNull else {
      self = missing
      return
    }
    let name = config.string ?? config["class_name"]?.string ?? ""
    guard let found = Initializer(className: name, config["config"] ?? [:]) else {
      throw ModelError(
        expected: "an initializer such as zeros, glorot_uniform or he_normal",
        found: config.string ?? config["class_name"]?.summary ?? config.summary)
    }
    self = found
  }

  private init?(className name: String, _ config: JSON) {
    func number(_ key: String, _ missing: Double) -> Double { config[key]?.double ?? missing }
    switch name.snakeCase {
    case "zeros", "zero": self = .zeros
    case "ones", "one": self = .ones
    case "constant": self = .constant(number("value", 0))
    case "random_uniform", "uniform":
      self = .randomUniform(minimum: number("minval", -0.05), maximum: number("maxval", 0.05))
    case "random_normal", "normal":
      self = .randomNormal(mean: number("mean", 0), standardDeviation: number("stddev", 0.05))
    case "truncated_normal":
      self = .truncatedNormal(mean: number("mean", 0), standardDeviation: number("stddev", 0.05))
    case "variance_scaling": self.init(scaling: config)
    case "orthogonal", "orthogonal_initializer": self = .orthogonal(gain: number("gain", 1))
    case "identity", "identity_initializer": self = .identity(gain: number("gain", 1))
    case let key:
      guard let scaling = Initializer.scalings.first(where: { $0.key.snakeCase == key })
      else { return nil }
      self = scaling.value
    }
  }

  private init?(scaling config: JSON) {
    let modeName = config["mode"]?.string?.snakeCase ?? FanMode.fanIn.rawValue
    let formName = config["distribution"]?.string?.snakeCase ?? "truncated_normal"
    let form = formName == "normal" ? .truncatedNormal : Distribution(rawValue: formName)
    guard let mode = FanMode(rawValue: modeName), let form else { return nil }
    self = .varianceScaling(scale: config["scale"]?.double ?? 1, mode: mode, form)
  }
}

import PlushNN
import PlushTensor
import Testing

@Suite struct InitializerTests {
  /// Name, configuration, and the mean and standard deviation that are expected of [300, 100].
  static let cases: [(String, JSON, Double, Double)] = [
    ("Zeros", [:], 0, 0),
    ("Ones", [:], 1, 0),
    ("Constant", ["value": 0.3], 0.3, 0),
    ("RandomNormal", ["mean": 1, "stddev": 0.2, "seed": nil], 1, 0.2),
    ("RandomUniform", ["minval": -1, "maxval": 2, "seed": nil], 0.5, 3 / 12.0.squareRoot()),
    ("TruncatedNormal", ["mean": 0, "stddev": 1, "seed": nil], 0, 0.87962566),
    (
      "VarianceScaling",
      ["scale": 3, "mode": "fan_out", "distribution": "untruncated_normal", "seed": nil], 0,
      0.03.squareRoot()
    ),
    ("GlorotNormal", [:], 0, (1 / 200.0).squareRoot()),
    ("GlorotUniform", [:], 0, (1 / 200.0).squareRoot()),
    ("HeNormal", [:], 0, (2 / 300.0).squareRoot()),
    ("HeUniform", [:], 0, (2 / 300.0).squareRoot()),
    ("LecunNormal", [:], 0, (1 / 300.0).squareRoot()),
    ("LecunUniform", [:], 0, (1 / 300.0).squareRoot()),
    ("Orthogonal", ["gain": 2, "seed": nil], 0, 2 / 300.0.squareRoot()),
    ("Identity", ["gain": 3], 3 / 300, 3 * (1 / 300 - 1 / 90_000.0).squareRoot()),
  ]

  @Test(arguments: cases.indices) func moments(_ place: Int) throws {
    let (name, config, mean, deviation) = InitializerTests.cases[place]
    let json: JSON = ["class_name": .string(name), "config": config]
    let initializer = try Initializer(config: json, default: .zeros)
    let values = withRandomKey(seed: 1) { initializer([300, 100]) }
    #expect(abs(Double(values.mean().item()) - mean) < 0.02 * max(deviation, 0.01))
    #expect(abs(Double(values.standardDeviation().item()) - deviation) <= 0.02 * deviation + 1e-6)
    #expect(try Initializer(config: initializer.config, default: .zeros) == initializer)
    #expect(initializer.config["class_name"]?.string == name)
  }

  @Test func faults() {
    #expect(throws: ModelError.self) { try Initializer(config: "glorot", default: .zeros) }
    #expect(throws: ModelError.self) {
      let json: JSON = ["class_name": "VarianceScaling", "config": ["mode": "fan"]]
      _ = try Initializer(config: json, default: .zeros)
    }
  }
}

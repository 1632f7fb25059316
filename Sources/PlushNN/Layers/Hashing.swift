import PlushTensor

/// Turns strings or whole numbers into numbers below `bins` by a hash, without a vocabulary.
///
/// Different inputs may meet in a bin. The numbers are those of Keras.
///
/// ```swift
/// let hashing = Hashing(bins: 64)
/// let bins = try hashing(["red", "green", "blue"])  // [3], int32
/// ```
///
/// Strings have no place in tensors, so the layer comes before the model, not into it.
///
/// Shapes: whole numbers [batch, …] stay [batch, …] (int32) for `.int`, see `CategoryOutput` for
/// others.
public final class Hashing: Layer {
  private let bins: Int
  private let maskValue: String?
  private let salt: [Int]?
  private let output: CategoryOutput

  /// Creates the layer.
  ///
  /// - Parameters:
  ///   - bins: how many bins.
  ///   - maskValue: an input, or the text of a number, that alone goes to bin 0.
  ///   - salt: two numbers that choose another hash; with them SipHash is used, else FarmHash.
  ///   - output: the form of the numbers.
  public init(
    bins: Int, maskValue: String? = nil, salt: (Int, Int)? = nil, output: CategoryOutput = .int,
    name: String? = nil
  ) {
    self.bins = bins
    self.maskValue = maskValue
    self.salt = salt.map { [$0.0, $0.1] }
    self.output = output
    super.init(name: name)
  }

  public required init(config: JSON) throws {
    bins = try config.get("num_bins", \.int)
    maskValue = config["mask_value"]?.string ?? config["mask_value"]?.int.map(String.init)
    let numbers = [Int](axisConfig: config["salt"])
    salt = numbers.map { $0.count == 1 ? [$0[0], $0[0]] : $0 }
    output = try CategoryOutput(config: config["output_mode"], default: .int)
    if let salt, salt.count != 2 {
      throw ModelError(expected: "a salt of one or two numbers", found: "\(salt)")
    }
    try super.init(config: config)
  }

  public override var config: JSON {
    var config = super.config
    config["num_bins"] = .int(bins)
    config["mask_value"] = maskValue.map(JSON.string) ?? .null
    config["salt"] = salt.map { .array($0.map(JSON.int)) } ?? .null
    config["output_mode"] = .string(output.rawValue)
    config["sparse"] = false
    return config
  }

  /// The bins of strings: [count] in the form `.int`.
  ///
  /// - Throws: `ModelError` if the layer was made with arguments that cannot be.
  public func callAsFunction(_ strings: [String]) throws -> Tensor {
    try encoded(strings, shape: [strings.count])
  }

  /// The bins of strings in rows: [rows, columns] in the form `.int`.
  ///
  /// - Throws: `ModelError` if rows differ in length.
  public func callAsFunction(_ rows: [[String]]) throws -> Tensor {
    try encoded(rows.flatMap { $0 }, shape: try tableShape(rows))
  }

  /// The bins of whole numbers: [count] in the form `.int`.
  ///
  /// - Throws: `ModelError` if the layer was made with arguments that cannot be.
  public func callAsFunction(_ numbers: [Int]) throws -> Tensor {
    try self(numbers.map(String.init))
  }

  private func encoded(_ strings: [String], shape: [Int]) throws -> Tensor {
    guard bins > 0 else { throw shapeError(expected: "at least one bin", found: "\(bins)") }
    guard output != .tfIDF else {
      throw shapeError(
        expected: "the output mode int, one_hot, multi_hot or count", found: output.rawValue)
    }
    _ = try outputShape(of: output, for: shape, depth: bins)
    let numbers = Tensor(strings.map { Int32(bin($0)) }, shape: shape)
    return output.encode(numbers, depth: bins)
  }

  private func bin(_ string: String) -> Int {
    // Bin 0 belongs to the mask if there is one.
    let reserved = maskValue != nil && bins > 1 ? 1 : 0
    if reserved == 1, string == maskValue { return 0 }
    let hash =
      salt.map {
        Hash64.sip(
          string, key: (UInt64(bitPattern: Int64($0[0])), UInt64(bitPattern: Int64($0[1]))))
      } ?? Hash64.farm(string)
    return Int(hash % UInt64(bins - reserved)) + reserved
  }

  public override func outputShape(for inputShape: Shape) throws -> Shape {
    throw beforeModel
  }

  public override func call(_ input: Tensor, training: Bool) throws -> Tensor {
    throw beforeModel
  }

  private var beforeModel: ModelError {
    shapeError(
      expected: "an array of strings or whole numbers", found: "a tensor",
      hint: "hash before the model, as in hashing([\"red\", \"green\"])")
  }
}

extension Layer {
  /// The shape of a table.
  ///
  /// - Throws: `ModelError` if rows differ in length.
  func tableShape<Element>(_ rows: [[Element]]) throws -> [Int] {
    let width = rows.first?.count ?? 0
    if let place = rows.firstIndex(where: { $0.count != width }) {
      throw shapeError(
        expected: "rows of one length, \(width)", found: "\(rows[place].count) in row \(place)")
    }
    return [rows.count, width]
  }
}

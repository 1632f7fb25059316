import PlushConformance
import PlushNN
import PlushTensor

/// What the layers of the golden files do, in operators; weights are named w0, w1, … in Keras's
/// order.
enum GoldenLayers {
  static func run(_ test: GoldenCase, _ inputs: [String: Tensor]) -> [Tensor]? {
    let config = test.json["config"] ?? .null
    let weights = (0..<8).compactMap { inputs["w\($0)"] }
    if let q = inputs["q"] { return attention(test, q, inputs, weights) }
    guard let x = inputs["x"] else { return nil }
    let (first, second) = (weights.first, weights.dropFirst().first)
    let epsilon = config["epsilon"]?.double ?? 0
    switch test.operation {
    case "Embedding": return [weights[0].gather(x)]
    case "Dense": return [(x.matmul(weights[0]) + weights[1]).relu()]
    case "PReLU": return [x.prelu(weights[0])]
    case "UnitNormalization": return [x.unitNormalization(axes: config["axis"]!.integers!)]
    case "RMSNormalization":
      return [
        x.rmsNormalization(axes: config["axis"]!.integers!, scale: first, epsilon: epsilon)
      ]
    case "LayerNormalization":
      return [
        x.layerNormalization(
          axes: config["axis"]!.integers!, scale: first, offset: second, epsilon: epsilon)
      ]
    case "GroupNormalization":
      return [
        x.groupNormalization(
          groups: config["groups"]!.int!, scale: first, offset: second, epsilon: epsilon)
      ]
    case "BatchNormalization": return batchNormalization(test, x, weights)
    case "SimpleRNN", "LSTM", "GRU", "Bidirectional":
      return recurrent(test, x, weights, mask: inputs["mask"])
    default: return nil
    }
  }

  /// A recurrent layer whose weights are these tensors.
  private static func recurrent(
    _ test: GoldenCase, _ x: Tensor, _ weights: [Tensor], mask: Tensor?
  ) -> [Tensor]? {
    guard
      let layer = try? Layer.make(className: test.operation, config: test.json["config"] ?? [:]),
      (try? layer(x)) != nil, layer.weights.count == weights.count
    else { return nil }
    for (variable, weight) in zip(layer.weights, weights) { variable.value = weight }
    return try? layer([x], masks: [mask])
  }

  private static func batchNormalization(
    _ test: GoldenCase, _ x: Tensor, _ weights: [Tensor]
  ) -> [Tensor] {
    let config = test.json["config"]!
    let (mean, variance) = (weights[weights.count - 2], weights[weights.count - 1])
    let scale = weights.count == 4 ? weights[0] : nil
    let offset = weights.count == 4 ? weights[1] : nil
    let normalized = { (mean: Tensor, variance: Tensor) in
      x.batchNormalization(
        mean: mean, variance: variance, offset: offset, scale: scale,
        epsilon: config["epsilon"]!.double!)
    }
    guard test.json["training"]?.bool == true else { return [normalized(mean, variance)] }
    let moments = x.moments(axes: Array(0..<x.rank - 1))
    let momentum = config["momentum"]!.double!
    return [
      normalized(moments.mean, moments.variance),
      mean.movingAverage(moments.mean, decay: momentum),
      variance.movingAverage(moments.variance, decay: momentum),
    ]
  }

  private static func attention(
    _ test: GoldenCase, _ q: Tensor, _ inputs: [String: Tensor], _ weights: [Tensor]
  ) -> [Tensor] {
    let isCausal = test.attribute("use_causal_mask")?.bool ?? false
    let v = inputs["v"]!
    if weights.isEmpty {
      return [dotProductAttention(query: q, key: inputs["k"]!, value: v, isCausal: isCausal)]
    }
    let hasBias = weights.count == 8
    let projected = { (x: Tensor, index: Int) in
      let heads = einsum("btf,fhd->bthd", x, weights[hasBias ? 2 * index : index])
      return hasBias ? heads + weights[2 * index + 1] : heads
    }
    let result = dotProductAttention(
      query: projected(q, 0), key: projected(v, 1), value: projected(v, 2), isCausal: isCausal)
    let output = einsum("bthd,hdf->btf", result, weights[hasBias ? 6 : 3])
    return [hasBias ? output + weights[7] : output]
  }
}

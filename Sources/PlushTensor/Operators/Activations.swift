import PlushEngine

// Names of TensorFlow.js, formulas of Keras 3.

extension Tensor {
  /// `max(x, 0)`, with gradient 0 at 0; integers stay integers.
  public func relu() -> Tensor {
    cast(to: dtype.arithmetic).differentiable {
      $0.maximum(0)
    } gradient: { _, y, g in
      (y .<= 0).select(0, g)
    }
  }

  /// `min(max(x, 0), 6)`; integers stay integers.
  public func relu6() -> Tensor {
    cast(to: dtype.arithmetic).differentiable {
      $0.clip(min: 0, max: 6)
    } gradient: { x, _, g in
      (x .<= 0).logicalOr(x .> 6).select(0, g)
    }
  }

  /// `x` where positive, `alpha · x` elsewhere.
  public func leakyRelu(alpha: Double = 0.2) -> Tensor {
    let x = floating
    return (x .>= 0).select(x, x * alpha)
  }

  /// `x` where positive, `alpha · x` elsewhere; alpha broadcasts.
  public func prelu(_ alpha: Tensor) -> Tensor {
    let x = floating
    return (x .>= 0).select(x, x * alpha)
  }

  /// 1 where positive, `alpha` elsewhere; NaN stays. Its gradient is 0.
  public func step(alpha: Double = 0) -> Tensor {
    let x = cast(to: dtype.arithmetic)
    let low = Tensor.fill(.real(alpha), TensorType([], x.dtype))
    return (x .!= x).select(x, (x .> 0).select(Tensor.ones(like: x), low)).stopGradient()
  }

  /// `x` where positive, `alpha (exp(x) - 1)` elsewhere.
  public func elu(alpha: Double = 1) -> Tensor {
    let x = floating
    return (x .> 0).select(x, x.orZeroIfPositive.expm1() * alpha)
  }

  /// `1.0507 x` where positive, `1.7581 (exp(x) - 1)` elsewhere: keeps mean 0 and variance 1.
  /// Klambauer et al., "Self-normalizing neural networks", 2017.
  public func selu() -> Tensor {
    elu(alpha: 1.6732632423543772848170429916717) * 1.0507009873554804934193349852946
  }

  /// `x` where positive, `alpha (exp(x / alpha) - 1)` elsewhere.
  public func celu(alpha: Double = 1) -> Tensor {
    let x = floating
    return (x .> 0).select(x, (x.orZeroIfPositive / alpha).expm1() * alpha)
  }

  /// `x Φ(x)` with the normal distribution's Φ, or its approximation by tanh: Hendrycks and Gimpel,
  /// "Gaussian error linear units", 2016.
  public func gelu(approximate: Bool = false) -> Tensor {
    let x = floating
    if approximate {
      let inner = (x + x * x * x * 0.044715) * 0.7978845608028654
      return x * 0.5 * (inner.tanh() + 1)
    }
    return x * 0.5 * ((x * 0.7071067811865476).erf() + 1)
  }

  /// `x · sigmoid(x)`, also called swish.
  public func silu() -> Tensor { floating * sigmoid() }

  /// `x · sigmoid(x)`, also called silu.
  public func swish() -> Tensor { silu() }

  /// `x · tanh(softplus(x))`.
  public func mish() -> Tensor { floating * softplus().tanh() }

  /// `log(1 + exp(x))`, without overflow.
  public func softplus() -> Tensor {
    floating.differentiable {
      (-$0.abs()).exp().log1p() + $0.maximum(0)
    } gradient: { x, _, g in
      g * x.sigmoid()
    }
  }

  /// `log(sigmoid(x))`, without underflow.
  public func logSigmoid() -> Tensor { -(-floating).softplus() }

  /// `x / (1 + |x|)`.
  public func softsign() -> Tensor { floating / (abs() + 1) }

  /// `x / 6 + 0.5`, between 0 and 1.
  public func hardSigmoid() -> Tensor { (floating / 6 + 0.5).clip(min: 0, max: 1) }

  /// `x · hardSigmoid(x)`.
  public func hardSwish() -> Tensor { floating * hardSigmoid() }

  /// `x`, between -1 and 1.
  public func hardTanh() -> Tensor { floating.clip(min: -1, max: 1) }

  /// `x` moved toward 0 by `threshold`, and 0 in between.
  public func softShrink(threshold: Double = 0.5) -> Tensor {
    let x = floating
    return (x .> threshold).select(x - threshold, (x .< -threshold).select(x + threshold, 0))
  }

  /// `x` where farther from 0 than `threshold`, else 0.
  public func hardShrink(threshold: Double = 0.5) -> Tensor {
    let x = floating
    return (x.abs() .> threshold).select(x, 0)
  }

  /// `x - tanh(x)`.
  public func tanhShrink() -> Tensor { floating - tanh() }

  /// `x` where above `threshold`, else `value`.
  public func threshold(_ threshold: Double, value: Double = 0) -> Tensor {
    let x = floating
    return (x .> threshold).select(x, value)
  }

  /// `(x + sqrt(x² + b)) / 2`.
  public func squareplus(b: Double = 4) -> Tensor {
    let x = floating
    return (x + (x * x + b).sqrt()) * 0.5
  }

  /// The first half of an axis times the sigmoid of the second: the axis comes out half as long.
  ///
  /// - Precondition: the axis has an even size.
  public func glu(axis: Int = -1) -> Tensor {
    let halves = floating.split(count: 2, axis: axis)
    return halves[0] * halves[1].sigmoid()
  }

  /// `exp(x)` divided by its sum along an axis, without overflow: the shape stays, and the elements
  /// along the axis sum to 1.
  public func softmax(axis: Int = -1) -> Tensor {
    let axis = self.axis(axis, "softmax")
    return floating.differentiable { x in
      let exponentials = (x - x.max(axis: axis, keepDims: true)).exp()
      // A quotient for each element would take more time than its exponential.
      return exponentials * exponentials.sum(axis: axis, keepDims: true).reciprocal()
    } gradient: { _, y, g in
      y * (g - (g * y).sum(axis: axis, keepDims: true))
    }
  }

  /// The logarithm of `softmax` along an axis, exact where the softmax is nearly 0.
  public func logSoftmax(axis: Int = -1) -> Tensor {
    let axis = self.axis(axis, "logSoftmax")
    return floating.differentiable { x in
      let shifted = x - x.max(axis: axis, keepDims: true)
      return shifted - shifted.exp().sum(axis: axis, keepDims: true).log()
    } gradient: { _, y, g in
      g - y.exp() * g.sum(axis: axis, keepDims: true)
    }
  }

  /// Safe for functions that overflow where they are not wanted.
  private var orZeroIfPositive: Tensor { (self .> 0).select(0, self) }
}

/// The primitives: everything else is composed of them.
///
/// An operation and the types of its operands determine the types of its results (`TypeRule.swift`).
/// Adding a case makes the compiler name every place that must learn it: the type rule, the
/// gradient, the reference device and the devices.
public enum Op: Hashable, Sendable {
  // Sources.
  /// The value bound to input `index` when the program runs.
  case parameter(index: Int, TensorType)
  /// Every element the same.
  case fill(Scalar, TensorType)
  /// Each element's position along `axis`.
  case iota(axis: Int, TensorType)
  /// 32 random bits an element (int32) from a key, int64 [seed, counter]: Philox 4×32-10.
  /// Draws with different `stream` under one key are independent.
  case randomBits(stream: Int, shape: [Int])

  // Element by element; operands have equal shapes.
  /// One function of each element.
  case unary(UnaryOperation)
  /// One function of two elements in the same place, of one type.
  case binary(BinaryOperation)
  /// Result is bool.
  case compare(Comparison)
  /// Operands: condition (bool), value where true, value where false.
  case select
  /// Elements as those of another type.
  case cast(DType)

  // Along axes.
  /// The axes disappear from the shape.
  case reduce(Reduction, axes: [Int])
  /// Index (int32) of the first largest or smallest element; the axis disappears.
  case argReduce(ArgReduction, axis: Int)
  /// Running reduction.
  case scan(Reduction, axis: Int, exclusive: Bool, reverse: Bool)
  /// Indices (int32) that sort the axis; stable, NaN last.
  case argsort(axis: Int, descending: Bool)

  // Movement.
  /// The elements in the same order, in another shape of as many.
  case reshape([Int])
  /// Axis i of the result is axis number i of the list in the operand.
  case transpose([Int])
  /// Axes line up from the right; an axis of size one repeats.
  case broadcast([Int])
  /// Elements `start`, `start + stride`, … of each axis, `size` of them.
  case slice(starts: [Int], sizes: [Int], strides: [Int])
  /// Operands: array, scalar to pad with.
  case pad(low: [Int], high: [Int])
  /// The elements of these axes from the last to the first.
  case reverse(axes: [Int])
  /// Operands one after another along an axis; their other axes are equal.
  case concatenate(axis: Int)

  // Products of matrices: [batch…, m, k] · [batch…, k, n], equal batch axes.
  /// Operands: left and right matrices, whose last two axes may be read transposed.
  case matmul(transposeA: Bool, transposeB: Bool)

  // Windows that move over arrays [batch, spatial…, channels].
  /// Operands: input and filter.
  case convolution(Convolution)
  /// The gradient at an input of these spatial sizes; operands: gradient of the output, filter.
  case convolutionInputGradient(Convolution, sizes: [Int])
  /// The gradient at a filter of these spatial sizes; operands: input, gradient of the output.
  case convolutionFilterGradient(Convolution, sizes: [Int])
  /// One number for each place of a window and each channel.
  case pool(Pooling)
  /// The gradient at an input of these spatial sizes; operands: gradient of the output and, of the
  /// largest, the input.
  case poolGradient(Pooling, sizes: [Int])

  /// A recurrent layer's steps over a sequence; operands and results as `Recurrence` tells.
  case recurrent(Recurrence)
  /// Its gradient; operands and results as `RecurrenceGradient` tells.
  case recurrentGradient(RecurrenceGradient)

  /// X with T·X = B; operands: triangles [batch…, n, n] and right sides [batch…, n, k].
  case solveTriangular(Triangle)
  /// Matrices in the last two axes as products; results as the factorization tells.
  case factorize(Factorization)
  /// Discrete Fourier transform, not scaled, of complex numbers [batch…, length, 2], real and
  /// imaginary part in the last axis; the inverse turns the other way.
  case fft(inverse: Bool)

  // Indexing; operands: array or updates, indices (int32).
  /// [outer…, length, inner…] and [count…] give [outer…, count…, inner…].
  case gather(axis: Int)
  /// [outer…, count…, inner…] and [count…] add up into [outer…, length, inner…]; `indexRank` axes
  /// from `axis` on belong to the indices.
  case scatterAdd(axis: Int, length: Int, indexRank: Int)
  /// An index for each element along `axis`; indices have the shape of the result.
  case gatherElements(axis: Int)
  /// Operands of equal shape; adds up into an axis of `length`.
  case scatterAddElements(axis: Int, length: Int)

  /// A group of instructions that runs as one pass over memory. Only passes make it.
  case fused(Fusion)
}

/// Operations on one element.
public enum UnaryOperation: UInt8, Hashable, Sendable, CaseIterable {
  /// `-x`.
  case negate
  /// `|x|`.
  case abs
  /// -1, 0 or 1; NaN stays.
  case sign
  /// Down to a whole number.
  case floor
  /// Up to a whole number.
  case ceil
  /// Half to even.
  case round
  /// Toward zero to a whole number.
  case truncate
  /// `eˣ`.
  case exp
  /// `eˣ - 1`, exact near zero.
  case expm1
  /// The natural logarithm.
  case log
  /// `log(1 + x)`, exact near zero.
  case log1p
  /// `√x`.
  case sqrt
  /// `1 / √x`.
  case rsqrt
  /// `1 / x`.
  case reciprocal
  /// The sine of an angle in radians.
  case sin
  /// The cosine of an angle in radians.
  case cos
  /// The tangent of an angle in radians.
  case tan
  /// The angle with this sine, from -π/2 to π/2.
  case asin
  /// The angle with this cosine, from 0 to π.
  case acos
  /// The angle with this tangent, from -π/2 to π/2.
  case atan
  /// The hyperbolic sine.
  case sinh
  /// The hyperbolic cosine.
  case cosh
  /// The hyperbolic tangent.
  case tanh
  /// The inverse of `sinh`.
  case asinh
  /// The inverse of `cosh`.
  case acosh
  /// The inverse of `tanh`.
  case atanh
  /// `1 / (1 + e⁻ˣ)`.
  case sigmoid
  /// The error function: `2 / √π` times the integral of `exp(-t²)` from 0 to x.
  case erf
  /// The inverse of `erf`.
  case erfInverse
  /// Whether it is not a number.
  case isNaN
  /// Whether it is neither infinite nor NaN.
  case isFinite
  /// Whether it is infinite, above or below zero.
  case isInfinite
  /// Whether it is zero, or false.
  case logicalNot
  /// Every bit the other way; integers only.
  case bitNot

  /// Whether the result is bool whatever the operand's type.
  public var isPredicate: Bool {
    switch self {
    case .isNaN, .isFinite, .isInfinite, .logicalNot: true
    default: false
    }
  }
}

/// Operations on two elements of one type.
public enum BinaryOperation: UInt8, Hashable, Sendable, CaseIterable {
  /// `a + b`; integers wrap around.
  case add
  /// `a - b`; integers wrap around.
  case subtract
  /// `a · b`; integers wrap around.
  case multiply
  /// Integers divide toward zero; by zero gives 0.
  case divide
  /// The quotient rounded down; integers by zero give 0.
  case floorDivide
  /// Sign of the divisor.
  case modulo
  /// Sign of the dividend.
  case remainder
  /// `aᵇ`.
  case power
  /// NaN wins.
  case maximum
  /// NaN wins.
  case minimum
  /// The angle of the point (b, a), in radians from -π to π.
  case atan2
  /// Bits set in both.
  case bitAnd
  /// Bits set in either.
  case bitOr
  /// Bits set in one only.
  case bitXor
  /// Bits of the first moved up by the second; zeros come in.
  case shiftLeft
  /// Logical.
  case shiftRight
}

/// Comparisons of two elements of one type.
public enum Comparison: UInt8, Hashable, Sendable, CaseIterable {
  /// `a = b`; NaN equals nothing.
  case equal
  /// `a ≠ b`; true for NaN.
  case notEqual
  /// `a < b`; false for NaN.
  case less
  /// `a ≤ b`; false for NaN.
  case lessEqual
}

/// Ways to make one value of many.
public enum Reduction: UInt8, Hashable, Sendable, CaseIterable {
  /// The sum; of none 0.
  case sum
  /// The product; of none 1.
  case product
  /// The largest; NaN wins.
  case max
  /// The smallest; NaN wins.
  case min
}

/// Which element's index is wanted.
public enum ArgReduction: UInt8, Hashable, Sendable, CaseIterable {
  /// Of the largest.
  case max
  /// Of the smallest.
  case min
}

/// Ways to write a matrix as a product. Arithmetic happens in double precision.
public enum Factorization: UInt8, Hashable, Sendable, CaseIterable {
  /// L of L·Lᵀ, lower triangular, for a symmetric matrix of which the lower triangle is read; NaN
  /// if it is not positive definite.
  case cholesky
  /// L, without its diagonal of ones, and U in one square matrix; permutation (int32): row i of L·U
  /// is row permutation[i] of the operand.
  case lu
  /// Q [m, n] with orthonormal columns and R [n, n], upper triangular; m >= n.
  case qr
  /// U [m, n], singular values [n], descending, and V [n, n] with U·diag(s)·Vᵀ; m >= n.
  case svd
}

/// The triangle of a square matrix that a system of equations reads.
public struct Triangle: Hashable, Sendable {
  /// Whether it is the upper one.
  public var isUpper: Bool
  /// Whether its transposition is meant.
  public var isTransposed: Bool
  /// Whether the diagonal counts as ones.
  public var hasUnitDiagonal: Bool

  /// The upper or the lower triangle.
  public init(isUpper: Bool, isTransposed: Bool = false, hasUnitDiagonal: Bool = false) {
    self.isUpper = isUpper
    self.isTransposed = isTransposed
    self.hasUnitDiagonal = hasUnitDiagonal
  }
}

extension Op {
  /// A short name, for people.
  public var name: String {
    switch self {
    case .parameter: "parameter"
    case .fill: "fill"
    case .iota: "iota"
    case .randomBits: "randomBits"
    case .unary(let operation): "\(operation)"
    case .binary(let operation): "\(operation)"
    case .compare(let comparison): "\(comparison)"
    case .select: "select"
    case .cast: "cast"
    case .reduce(let reduction, _): "\(reduction)"
    case .argReduce(let reduction, _): "arg\(reduction == .max ? "Max" : "Min")"
    case .scan(let reduction, _, _, _): "scan(\(reduction))"
    case .argsort: "argsort"
    case .reshape: "reshape"
    case .transpose: "transpose"
    case .broadcast: "broadcast"
    case .slice: "slice"
    case .pad: "pad"
    case .reverse: "reverse"
    case .concatenate: "concatenate"
    case .matmul: "matmul"
    case .convolution: "convolution"
    case .convolutionInputGradient: "convolutionInputGradient"
    case .convolutionFilterGradient: "convolutionFilterGradient"
    case .pool(let pooling): "\(pooling.kind)Pool"
    case .poolGradient(let pooling, _): "\(pooling.kind)PoolGradient"
    case .recurrent(let recurrence): "\(recurrence.kind)"
    case .recurrentGradient(let gradient): "\(gradient.recurrence.kind)Gradient"
    case .solveTriangular: "solveTriangular"
    case .factorize(let factorization): "\(factorization)"
    case .fft: "fft"
    case .gather: "gather"
    case .scatterAdd: "scatterAdd"
    case .gatherElements: "gatherElements"
    case .scatterAddElements: "scatterAddElements"
    case .fused: "fused"
    }
  }
}

import PlushEngine
import PlushNN
import PlushTensor

/// What steps work on.
enum TensorFlowJSValue {
  case tensor(Tensor)
  case complex(ComplexTensor)
  /// Zeros that stand for the gradient at integers.
  case noGradient(Tensor)

  /// A recorded constant.
  init(constant: JSON) throws {
    let shape = try constant.get("shape", \.integers)
    let numbers = try constant.get("data", \.array)
    guard let dtype = DType(name: try constant.get("dtype", \.string)) else {
      throw TensorFlowJSError(gap: "constants of type \(constant["dtype"]?.string ?? "")")
    }
    guard shape.allSatisfy({ $0 >= 0 }), numbers.count == shape.elementCount else {
      throw TensorFlowJSError("a constant of shape \(shape) has \(numbers.count) numbers")
    }
    self = .tensor(
      Tensor(numbers.map(\.number), shape: shape, dtype: .float64).cast(to: dtype))
  }

  var tensor: Tensor {
    get throws {
      switch self {
      case .tensor(let tensor), .noGradient(let tensor): return tensor
      case .complex: throw TensorFlowJSError(gap: "this operator on complex numbers")
      }
    }
  }

  var complex: ComplexTensor {
    switch self {
    case .tensor(let tensor), .noGradient(let tensor): ComplexTensor(tensor)
    case .complex(let complex): complex
    }
  }

  var isComplex: Bool { if case .complex = self { true } else { false } }

  var isNoGradient: Bool { if case .noGradient = self { true } else { false } }

  /// The name of the type in TensorFlow.js.
  var dtype: String {
    switch self {
    case .tensor(let tensor), .noGradient(let tensor): tensor.dtype.name
    case .complex: "complex64"
    }
  }

  var shape: [Int] {
    switch self {
    case .tensor(let tensor), .noGradient(let tensor): tensor.shape
    case .complex(let complex): complex.shape
    }
  }

  /// In row-major order; of complex numbers real and imaginary part in turn.
  var elements: [Double] {
    switch self {
    case .tensor(let tensor), .noGradient(let tensor): tensor.dataSync(as: Double.self)
    case .complex(let complex):
      stack([complex.real, complex.imaginary], axis: -1).dataSync(as: Double.self)
    }
  }
}

/// Why a case cannot run or fails before its expectations.
struct TensorFlowJSError: Error {
  var message: String
  /// Whether it is something that Plush does not have, rather than something wrong.
  var isGap: Bool

  init(_ message: String) { (self.message, isGap) = (message, false) }
  init(gap message: String) { (self.message, isGap) = (message, true) }

  static let noGradient = TensorFlowJSError(gap: "integers have no gradient")
}

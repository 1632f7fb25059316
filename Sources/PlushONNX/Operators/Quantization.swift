import PlushTensor

extension ONNXOperators {
  static let quantization: [String: ONNXOperator] = [:]
}

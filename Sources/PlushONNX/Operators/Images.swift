import PlushTensor

extension ONNXOperators {
  static let images: [String: ONNXOperator] = [:]
}

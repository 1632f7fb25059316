import PlushTensor

extension ONNXOperators {
  static let attention: [String: ONNXOperator] = [:]
}

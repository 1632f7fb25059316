import PlushTensor

extension TensorFlowJSOperators {
  static let recurrent: [String: Operator] = [
    "basicLSTMCell": several { try basicLSTMCell($0) }
  ]

  /// One step whose gates stand in the order input, candidate, forget, output.
  private static func basicLSTMCell(_ arguments: TensorFlowJSArguments) throws -> [Tensor] {
    let (forgetBias, kernel, bias) = (
      try arguments.tensor(0), try arguments.tensor(1), try arguments.tensor(2)
    )
    let (x, c, h) = (try arguments.tensor(3), try arguments.tensor(4), try arguments.tensor(5))
    let gates = (concatenate([x, h], axis: 1).matmul(kernel) + bias).split(count: 4, axis: 1)
    let state =
      gates[0].sigmoid() * gates[1].tanh() + c * (gates[2] + forgetBias).sigmoid()
    return [state, state.tanh() * gates[3].sigmoid()]
  }
}

import Plush

/// The U-Net that is timed, 64 to 1024 filters, for grey squares of this side.
func uNet(side: Int) throws -> Model {
  let filters = [64, 128, 256, 512]
  let input = Input(shape: [side, side, 1])
  var x = input
  var mirrors: [SymbolicTensor] = []
  for count in filters {
    mirrors.append(twoConvolutions(x, filters: count))
    x = MaxPooling2D(poolSize: 2)(mirrors[mirrors.count - 1])
  }
  x = twoConvolutions(x, filters: 1024)
  for (count, mirror) in zip(filters, mirrors).reversed() {
    let joined = Concatenate(axis: 3)([UpSampling2D((2, 2))(x), mirror])
    x = twoConvolutions(joined, filters: count)
  }
  return try Model(
    inputs: input, outputs: Conv2D(1, kernelSize: 1, activation: .sigmoid)(x))
}

private func twoConvolutions(_ input: SymbolicTensor, filters: Int) -> SymbolicTensor {
  (0..<2).reduce(input) { x, _ in
    Conv2D(filters, kernelSize: 3, padding: .same, activation: .relu)(x)
  }
}

import PlushEngine
import PlushFormats
import PlushNN
import PlushTensor
import PlushTestSupport
import Testing

/// Checks all that a layer promises: shapes, number of weights, gradients against differences of
/// values, the way through a configuration, and that training changes the weights.
///
/// - Parameters:
///   - make: makes the layer.
///   - inputShapes: shapes of the inputs, the axis of samples first.
///   - outputShape: the shape that is expected to come out.
///   - parameters: how many numbers the weights should hold.
///   - inputs: gives the inputs; by default random numbers.
///   - hasGradient: whether the output changes smoothly with inputs and weights.
func checkLayer(
  _ make: () throws -> Layer, _ inputShapes: [[Int]], gives outputShape: [Int], parameters: Int,
  inputs makeInputs: (([Int]) -> Tensor)? = nil, training: Bool = false, hasGradient: Bool = true,
  sourceLocation: SourceLocation = #_sourceLocation
) throws {
  // Tests run at the same time: each has random numbers of its own.
  try withRandomKey(seed: 7) {
    try check(
      make, inputShapes, outputShape, parameters, makeInputs, training, hasGradient,
      sourceLocation)
  }
}

private func check(
  _ make: () throws -> Layer, _ inputShapes: [[Int]], _ outputShape: [Int], _ parameters: Int,
  _ makeInputs: (([Int]) -> Tensor)?, _ training: Bool, _ hasGradient: Bool,
  _ sourceLocation: SourceLocation
) throws {
  let layer = try make()
  let inputs = inputShapes.map { shape in
    makeInputs?(shape) ?? Tensor.randomNormal(shape, mean: 0.3, standardDeviation: 1)
  }
  let output = try layer(inputs, training: training)[0]
  #expect(output.shape == outputShape, sourceLocation: sourceLocation)
  let batchless = inputShapes.map { shape -> Shape in [nil] + shape.dropFirst().map { $0 } }
  let inferred = try layer.outputShapes(for: batchless)[0]
  #expect(
    Array(inferred.dropFirst()) == Array(outputShape.dropFirst()), sourceLocation: sourceLocation)
  #expect(layer.parameterCount == parameters, sourceLocation: sourceLocation)

  let copy = try Layer.make(className: type(of: layer).className, config: layer.config)
  #expect(copy.config == layer.config, sourceLocation: sourceLocation)
  if !training {
    _ = try copy(inputs)
    for (from, to) in zip(layer.weights, copy.weights) { to.value = from.value }
    #expect(
      isClose(try copy(inputs)[0], output), sourceLocation: sourceLocation)
  }
  if hasGradient {
    try checkGradients(layer, inputs, training: training, sourceLocation)
  }
  try checkTraining(make, inputs, sourceLocation)
}

/// Compares gradients with differences, on the reference device in double precision.
private func checkGradients(
  _ layer: Layer, _ inputs: [Tensor], training: Bool, _ location: SourceLocation
) throws {
  try withDevice(ReferenceDevice()) {
    let variables = layer.trainableWeights
    let points = inputs + variables.map(\.value)
    let saved = layer.weights.map(\.value)
    // Weighted so that no gradient vanishes by symmetry, as that of a softmax's sum does.
    let loss: ([Tensor]) throws -> Tensor = { values in
      for (variable, value) in zip(layer.weights, saved) { variable.value = value }
      for (variable, value) in zip(variables, values[inputs.count...]) { variable.value = value }
      let output = try layer(Array(values[..<inputs.count]), training: training)[0]
      let weights = Tensor.range(0, output.count).cast(to: .float32).reshape(output.shape)
      return (output * (weights * 0.7).sin()).sum()
    }
    let analytic = try gradient(at: points, loss)
    for (place, point) in points.enumerated() {
      let values = point.dataSync()
      let found = analytic[place].dataSync()
      for element in stride(from: 0, to: values.count, by: max(1, values.count / 7)) {
        let step: Float = 2e-3
        let sides = try [step, -step].map { change in
          var moved = values
          moved[element] += change
          var all = points
          all[place] = Tensor(moved, shape: point.shape)
          return try loss(all).item()
        }
        let numeric = (sides[0] - sides[1]) / (2 * step)
        let error = abs(numeric - found[element])
        #expect(
          error < 2e-2 * max(1, abs(numeric)), "gradient \(place)[\(element)]: \(found[element])",
          sourceLocation: location)
      }
    }
    for (variable, value) in zip(layer.weights, saved) { variable.value = value }
  }
}

/// Checks that a step of training changes every trainable weight.
private func checkTraining(
  _ make: () throws -> Layer, _ inputs: [Tensor], _ location: SourceLocation
) throws {
  let symbols = inputs.map { Input(shape: $0.shape.dropFirst().map { $0 }) }
  let layer = try make()
  let model = try Model(inputs: symbols, outputs: [layer(symbols)])
  try model.compile(optimizer: .sgd(learningRate: 0.5), loss: .meanSquaredError)
  let shape = [inputs[0].shape[0]] + model.outputShapes[0].dropFirst().map { $0! }
  let truth = Tensor.randomNormal(shape, mean: 1, standardDeviation: 2)
  let before = model.trainableWeights.map { $0.value.dataSync() }
  #expect(try model.trainOnBatch(inputs, [truth]).isFinite, sourceLocation: location)
  for (old, weight) in zip(before, model.trainableWeights) {
    #expect(old != weight.value.dataSync(), "\(weight.name)", sourceLocation: location)
  }
  let folder = try TestFolder()
  try model.save(to: folder.path)
  let loaded = try loadModel(from: folder.path)
  #expect(
    isClose(try loaded.predict(inputs)[0], try model.predict(inputs)[0]), sourceLocation: location)
}

/// Whether two arrays agree but for rounding.
func isClose(_ left: Tensor, _ right: Tensor, tolerance: Float = 1e-5) -> Bool {
  left.shape == right.shape
    && zip(left.dataSync(), right.dataSync()).allSatisfy {
      abs($0 - $1) <= tolerance * max(1, abs($1))
    }
}

import Plush
import PlushMedia
import PlushZoo

/// Pictures of what a layer looks for, and of what it makes of a picture.
struct LayerPictures {
  let model: Model
  let layer: String

  /// More would be too small to be seen.
  private static let limit = 256

  /// A grid of the layer's filters; of a dense layer that takes a picture, a picture for each unit.
  func filters() throws -> Picture {
    guard let kernel else {
      let known = model.layers.map(\.name).filter {
        LayerPictures(model: model, layer: $0).kernel != nil
      }
      throw ModelError(
        expected: known.isEmpty
          ? "a model with convolutions" : "a layer with filters: \(known.joined(separator: ", "))",
        found: "'\(layer)'")
    }
    let (inputs, outputs) = (kernel.shape[2], kernel.shape[3])
    let size = "\(kernel.shape[1])×\(kernel.shape[0])" + (inputs > 1 ? "×\(inputs)" : "")
    let colors = inputs == 3 ? "grey is zero" : "red above zero, blue below"
    return grid(
      Picture.filters(of: kernel), title: "\(layer): \(outputs) filters of \(size), \(colors)")
  }

  private var kernel: Tensor? {
    let inputs = model.inputShapes.first?.dropFirst().compactMap(\.self).reduce(1, *) ?? 0
    let side = Int(Double(inputs).squareRoot())
    for weight in model.namedWeights where weight.name.hasPrefix("\(layer)/") {
      let value = weight.variable.value
      if value.rank == 4 { return value }
      if value.rank == 2, side > 2, side * side == inputs, value.shape[0] == inputs {
        return value.reshape([side, side, 1, value.shape[1]])
      }
    }
    return nil
  }

  /// A grid of what the layer makes of the first picture in a file, with that picture before it.
  func featureMaps(of path: String) throws -> Picture {
    guard let shape = PictureShape(input: model.inputShapes.first) else {
      throw ModelError(
        expected: "a model that takes pictures, of shape [height, width, channels]",
        found: "one that takes \(model.inputShapes.first?.text ?? "nothing")")
    }
    let x = try shape.pictures(inFile: path)[0..<1]
    guard let activation = try model.activations(of: [layer], for: x).first?.tensor,
      activation.rank == 4
    else {
      throw ModelError(
        expected: "a layer that gives pictures, such as a convolution", found: "'\(layer)'")
    }
    let maps = Picture.featureMaps(of: activation)
    let size = "\(activation.shape[2])×\(activation.shape[1])"
    return grid(
      maps, before: Picture.all(in: x), title: "\(layer): \(maps.count) feature maps of \(size)")
  }

  private func grid(_ pictures: [Picture], before: [Picture] = [], title: String) -> Picture {
    let some = pictures.prefix(Self.limit)
    let cell = some.count <= 16 ? 120 : some.count <= 64 ? 80 : 48
    return Picture.grid(
      before + some, captions: before.map { _ in "input" } + some.indices.map { "\($0)" },
      title: some.count < pictures.count ? "\(title), the first \(some.count)" : title, cell: cell)
  }
}

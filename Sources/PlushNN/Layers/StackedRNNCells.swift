import PlushTensor

/// Several cells as one, each working on the output of the one before.
public final class StackedRNNCells: RecurrentCell {
  /// The cells, the one that sees the input first.
  public let cells: [RecurrentCell]

  /// Creates the cell.
  public init(_ cells: [RecurrentCell], name: String? = nil) {
    self.cells = cells
    super.init(name: name)
  }

  public required init(config: JSON) throws {
    cells = try config.get("cells", \.array).map { json in
      guard let cell = try Layer.make(inner: json) as? RecurrentCell else {
        throw ModelError(expected: "recurrent cells", found: json.summary)
      }
      return cell
    }
    try super.init(config: config)
  }

  public override var config: JSON {
    var config = super.config
    config["cells"] = .array(cells.map(\.classAndConfig))
    return config
  }

  /// The shape that each cell sees.
  private func inputShapes(for inputShape: Shape) throws -> [Shape] {
    guard !cells.isEmpty else { throw shapeError(expected: "at least one cell", found: "none") }
    var shapes = [inputShape]
    for cell in cells.dropLast() {
      shapes.append(try cell.naming { try cell.outputShape(for: shapes[shapes.count - 1]) })
    }
    return shapes
  }

  public override func stateShapes(for inputShape: Shape) throws -> [Shape] {
    try zip(cells, inputShapes(for: inputShape)).flatMap { try $0.stateShapes(for: $1) }
  }

  public override func outputShape(for inputShape: Shape) throws -> Shape {
    let inputs = try inputShapes(for: inputShape)
    return try cells[cells.count - 1].outputShape(for: inputs[inputs.count - 1])
  }

  public override func build(inputShape: Shape) throws {
    for (cell, shape) in zip(cells, try inputShapes(for: inputShape)) {
      try cell.buildOnce([shape])
    }
  }

  public override func step(
    _ input: Tensor, states: [Tensor], training: Bool
  ) throws -> (output: Tensor, states: [Tensor]) {
    var (output, rest) = (input, states[...])
    var new: [Tensor] = []
    for cell in cells {
      let count = try cell.stateShapes(for: output.shape.map { $0 }).count
      if isFirstStep { cell.beginSequence(output, training: training) }
      let result = try cell.step(
        output, states: Array(rest.prefix(count)), training: training)
      rest = rest.dropFirst(count)
      new += result.states
      output = result.output
    }
    isFirstStep = false
    return (output, new)
  }

  /// Cells see the first input of a sequence when those before them have worked on it.
  private var isFirstStep = true

  public override func beginSequence(_ input: Tensor, training: Bool) { isFirstStep = true }
}

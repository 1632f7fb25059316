// The layout is that of TensorFlow.js.

extension Model {
  /// Prints the layers, their shapes and how many weights they have.
  ///
  /// - Parameter print: takes each line.
  /// - Returns: the text.
  /// - Throws: `ModelError` if the model cannot be built yet.
  @discardableResult
  public func summary(print: (String) -> Void = { Swift.print($0) }) throws -> String {
    try build()
    let lines = summaryLines()
    lines.forEach(print)
    return lines.joined(separator: "\n")
  }

  private func summaryLines() -> [String] {
    guard let graph else { return [] }
    let row = graph.isRow
    let width = row ? 90 : 115
    let stops = (row ? [32, 61, 89, 100] : [24, 48, 70, 80, 100]).map { width * $0 / 100 }
    let titles = ["Layer (type)", "Input Shape", "Output shape", "Param #"]
    var lines = [String(repeating: "_", count: width)]
    lines.append(Self.line(row ? titles : titles + ["Receives inputs"], stops))
    lines.append(String(repeating: "=", count: width))
    for (place, layer) in layers.enumerated() {
      lines += graph.cells(of: layer, connections: !row).map { Self.line($0, stops) }
      let rule = place == layers.count - 1 ? "=" : "_"
      lines.append(String(repeating: rule, count: width))
    }
    let trainable = trainableWeights.reduce(0) { $0 + $1.shape.reduce(1, *) }
    lines.append("Total params: \(parameterCount)")
    lines.append("Trainable params: \(trainable)")
    lines.append("Non-trainable params: \(parameterCount - trainable)")
    lines.append(String(repeating: "_", count: width))
    return lines
  }

  /// Cells cut to their columns, with a space at the end of each.
  private static func line(_ cells: [String], _ stops: [Int]) -> String {
    var line = ""
    for (place, cell) in cells.enumerated() {
      if place > 0 { line = line.dropLast() + " " }
      line = String((line + cell).prefix(stops[place]))
      line += String(repeating: " ", count: stops[place] - line.count)
    }
    return line
  }
}

extension Graph {
  /// Whether the layers follow each other without branches, and none is called twice.
  fileprivate var isRow: Bool {
    nodes.count == layers.count && outputs.count == 1 && inputs.count == 1
      && zip(nodes.dropFirst(), nodes).allSatisfy { node, previous in
        node.inputs.count == 1 && node.inputs[0].node === previous
      }
  }

  fileprivate func cells(of layer: Layer, connections: Bool) -> [[String]] {
    let nodes = nodes(of: layer)
    let inputs = nodes.map(\.inputShapes.text).joined(separator: ",")
    let outputs = Set(
      nodes.map { node in
        let shapes = node.outputs.map(\.shape)
        return shapes.count == 1 ? shapes[0].text : shapes.text
      })
    // The layers of a model that overrides `call` are called in code that no graph shows.
    let output = outputs.count == 1 ? outputs.first! : nodes.isEmpty ? "?" : "multiple"
    let cells =
      ["\(layer.name) (\(type(of: layer).className))", inputs, output]
      + ["\(layer.parameterCount)"]
    guard connections else { return [cells] }
    let sources = nodes.flatMap(\.inputs).map {
      "\($0.node.layer.name)[\(place(of: $0.node))][\($0.index)]"
    }
    return [cells + [sources.first ?? ""]] + sources.dropFirst().map { ["", "", "", "", $0] }
  }
}

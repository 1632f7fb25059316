import Plush

extension Linear {
  /// A table with the columns x and y, or 200 points drawn around a line.
  public func data(from path: String?, seed: Int, reporter: any Reporter) throws -> NetworkData {
    if let path {
      let table = try Table(file: path)
      let x = Tensor(try table.numbers("x").map { Float($0) }, shape: [table.rowCount, 1])
      let y = Tensor(try table.numbers("y").map { Float($0) }, shape: [table.rowCount, 1])
      return try heldOut(x, y, origin: path)
    }
    let x = Tensor.randomUniform([200, 1], low: -1, high: 1)
    let noise = Tensor.randomNormal([200, 1], mean: 0, standardDeviation: 0.2)
    let y = x * Self.slope + Self.intercept + noise
    return try heldOut(
      x, y, origin: "points drawn around a line", record: ["is_made": true])
  }
}

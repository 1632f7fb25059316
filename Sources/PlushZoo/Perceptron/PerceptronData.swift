import Plush

extension Perceptron {
  /// A table with the columns x1, x2 and class (0 or 1), or two clouds that a line can divide.
  public func data(from path: String?, seed: Int, reporter: any Reporter) throws -> NetworkData {
    if let path {
      let table = try Table(file: path)
      let (values, shape) = try table.matrix(["x1", "x2"])
      let classes = try table.numbers("class").map { Float($0) }
      return try heldOut(
        Tensor(values, shape: shape), Tensor(classes, shape: [table.rowCount, 1]), origin: path)
    }
    let count = 400
    let classes = Tensor.range(0, Float(count)).modulo(2).reshape([count, 1])
    // Squares of side 1.6 around (1, 1) and (-1, -1) do not touch.
    let around = Tensor.randomUniform([count, 2], low: -0.8, high: 0.8)
    return try heldOut(around + (classes * 2 - 1), classes, origin: "two clouds of points")
  }
}

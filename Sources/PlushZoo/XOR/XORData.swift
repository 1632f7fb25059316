import Plush

extension XOR {
  /// The table of exclusive or, which is all there is to learn and to test.
  public func data(from path: String?, seed: Int, reporter: any Reporter) throws -> NetworkData {
    if path != nil { reporter.report(.warning("xor has its own four samples; --data is ignored")) }
    let samples = LabelledSamples(
      [[0, 0], [0, 1], [1, 0], [1, 1]] as Tensor, [[0], [1], [1], [0]] as Tensor)
    return NetworkData(
      training: samples, test: samples, origin: "the four cases of exclusive or")
  }
}

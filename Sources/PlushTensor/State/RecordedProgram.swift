import PlushEngine

/// A function of tensors as a program, with what it reads: for translation into other formats.
///
/// The program's inputs are the arguments, then the variables, then the key of random numbers if it
/// draws any, then the constants.
package struct RecordedProgram {
  /// What is computed, as it was recorded.
  package let program: Program
  /// How many arguments there are.
  package let argumentCount: Int
  /// The variables that are read or assigned.
  package let variables: [Variable]
  /// Whether random numbers are drawn.
  package let isRandom: Bool
  /// Values that were computed or given before.
  package let constants: [Tensor]

  /// Records what `body` does with arguments of these types.
  ///
  /// - Throws: what `body` throws.
  package init(_ types: [TensorType], _ body: ([Tensor]) throws -> [Tensor]) rethrows {
    let (trace, arguments, results) = try Trace.record(types, body)
    let bound = arguments + trace.entries.map(\.placeholder) + (trace.key.map { [$0] } ?? [])
    let lowering = Graph.lock.withLock {
      var lowering = Lowering()
      for tensor in bound { lowering.bind(tensor.node) }
      lowering.finish(outputs: results.map { lowering.lower($0.node) })
      return lowering
    }
    program = lowering.program
    argumentCount = arguments.count
    variables = trace.entries.map(\.variable)
    isRandom = trace.key != nil
    constants = zip(program.parameters[bound.count...], lowering.captured).map {
      Tensor(buffer: $1, type: $0)
    }
  }
}

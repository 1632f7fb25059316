extension Program {
  /// The program as devices like it: nothing computed twice or in vain, and element-by-element work
  /// grouped into single passes over memory.
  package func optimized() -> Program {
    foldingConstants().joiningTransposes().mergingEqual().droppingUnused().poolingFirst().fusing()
      .droppingUnused()
  }
}

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

// The definitions of recurrent layers, a number at a time, and their gradients by the chain rule.

extension Recurrence.Function {
  func callAsFunction(_ x: Double) -> Double {
    switch self {
    case .linear: x
    case .relu: x < 0 ? 0 : x
    case .tanh: x.hyperbolicTangent
    case .sigmoid: 1 / (1 + exp(-x))
    case .hardSigmoid: min(1, max(0, x / 6 + 0.5))
    case .hardSigmoidLegacy: min(1, max(0, x * 0.2 + 0.5))
    }
  }

  /// The slope where the result is `y`.
  func slope(_ y: Double) -> Double {
    switch self {
    case .linear: 1
    case .relu: y > 0 ? 1 : 0
    case .tanh: 1 - y * y
    case .sigmoid: y * (1 - y)
    case .hardSigmoid: y > 0 && y < 1 ? 1.0 / 6 : 0
    case .hardSigmoidLegacy: y > 0 && y < 1 ? 0.2 : 0
    }
  }
}

extension Double {
  /// The name `tanh` is taken where functions of gates are.
  fileprivate var hyperbolicTangent: Double { tanh(self) }
}

/// A sequence with its arrays.
private struct ReferenceSequence {
  let recurrence: Recurrence
  let sizes: Recurrence.Sizes
  let x: [Double]
  let u: [Double]
  let bias: [Double]?
  let mask: [Int64]?
  var gates: Int { recurrence.kind.gates }
  var units: Int { sizes.units }

  init(_ recurrence: Recurrence, _ operands: [ReferenceArray]) throws {
    self.recurrence = recurrence
    let places = recurrence.operands
    sizes = try recurrence.sizes(operands.prefix(places.count).map(\.type))
    x = operands[0].reals
    u = operands[1].reals
    bias = places.bias.map { operands[$0].reals }
    mask = places.mask.map { operands[$0].integers }
  }

  func counts(_ step: Int, _ row: Int) -> Bool {
    mask.map { $0[step * sizes.batch + row] != 0 } ?? true
  }

  /// What enters gate `gate` of a unit from x.
  func input(_ step: Int, _ row: Int, _ gate: Int, _ unit: Int) -> Double {
    x[((step * sizes.batch + row) * gates + gate) * units + unit]
  }

  /// What enters it from the state.
  func recurrent(_ h: [Double], _ gate: Int, _ unit: Int) -> Double {
    let column = gate * units + unit
    return h.indices.reduce(bias?[column] ?? 0) { $0 + h[$1] * u[$1 * gates * units + column] }
  }

  /// One step of one row: the new states and what is saved, place by place.
  func step(_ step: Int, _ row: Int, _ h: [Double], _ c: [Double]) -> (
    h: [Double], c: [Double], saved: [Double]
  ) {
    let kind = recurrence.kind
    guard counts(step, row) else {
      return (h, c, [Double](repeating: 0, count: kind.saved * units))
    }
    let (f, g) = (recurrence.activation, recurrence.gateActivation)
    let all = Array(0..<units)
    func gate(_ place: Int, _ unit: Int) -> Double {
      input(step, row, place, unit) + recurrent(h, place, unit)
    }
    switch kind {
    case .simple: return (all.map { f(gate(0, $0)) }, c, [])
    case .lstm:
      let i = all.map { g(gate(0, $0)) }
      let forget = all.map { g(gate(1, $0)) }
      let candidate = all.map { f(gate(2, $0)) }
      let o = all.map { g(gate(3, $0)) }
      let cells = all.map { forget[$0] * c[$0] + i[$0] * candidate[$0] }
      return (all.map { o[$0] * f(cells[$0]) }, cells, i + forget + candidate + o)
    case .gru, .gruResetBefore:
      let z = all.map { g(gate(0, $0)) }
      let r = all.map { g(gate(1, $0)) }
      let inner = kind == .gru ? all.map { recurrent(h, 2, $0) } : []
      let reset = all.map { r[$0] * h[$0] }
      let n = all.map { unit in
        f(
          input(step, row, 2, unit)
            + (kind == .gru ? r[unit] * inner[unit] : recurrent(reset, 2, unit)))
      }
      return (all.map { z[$0] * h[$0] + (1 - z[$0]) * n[$0] }, c, z + r + n + inner)
    }
  }
}

extension Recurrence {
  /// The states after each step and what is saved of it.
  func output(_ operands: [ReferenceArray]) throws -> [ReferenceValue] {
    if recompute != nil { return try outputInChunks(operands) }
    let sequence = try ReferenceSequence(self, operands)
    let (steps, batch, units) = (
      sequence.sizes.steps, sequence.sizes.batch, sequence.sizes.units
    )
    var states = [Double](repeating: 0, count: steps * batch * units)
    var cells = states
    var saved = [Double](repeating: 0, count: states.count * kind.saved)
    for row in 0..<batch {
      var h = Array(operands[2].reals[row * units..<(row + 1) * units])
      var c =
        self.operands.c0.map { Array(operands[$0].reals[row * units..<(row + 1) * units]) }
        ?? h
      for step in 0..<steps {
        let result = sequence.step(step, row, h, c)
        (h, c) = (result.h, result.c)
        let place = step * batch + row
        states.replaceSubrange(place * units..<(place + 1) * units, with: h)
        cells.replaceSubrange(place * units..<(place + 1) * units, with: c)
        let width = kind.saved * units
        saved.replaceSubrange(place * width..<(place + 1) * width, with: result.saved)
      }
    }
    switch kind {
    case .lstm: return [.real(states), .real(cells), .real(saved)]
    case .gru, .gruResetBefore: return [.real(states), .real(saved)]
    case .simple: return [.real(states)]
    }
  }
}

extension RecurrenceGradient {
  /// The gradients at x, at the first states and, of `gru`, where h meets u.
  func output(_ operands: [ReferenceArray]) throws -> [ReferenceValue] {
    if recurrence.recompute != nil { return try outputInChunks(operands) }
    let sequence = try ReferenceSequence(recurrence, operands)
    let arrays = GradientArrays(self, operands)
    let (batch, units) = (sequence.sizes.batch, sequence.sizes.units)
    var dx = [Double](repeating: 0, count: sequence.x.count)
    var du = dx
    var (dh0, dc0) = ([Double](), [Double]())
    for row in 0..<batch {
      var dh = [Double](repeating: 0, count: units)
      var dc = dh
      for step in (0..<sequence.sizes.steps).reversed() {
        let place = step * batch + row
        for unit in 0..<units {
          dh[unit] += arrays.dh[place * units + unit]
          if let more = arrays.dc { dc[unit] += more[place * units + unit] }
        }
        guard sequence.counts(step, row) else { continue }
        let result = gradients(sequence, arrays, place, dh, dc, step == 0 ? row : nil)
        (dh, dc) = (result.dh, result.dc)
        let width = sequence.gates * units
        dx.replaceSubrange(place * width..<(place + 1) * width, with: result.dx)
        du.replaceSubrange(place * width..<(place + 1) * width, with: result.du)
      }
      dh0 += dh
      dc0 += dc
    }
    switch recurrence.kind {
    case .lstm: return [.real(dx), .real(dh0), .real(dc0)]
    case .gru: return [.real(dx), .real(dh0), .real(du)]
    case .gruResetBefore, .simple: return [.real(dx), .real(dh0)]
    }
  }

  private struct GradientArrays {
    let h0: [Double]
    let c0: [Double]?
    let h: [Double]
    let c: [Double]?
    let saved: [Double]
    let dh: [Double]
    let dc: [Double]?

    init(_ gradient: RecurrenceGradient, _ operands: [ReferenceArray]) {
      let places = gradient.recurrence.operands
      let isLSTM = gradient.recurrence.kind == .lstm
      var rest = operands.dropFirst(places.count).map { $0.reals }
      h0 = operands[2].reals
      c0 = places.c0.map { operands[$0].reals }
      h = rest.removeFirst()
      c = isLSTM ? rest.removeFirst() : nil
      saved = gradient.recurrence.kind.saved > 0 ? rest.removeFirst() : []
      dh = rest[0]
      dc = gradient.hasCellGradient && isLSTM ? rest[1] : nil
    }
  }

  /// Those of one step of one row; `first` is the row if it is the first step.
  private func gradients(
    _ sequence: ReferenceSequence, _ arrays: GradientArrays, _ place: Int, _ dh: [Double],
    _ dc: [Double], _ first: Int?
  ) -> (dx: [Double], du: [Double], dh: [Double], dc: [Double]) {
    let (units, kind) = (sequence.units, recurrence.kind)
    let (f, g) = (recurrence.activation, recurrence.gateActivation)
    let all = Array(0..<units)
    func before(_ initial: [Double], _ states: [Double], _ unit: Int) -> Double {
      first.map { initial[$0 * units + unit] }
        ?? states[(place - sequence.sizes.batch) * units + unit]
    }
    func saved(_ gate: Int, _ unit: Int) -> Double {
      arrays.saved[(place * kind.saved + gate) * units + unit]
    }
    /// What a gradient at the gates says about the left factor of a product with u.
    func through(_ d: [Double], _ gates: Range<Int>) -> [Double] {
      let width = sequence.gates * units
      return all.map { unit in
        (gates.lowerBound * units..<gates.upperBound * units).reduce(0) {
          $0 + d[$1] * sequence.u[unit * width + $1]
        }
      }
    }
    switch kind {
    case .simple:
      let d = all.map { dh[$0] * f.slope(arrays.h[place * units + $0]) }
      return (d, d, through(d, 0..<1), dc)
    case .lstm:
      let shown = all.map { f(arrays.c![place * units + $0]) }
      let dc = all.map { dc[$0] + dh[$0] * saved(3, $0) * f.slope(shown[$0]) }
      let di = all.map { dc[$0] * saved(2, $0) * g.slope(saved(0, $0)) }
      let df = all.map { dc[$0] * before(arrays.c0!, arrays.c!, $0) * g.slope(saved(1, $0)) }
      let dg = all.map { dc[$0] * saved(0, $0) * f.slope(saved(2, $0)) }
      let dout = all.map { dh[$0] * shown[$0] * g.slope(saved(3, $0)) }
      let d = di + df + dg + dout
      return (d, d, through(d, 0..<4), all.map { dc[$0] * saved(1, $0) })
    case .gru, .gruResetBefore:
      let h = all.map { before(arrays.h0, arrays.h, $0) }
      let dn = all.map { dh[$0] * (1 - saved(0, $0)) * f.slope(saved(2, $0)) }
      let dz = all.map { dh[$0] * (h[$0] - saved(2, $0)) * g.slope(saved(0, $0)) }
      if kind == .gru {
        let dr = all.map { dn[$0] * saved(3, $0) * g.slope(saved(1, $0)) }
        let du = dz + dr + all.map { dn[$0] * saved(1, $0) }
        let back = through(du, 0..<3)
        return (dz + dr + dn, du, all.map { back[$0] + dh[$0] * saved(0, $0) }, dc)
      }
      let zeros = all.map { _ in 0.0 }
      let reset = through(zeros + zeros + dn, 2..<3)
      let dr = all.map { reset[$0] * h[$0] * g.slope(saved(1, $0)) }
      let d = dz + dr + dn
      let back = through(d, 0..<2)
      return (
        d, d, all.map { back[$0] + dh[$0] * saved(0, $0) + reset[$0] * saved(1, $0) }, dc
      )
    }
  }
}

// MARK: - With `recompute`

extension Recurrence {
  /// The recurrence that keeps everything, and its operands.
  fileprivate func keepingAll(
    _ operands: [ReferenceArray]
  ) throws -> (recurrence: Recurrence, operands: [ReferenceArray]) {
    let sizes = try sizes(operands.prefix(self.operands.count).map(\.type))
    let weights = operands[self.operands.inputWeights!].reals
    let bias = self.operands.inputBias.map { operands[$0].reals }
    let inputs = operands[0].reals
    let type = sizes.numbers(kind.gates)
    let (features, width) = (sizes.features, type.shape[2])
    let x = (0..<type.count).map { index in
      let (row, column) = (index / width, index % width)
      return (0..<features).reduce(bias?[column] ?? 0) {
        $0 + inputs[row * features + $1] * weights[$1 * width + column]
      }
    }
    var all = self
    all.recompute = nil
    all.hasInputBias = false
    let rest = operands[1..<all.operands.count]
    return (all, [ReferenceArray(type, .real(x))] + rest)
  }

  /// The step after which each kept row of cells stands.
  fileprivate func keptSteps(_ steps: Int) -> [Int] {
    stride(from: 0, to: steps, by: recompute!).map { min($0 + recompute!, steps) - 1 }
  }

  fileprivate func outputInChunks(_ operands: [ReferenceArray]) throws -> [ReferenceValue] {
    let all = try keepingAll(operands)
    let results = try all.recurrence.output(all.operands)
    guard kind == .lstm, case .real(let cells) = results[1] else { return [results[0]] }
    let size = operands[2].type.count
    return [
      results[0],
      .real(keptSteps(operands[0].type.shape[0]).flatMap { cells[$0 * size..<($0 + 1) * size] }),
    ]
  }
}

extension RecurrenceGradient {
  fileprivate func outputInChunks(_ operands: [ReferenceArray]) throws -> [ReferenceValue] {
    let all = try recurrence.keepingAll(operands)
    var gradient = self
    gradient.recurrence = all.recurrence
    let types = try all.recurrence.resultTypes(all.operands.map(\.type))
    let results = zip(types, try all.recurrence.output(all.operands)).map {
      ReferenceArray($0, $1)
    }
    let isLSTM = recurrence.kind == .lstm
    var arriving = Array(
      operands.dropFirst(recurrence.operands.count + (isLSTM ? 2 : 1)))
    if isLSTM && hasCellGradient {
      let size = operands[2].type.count
      var dc = [Double](repeating: 0, count: types[0].count)
      for (place, step) in recurrence.keptSteps(types[0].shape[0]).enumerated() {
        dc.replaceSubrange(
          step * size..<(step + 1) * size,
          with: arriving[1].reals[place * size..<(place + 1) * size])
      }
      arriving[1] = ReferenceArray(types[0], .real(dc))
    }
    return try gradient.output(all.operands + results + arriving)
  }
}

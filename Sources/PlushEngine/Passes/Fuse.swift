import PlushKernels

extension Program {
  /// The program with element-by-element instructions grouped into `fused` ones.
  ///
  /// Instructions are visited from last to first. One joins the group of its consumers if the group
  /// works on the same space, so that its value never touches memory. It may have other consumers
  /// or be an output (its value is then stored as well), as long as they come after the group's
  /// last instruction: no group can then depend on itself, and placing each group where its last
  /// instruction stood keeps the order right.
  func fusing() -> Program {
    var grouping = Grouping(self)
    grouping.assignGroups()
    grouping.evictUselessViews()
    return grouping.rewritten()
  }
}

/// Which instructions run together.
private struct Grouping {
  /// Instructions that share one pass.
  struct Group {
    var space: [Int]
    var columnAxes: Int?
    var last: Int
    var size = 0
    /// Whether values depend on the position in the space, which then must not change.
    var isPositional = false

    var rowSpace: [Int]? { columnAxes.map { space.dropLast($0) } }
  }

  /// How an instruction can take part in a group.
  enum Part {
    case element(positional: Bool)
    /// Over the `axes` last axes that are not of size one.
    case rowReduction(axes: Int)
    /// Repeats a value per row along the `axes` last axes.
    case expansion(axes: Int)
    /// Renames the shape only.
    case renaming
  }

  /// Most instructions in a group: keeps registers few and the tile in the first-level cache.
  static let sizeLimit = 40

  let program: Program
  var consumers: [[Int]]
  var isRoot: [Bool]
  var groupOf: [Int?]
  var groups: [Group] = []

  init(_ program: Program) {
    self.program = program
    let count = program.instructions.count
    consumers = Array(repeating: [], count: count)
    isRoot = Array(repeating: false, count: count)
    groupOf = Array(repeating: nil, count: count)
    for (index, instruction) in program.instructions.enumerated() {
      for operand in Set(instruction.operands.map(\.instruction)) {
        consumers[operand].append(index)
      }
    }
    for root in program.roots { isRoot[root.instruction] = true }
  }

  func shape(_ index: Int) -> [Int] { program.instructions[index].types[0].shape.withoutOnes }

  func operandShape(_ index: Int) -> [Int] {
    program.type(of: program.instructions[index].operands[0]).shape
  }

  mutating func assignGroups() {
    for index in program.instructions.indices.reversed() {
      guard let part = part(index) else { continue }
      if let (group, joined) = groupToJoin(index, part) {
        groups[group] = joined
        groupOf[index] = group
      } else if case .renaming = part {
        continue
      } else if case .expansion = part {
        continue
      } else if let group = ownGroup(index, part) {
        groups.append(group)
        groupOf[index] = groups.count - 1
      }
    }
  }

  func part(_ index: Int) -> Part? {
    let instruction = program.instructions[index]
    switch instruction.op {
    case .cast where isDoneByProducts(index): return nil
    case .unary, .binary, .compare, .select, .cast: return .element(positional: false)
    case .iota, .randomBits: return .element(positional: true)
    case .reduce(_, let axes): return rowReduction(operandShape(index), axes)
    case .reshape:
      return operandShape(index).withoutOnes == shape(index) ? .renaming : nil
    case .broadcast(let target): return expansion(operandShape(index), target)
    default: return nil
    }
  }

  /// Whether all readers are products of bfloat16, which round what they read in float32: better
  /// than a copy, unless a pass over memory computes the value anyway.
  func isDoneByProducts(_ index: Int) -> Bool {
    let operand = program.instructions[index].operands[0]
    guard program.instructions[index].types[0].dtype == .bfloat16,
      program.type(of: operand).dtype == .float32, part(operand.instruction) == nil,
      !isRoot[index], !consumers[index].isEmpty
    else { return false }
    return consumers[index].allSatisfy {
      if case .matmul = program.instructions[$0].op { true } else { false }
    }
  }

  func rowReduction(_ shape: [Int], _ axes: [Int]) -> Part? {
    let reduced = shape.indices.filter { shape[$0] != 1 && axes.contains($0) }
    let trailing = shape.indices.filter { shape[$0] != 1 }.suffix(reduced.count)
    let columns = reduced.reduce(1) { $0 * shape[$1] }
    guard !reduced.isEmpty, Array(trailing) == reduced, columns <= PLUSH_MAX_ROW, columns > 0
    else { return nil }
    return .rowReduction(axes: reduced.count)
  }

  func expansion(_ shape: [Int], _ target: [Int]) -> Part? {
    let aligned = Array(repeating: 1, count: target.count - shape.count) + shape
    let axes = target.indices.filter { target[$0] != 1 }
    let kept = axes.filter { aligned[$0] == target[$0] }
    let repeated = axes.count - kept.count
    guard repeated > 0 else { return .renaming }
    guard Array(axes.prefix(kept.count)) == kept else { return nil }
    let columns = axes.suffix(repeated).reduce(1) { $0 * target[$1] }
    return columns <= PLUSH_MAX_ROW ? .expansion(axes: repeated) : nil
  }

  /// The group that the instruction can join and what the group becomes.
  func groupToJoin(_ index: Int, _ part: Part) -> (Int, Group)? {
    let candidates = Set(consumers[index].compactMap { groupOf[$0] })
    guard let group = candidates.min(by: { groups[$0].last < groups[$1].last }) else { return nil }
    let others = consumers[index].filter { groupOf[$0] != group }
    let escapes = isRoot[index] || !others.isEmpty
    if escapes {
      switch part {
      case .renaming, .expansion: return nil
      default: break
      }
    }
    guard others.allSatisfy({ $0 > groups[group].last }), groups[group].size < Self.sizeLimit,
      let joined = join(groups[group], index, part)
    else { return nil }
    return (group, joined)
  }

  func join(_ group: Group, _ index: Int, _ part: Part) -> Group? {
    var group = group
    let shape = shape(index)
    group.size += 1
    switch part {
    case .element(let positional):
      // The columns of a row are one dimension, in which positions along several are lost.
      if positional, group.columnAxes ?? 1 > 1 { return nil }
      if positional { group.isPositional = true }
      return shape == group.space || (!positional && shape == group.rowSpace) ? group : nil
    case .renaming: return shape == group.space || shape == group.rowSpace ? group : nil
    case .rowReduction(let axes):
      let source = operandShape(index).withoutOnes
      if group.columnAxes == nil {
        guard shape == group.space, !group.isPositional else { return nil }
        group.space = source
        group.columnAxes = axes
        return group
      }
      return source == group.space && axes == group.columnAxes ? group : nil
    case .expansion(let axes):
      guard shape == group.space else { return nil }
      if group.columnAxes == nil {
        // A number repeated everywhere is better read from memory than a reason to run on one row.
        guard axes < shape.count, axes == 1 || !group.isPositional,
          isComputed(program.instructions[index].operands[0])
        else {
          return nil
        }
        group.columnAxes = axes
        return group
      }
      return axes == group.columnAxes ? group : nil
    }
  }

  /// Whether the value comes from a reduction of rows a few instructions above, so that the group
  /// could compute it rather than load it.
  func isComputed(_ value: Value, depth: Int = 8) -> Bool {
    guard depth > 0 else { return false }
    switch part(value.instruction) {
    case .rowReduction: return true
    case .element, .renaming:
      let operands = program.instructions[value.instruction].operands
      return operands.contains { isComputed($0, depth: depth - 1) }
    default: return false
    }
  }

  typealias Value = Program.Value

  func ownGroup(_ index: Int, _ part: Part) -> Group? {
    if case .rowReduction(let axes) = part {
      let source = operandShape(index).withoutOnes
      return Group(space: source, columnAxes: axes, last: index, size: 1)
    }
    guard case .element(let positional) = part else { return nil }
    return Group(space: shape(index), last: index, size: 1, isPositional: positional)
  }

  /// A reshape or broadcast of a value from memory is a matter of how it is read, not of the group.
  mutating func evictUselessViews() {
    for index in program.instructions.indices {
      guard let group = groupOf[index] else { continue }
      switch part(index) {
      case .renaming, .expansion:
        let operand = program.instructions[index].operands[0].instruction
        if groupOf[operand] != group { groupOf[index] = nil }
      default: break
      }
    }
  }

  func rewritten() -> Program {
    var members: [[Int]] = Array(repeating: [], count: groups.count)
    for (index, group) in groupOf.enumerated() {
      if let group { members[group].append(index) }
    }
    var rewriter = Rewriter(of: program)
    for (index, instruction) in program.instructions.enumerated() {
      guard let group = groupOf[index] else {
        rewriter.copy(instruction, at: index)
        continue
      }
      if groups[group].last == index { emit(group, members[group], &rewriter) }
    }
    return rewriter.finish(program)
  }

  /// Adds the fused instruction of a group.
  func emit(_ group: Int, _ members: [Int], _ rewriter: inout Rewriter) {
    var body = Program()
    var operands: [Value] = []
    var inside: [Value: Value] = [:]
    func operand(_ value: Value) -> Value {
      if let known = inside[value] { return known }
      let type = program.type(of: value)
      let source = program.instructions[value.instruction]
      let result: Value
      if case .fill = source.op {
        result = body.append(source)
      } else {
        result = body.appendParameter(type)
        operands.append(value)
      }
      inside[value] = result
      return result
    }
    var outputs: [Int] = []
    for index in members {
      var instruction = program.instructions[index]
      instruction.operands = instruction.operands.map(operand)
      inside[Value(index)] = body.append(instruction)
      if isRoot[index] || consumers[index].contains(where: { groupOf[$0] != group }) {
        outputs.append(index)
      }
    }
    body.outputs = outputs.map { inside[Value($0)]! }
    let fusion = Fusion(
      body: body, space: groups[group].space, columnAxes: groups[group].columnAxes)
    let types = outputs.map { program.instructions[$0].types[0] }
    let fused = rewriter.append(.init(.fused(fusion), operands.map { rewriter[$0] }, types))
    for (position, index) in outputs.enumerated() {
      rewriter.replace(Value(index), by: Value(fused.instruction, position))
    }
  }
}

import PlushEngine

/// A function of tensors that is traced once for each combination of argument types, then replayed.
///
/// Variables that the function reads become inputs of its program, those it assigns are updated in
/// place, and its random numbers are new in each call. Everything else that it looks at is frozen
/// at the first call: it must not read values, and branches must depend on shapes only.
///
/// Inside `gradient` and inside another compiled function it is an ordinary function.
public final class Compiled: @unchecked Sendable {
  private struct Key: Hashable {
    var device: String
    var types: [TensorType]
  }

  private let body: @Sendable ([Tensor]) throws -> [Tensor]
  private let lock = Lock()
  private var executables: [Key: Executable] = [:]
  private var order: [Key] = []
  /// What ran last: a training loop asks for the same again and again.
  private var latest: Executable?
  private let limit = 64

  /// A function that `body` tells.
  public init(_ body: @escaping @Sendable ([Tensor]) throws -> [Tensor]) { self.body = body }

  /// Runs the function.
  ///
  /// - Throws: what `body` throws while it is traced, and `ExecutionError`.
  public func callAsFunction(_ arguments: [Tensor]) throws -> [Tensor] {
    if Trace.current != nil || GradientScope.isActive { return try body(arguments) }
    let executable = try executable(for: arguments)
    let outputs = executable.outputTypes.map {
      defaultDevice.allocate(byteCount: $0.byteCount)
    }
    try executable.run(arguments, into: outputs)
    return zip(outputs, executable.outputTypes).map { Tensor(buffer: $0, type: $1) }
  }

  /// The function for arguments of the types that these have, traced now if they are new.
  ///
  /// - Throws: what the function throws while it is traced.
  public func executable(for arguments: [Tensor]) throws -> Executable {
    let device = defaultDevice
    if let latest = lock.withLock({ latest }), latest.serves(device, arguments) { return latest }
    let key = Key(device: device.name, types: arguments.map(\.type))
    if let known = known(key) { return known }
    let executable = try Executable(key.types, body)
    lock.withLock {
      latest = executable
      if executables.updateValue(executable, forKey: key) == nil { order.append(key) }
      if order.count > limit { executables[order.removeFirst()] = nil }
    }
    return executable
  }

  private func known(_ key: Key) -> Executable? {
    lock.withLock {
      guard let known = executables[key] else { return nil }
      latest = known
      return known
    }
  }
}

/// The function, traced at its first call and replayed; see `Compiled`.
public func compiled(
  _ body: @escaping @Sendable (Tensor) -> Tensor
) -> @Sendable (Tensor) -> Tensor {
  let function = Compiled { [body($0[0])] }
  return { a in orStop { try function([a])[0] } }
}

/// The function, traced at its first call and replayed; see `Compiled`.
public func compiled(
  _ body: @escaping @Sendable (Tensor, Tensor) -> Tensor
) -> @Sendable (Tensor, Tensor) -> Tensor {
  let function = Compiled { [body($0[0], $0[1])] }
  return { a, b in orStop { try function([a, b])[0] } }
}

/// The function, traced at its first call and replayed; see `Compiled`.
public func compiled(
  _ body: @escaping @Sendable (Tensor, Tensor, Tensor) -> Tensor
) -> @Sendable (Tensor, Tensor, Tensor) -> Tensor {
  let function = Compiled { [body($0[0], $0[1], $0[2])] }
  return { a, b, c in orStop { try function([a, b, c])[0] } }
}

import PlushEngine
import PlushTensor

/// The states that recurrent layers take from call to call.
final class CarriedStates: @unchecked Sendable {
  /// Those of the model that is taken step by step by the code that runs.
  @TaskLocal static var current: CarriedStates?

  private let lock = Lock()
  private var states: [ObjectIdentifier: [Variable]] = [:]
  private var order: [ObjectIdentifier] = []

  /// The states of a layer, which begin as `first` tells.
  func variables(of layer: RNN, first: () throws -> [Tensor]) rethrows -> [Variable] {
    let key = ObjectIdentifier(layer)
    if let known = lock.withLock({ states[key] }) { return known }
    let made = try untraced {
      try first().map { Variable($0, name: "\(layer.name)/state", trainable: false) }
    }
    lock.withLock {
      states[key] = made
      order.append(key)
    }
    return made
  }

  /// Forgets all states.
  func reset() {
    lock.withLock {
      states = [:]
      order = []
    }
  }

  /// Sets all states to zero.
  func clear() {
    for variable in all.joined() {
      variable.value = .zeros(variable.shape, dtype: variable.dtype)
    }
  }

  /// The states of each layer, in the order in which these were first called.
  var all: [[Variable]] { lock.withLock { order.compactMap { states[$0] } } }
}

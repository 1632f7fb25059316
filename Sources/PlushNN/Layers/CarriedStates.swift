import PlushEngine
import PlushTensor

/// The states that recurrent layers take from call to call, those of batches of each size by
/// themselves.
final class CarriedStates: @unchecked Sendable {
  /// Those of the model that is taken step by step by the code that runs.
  @TaskLocal static var current: CarriedStates?

  private struct Key: Hashable {
    var layer: ObjectIdentifier
    var batch: Int
  }

  private let lock = Lock()
  private var states: [Key: [Variable]] = [:]
  private var order: [Key] = []

  /// The states of a layer, which begin as `first` tells.
  func variables(of layer: RNN, batch: Int, first: () throws -> [Tensor]) rethrows -> [Variable] {
    let key = Key(layer: ObjectIdentifier(layer), batch: batch)
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

  /// Sets all states to zero.
  func reset() {
    for variable in all.joined() {
      variable.value = .zeros(variable.shape, dtype: variable.dtype)
    }
  }

  /// The states of each layer, in the order in which these were first called.
  var all: [[Variable]] { lock.withLock { order.compactMap { states[$0] } } }
}

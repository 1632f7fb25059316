import PlushEngine

/// Code in which float32 variables are read in another type, such as that of a layer that computes
/// in bfloat16.
package enum Autocast {
  /// The other type, if there is one.
  @TaskLocal package static var dtype: DType?
}

/// A tensor that changes: a weight, or other state. Nothing else does.
///
/// Its shape and type stay. Compiled functions update it in place unless somebody holds an old
/// value.
public final class Variable: @unchecked Sendable {
  /// The name, for people and files.
  public let name: String
  /// Whether training changes it.
  public let trainable: Bool
  /// Shape and element type.
  public let type: TensorType

  /// Held while `current` is read or written, also while a program updates it in place.
  let lock = Lock()
  var current: Tensor

  /// A variable with a first value.
  public init(_ value: Tensor, name: String = "", trainable: Bool = true) {
    self.name = name
    self.trainable = trainable
    type = value.type
    current = value
  }

  /// Sizes of the axes.
  public var shape: [Int] { type.shape }
  /// Type of the elements.
  public var dtype: DType { type.dtype }

  /// The value. Reading gives the value of now, which later assignments do not change.
  public var value: Tensor {
    get {
      let now = Trace.current?.read(self) ?? lock.withLock { current }
      guard dtype == .float32, let computed = Autocast.dtype else { return now }
      return now.cast(to: computed)
    }
    set {
      let newValue = Autocast.dtype == nil ? newValue : newValue.cast(to: dtype)
      guard newValue.type == type else {
        stop("Variable '\(name)' of type \(type) cannot become \(newValue.type).")
      }
      if let trace = Trace.current {
        trace.assign(newValue, to: self)
      } else {
        lock.withLock { current = newValue }
      }
    }
  }
}

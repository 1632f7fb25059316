/// Where programs run.
///
/// A device turns a program into a plan once and runs the plan as often as asked. `CPUDevice` uses
/// the kernels of floor 0; `ReferenceDevice` is slow, in double precision and obviously right.
public protocol Device: Sendable {
  /// Short name, as in `PLUSH_DEVICE`: "cpu", "reference".
  var name: String { get }

  /// Memory of the device with undefined content.
  func allocate(byteCount: Int) -> Buffer
  /// Copies from host memory.
  func copy(from host: UnsafeRawBufferPointer, to buffer: Buffer)
  /// Copies to host memory.
  func copy(from buffer: Buffer, to host: UnsafeMutableRawBufferPointer)

  /// Binds the program to kernels and memory.
  ///
  /// - Throws: `TypeError` if the device cannot work with the types or axes of a value.
  func compile(_ program: Program) throws -> any Plan
}

/// A program bound to a device's kernels and memory.
public protocol Plan: AnyObject, Sendable {
  /// Runs the program.
  ///
  /// `inputs[i]` holds the program's parameter i; a parameter with an update must not be shared with
  /// anyone, since its new content is written in place. `outputs[i]` receives output i. Buffers
  /// hold contiguous row-major values.
  ///
  /// - Throws: `ExecutionError` when values cannot work, such as an index outside its axis; inputs
  ///   with updates may then hold old or new content.
  func run(inputs: [Buffer], outputs: [Buffer]) throws
}

extension Device {
  /// Memory of the host.
  public func allocate(byteCount: Int) -> Buffer { Buffer(byteCount: byteCount) }

  /// Copies within the memory of the host.
  public func copy(from host: UnsafeRawBufferPointer, to buffer: Buffer) {
    guard let base = host.baseAddress else { return }
    buffer.pointer.copyMemory(from: base, byteCount: host.count)
    buffer.renewStamp()
  }

  /// Copies within the memory of the host.
  public func copy(from buffer: Buffer, to host: UnsafeMutableRawBufferPointer) {
    guard let base = host.baseAddress else { return }
    base.copyMemory(from: buffer.pointer, byteCount: host.count)
  }
}

/// Values that an operation cannot work with.
public struct ExecutionError: PlushError {
  /// What happened.
  public var message: String
  /// What to do about it.
  public var hint: String?

  /// An error with what happened and what to do about it.
  public init(_ message: String, hint: String? = nil) {
    self.message = message
    self.hint = hint
  }
}

/// Operand types that an operation cannot take.
public struct TypeError: PlushError {
  /// What was expected and what came.
  public var message: String
  /// What to do about it.
  public var hint: String?

  /// An error with what was expected and what came.
  public init(_ message: String, hint: String? = nil) {
    self.message = message
    self.hint = hint
  }
}

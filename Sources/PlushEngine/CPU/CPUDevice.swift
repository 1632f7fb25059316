/// The processor, with the kernels of floor 0.
public struct CPUDevice: Device {
  /// The processor.
  public static let shared = CPUDevice()

  /// "cpu".
  public var name: String { "cpu" }

  /// Chooses kernels and lays out memory, once.
  ///
  /// - Throws: `TypeError` if a value has more axes than the kernels take.
  public func compile(_ program: Program) throws -> any Plan { try CPUPlan(program) }
}

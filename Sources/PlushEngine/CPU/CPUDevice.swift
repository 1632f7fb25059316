/// The processor, with the kernels of floor 0.
public struct CPUDevice: Device {
  /// The processor.
  public static let shared = CPUDevice()

  public var name: String { "cpu" }

  public func compile(_ program: Program) throws -> any Plan { try CPUPlan(program) }
}

import PlushEngine

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The device that programs run on: that of the innermost `withDevice`, else the one that the
/// environment variable `PLUSH_DEVICE` names, else the CPU.
public var defaultDevice: any Device { DeviceScope.device ?? DeviceScope.fromEnvironment }

/// Runs `body` with another device.
public func withDevice<R>(_ device: any Device, _ body: () throws -> R) rethrows -> R {
  try DeviceScope.$device.withValue(device, operation: body)
}

/// Runs `body` with another device.
public func withDevice<R: Sendable>(
  _ device: any Device, _ body: @Sendable () async throws -> R
) async rethrows -> R {
  try await DeviceScope.$device.withValue(device, operation: body)
}

private enum DeviceScope {
  @TaskLocal static var device: (any Device)?

  static let fromEnvironment: any Device = {
    switch getenv("PLUSH_DEVICE").map({ String(cString: $0) }) {
    case nil, "cpu": CPUDevice.shared
    case "reference": ReferenceDevice()
    case let name?: stop("PLUSH_DEVICE is '\(name)'.", hint: "Known devices: cpu, reference.")
    }
  }()
}

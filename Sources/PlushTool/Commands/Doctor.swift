import ArgumentParser
import Plush
import PlushKernels
import PlushZoo

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// `plush doctor`
struct Doctor: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show what this machine has to offer, and whether it computes rightly.",
    discussion: """
      EXAMPLES
        plush doctor
        plush doctor --json
        PLUSH_ISA=avx2 plush doctor
      """)

  @Flag(help: "Print one JSON object.")
  var json = false

  func run() throws {
    let findings = Self.findings()
    if json {
      printJSON(.object(Dictionary(uniqueKeysWithValues: findings.map { ($0.key, $0.value) })))
      return
    }
    let style = Style(of: .output)
    for finding in findings {
      writeOutput("\(style.bold(finding.title.padded(to: 18))) \(finding.text)\n")
    }
  }

  private struct Finding {
    let key: String
    let title: String
    let value: JSON
    var text: String
  }

  private static func findings() -> [Finding] {
    let isa = String(cString: plush_isa_name(plush_matrix_isa()))
    let threads = Int(plush_thread_count())
    let memory = Int(sysconf(Int32(_SC_PHYS_PAGES))) * Int(sysconf(Int32(_SC_PAGESIZE)))
    let cache = Download.cacheFolder
    return [
      text("plush", "plush", plushVersion),
      text("swift", "compiled with", compiler),
      text("platform", "platform", platform),
      text("device", "device", defaultDevice.name),
      text("instructions", "instruction set", isa),
      Finding(key: "threads", title: "threads", value: .int(threads), text: "\(threads)"),
      Finding(
        key: "memory_bytes", title: "memory", value: .int(memory),
        text: "\(memory >> 20) MiB"),
      text("cache", "cache folder", cache),
      text("data", "data folder", FileSystem.environment("PLUSH_DATA") ?? "none (PLUSH_DATA)"),
      text("fallbacks", "fallbacks", fallbacks(isa)),
      text("check", "check", check()),
    ]
  }

  private static func text(_ key: String, _ title: String, _ text: String) -> Finding {
    Finding(key: key, title: title, value: .string(text), text: text)
  }

  private static var compiler: String {
    #if compiler(>=6.3)
      "Swift 6.3 or later"
    #elseif compiler(>=6.2)
      "Swift 6.2"
    #else
      "Swift 6"
    #endif
  }

  private static var platform: String {
    var name = utsname()
    guard uname(&name) == 0 else { return "unknown" }
    func text<T>(_ field: T) -> String {
      withUnsafeBytes(of: field) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
    return "\(text(name.sysname)) \(text(name.release)) \(text(name.machine))"
  }

  private static func fallbacks(_ isa: String) -> String {
    var found: [String] = []
    if defaultDevice.name == "reference" {
      found.append("the slow reference device runs everything")
    }
    if isa == "portable" { found.append("no vector instructions in use") }
    return found.isEmpty ? "none" : found.joined(separator: "; ")
  }

  /// Multiplies two matrices on the default device and on the reference device.
  private static func check() -> String {
    func product() -> [Float] {
      let x = Tensor.range(0, Float(4096)).reshape([64, 64]) / 4096
      return x.matmul(x.sin()).softmax().dataSync()
    }
    let expected = withDevice(ReferenceDevice()) { product() }
    let worst = zip(product(), expected).map { abs($0 - $1) }.max() ?? .infinity
    return worst < 1e-5 ? "passed" : "FAILED: off by \(worst)"
  }
}

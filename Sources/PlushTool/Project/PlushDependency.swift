import Plush
import PlushZoo

/// How a project names the package of Plush.
struct PlushDependency {
  /// The declaration in the manifest.
  let declaration: String
  /// The name of the package in it.
  let identity: String

  /// The package of the web.
  static let url = "https://github.com/plush-swift/plush"

  /// - Throws: `ZooError` if there is no package in the folder.
  init(path: String?) throws {
    guard let path else {
      declaration = #".package(url: "\#(Self.url)", from: "\#(plushVersion)")"#
      identity = "plush"
      return
    }
    guard case .file = try PathStatus("\(path)/Package.swift"),
      let resolved = FileSystem.resolved(path)
    else {
      throw ZooError(
        "there is no Package.swift in \(path)",
        hint: "--plush-path names the folder of a copy of Plush")
    }
    declaration = #".package(path: "\#(resolved)")"#
    identity = resolved.split(separator: "/").last.map { $0.lowercased() } ?? "plush"
  }
}

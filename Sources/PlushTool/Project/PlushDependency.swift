import Plush
import PlushZoo

/// How a project names the package of Plush.
struct PlushDependency {
  /// The declaration in the manifest.
  let declaration: String
  /// The name of the package in it.
  let identity: String

  /// The package in a folder or a repository; by default that which this tool was built of.
  ///
  /// - Throws: `ZooError` if there is no package in the folder.
  init(path: String?, url: String?) throws {
    if let url {
      declaration = #".package(url: "\#(url)", branch: "main")"#
      identity = Self.identity(url)
      return
    }
    let path = path ?? Self.ownFolder
    guard case .file? = try? PathStatus("\(path)/Package.swift"),
      let resolved = FileSystem.resolved(path)
    else {
      throw ZooError(
        "there is no package of Plush in \(path)",
        hint: "name a copy with --plush-path, or a repository with --plush-url")
    }
    declaration = #".package(path: "\#(resolved)")"#
    identity = Self.identity(resolved)
  }

  /// The last part of a path or an address.
  private static func identity(_ place: String) -> String {
    let name = place.split(separator: "/").last.map { $0.lowercased() } ?? "plush"
    return name.hasSuffix(".git") ? String(name.dropLast(4)) : name
  }

  /// The folder that holds the sources of this tool.
  private static var ownFolder: String {
    #filePath.split(separator: "/").dropLast(4).reduce("") { "\($0)/\($1)" }
  }
}

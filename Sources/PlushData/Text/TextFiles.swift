/// The files in a folder and those below it, or the file itself, sorted by path.
///
/// Names that begin with a dot are left out, and so is what lies more than 32 folders deep.
///
/// - Parameters:
///   - path: a folder or a file.
///   - isIncluded: tells by the path whether a file counts; one that is named itself always does.
/// - Throws: `FileError` if there is nothing at the path.
public func filePaths(
  in path: String, where isIncluded: (String) -> Bool = { _ in true }
) throws -> [String] {
  switch try PathStatus(path) {
  case .missing:
    throw FileError(.missing, path, expected: "a file or folder", found: "none")
  case .directory: return filePaths(inFolder: path, depth: 32, where: isIncluded).sorted()
  case .file, .other: return [path]
  }
}

private func filePaths(
  inFolder folder: String, depth: Int, where isIncluded: (String) -> Bool
) -> [String] {
  FileSystem.names(in: folder).filter { !$0.hasPrefix(".") }.flatMap { name -> [String] in
    let path = folder == "/" ? "/\(name)" : "\(folder)/\(name)"
    switch try? PathStatus(path) {
    case .directory? where depth > 0:
      return filePaths(inFolder: path, depth: depth - 1, where: isIncluded)
    case .file?: return isIncluded(path) ? [path] : []
    default: return []
    }
  }
}

/// A file of the web, fetched once and kept in a cache.
///
/// The work is done by `curl`, or `wget` where there is no `curl`, so that proxies and
/// certificates are those of the system.
public struct Download: Sendable, Hashable {
  /// How far a download is.
  public struct Progress: Sendable, Hashable {
    /// The bytes that came so far.
    public let received: Int
    /// The bytes there will be, if that is known.
    public let total: Int?
  }

  /// The address, with `https`, `http` or `file`.
  public let url: String
  /// The SHA-256 hash of the file in hexadecimal digits, if it is known.
  public let sha256: String?
  /// The size of the file, if it is known.
  public let byteCount: Int?
  private let searchPath: String

  /// Describes a file of the web; with a hash it is certain to be the file that was meant.
  public init(_ url: String, sha256: String? = nil, byteCount: Int? = nil) {
    self.init(
      url, sha256: sha256, byteCount: byteCount,
      searchPath: FileSystem.environment("PATH") ?? "/usr/bin:/bin")
  }

  package init(_ url: String, sha256: String?, byteCount: Int?, searchPath: String) {
    self.url = url
    self.sha256 = sha256?.lowercased()
    self.byteCount = byteCount
    self.searchPath = searchPath
  }

  /// The folder of the cache: `$PLUSH_CACHE`, `$XDG_CACHE_HOME/plush` or `~/.cache/plush`.
  public static var cacheFolder: String {
    if let folder = FileSystem.environment("PLUSH_CACHE") { return folder }
    if let folder = FileSystem.environment("XDG_CACHE_HOME") { return folder + "/plush" }
    return (FileSystem.environment("HOME") ?? "/tmp") + "/.cache/plush"
  }

  /// Fetches the file unless it is there already, and waits until it is.
  ///
  /// - Parameters:
  ///   - name: the name below the folder, which may have folders of its own.
  ///   - folder: the folder, made if it is missing.
  ///   - progress: called several times a second while the file comes.
  /// - Returns: the path of the file.
  /// - Throws: `FileError` if the file cannot be fetched or is not the one that was meant. A file
  ///   that was there is then as it was.
  public func fetch(
    as name: String, in folder: String = cacheFolder,
    progress: (Progress) -> Void = { _ in }
  ) throws -> String {
    let path = "\(folder)/\(name)"
    if case .file = try PathStatus(path), try fault(of: path) == nil {
      return path
    }
    try FileSystem.createDirectory(FileSystem.parent(of: path) ?? ".")
    let temporary = temporaryPath(beside: path)
    defer { FileSystem.remove(temporary) }
    try transfer(to: temporary, for: path, progress)
    if let fault = try fault(of: temporary) {
      throw FileError(
        .corrupt, url, expected: fault.expected, found: fault.found,
        hint: "the file was changed at its source or on its way; nothing was kept")
    }
    try FileSystem.move(temporary, to: path)
    return path
  }

  /// In what a file differs from the one that was meant.
  private func fault(of path: String) throws -> (expected: String, found: String)? {
    if let byteCount, case .file(let size, _) = try PathStatus(path), size != byteCount {
      return ("\(byteCount) bytes", "\(size)")
    }
    guard let sha256 else { return nil }
    let hash = try SHA256.hash(ofFile: path)
    return hash == sha256 ? nil : ("the SHA-256 hash \(sha256)", hash)
  }

  private func transfer(
    to temporary: String, for path: String, _ progress: (Progress) -> Void
  ) throws {
    let (program, arguments) = try command(writingTo: temporary)
    let messages = temporary + ".log"
    defer { FileSystem.remove(messages) }
    let child = try ChildProcess(program, arguments, messages: messages)
    var last = -1
    func report() {
      guard case .file(let size, _)? = try? PathStatus(temporary), size != last else { return }
      last = size
      progress(Progress(received: size, total: byteCount))
    }
    let status = child.wait(report)
    if status != 0 {
      throw failure(status, of: program, try? readFile(messages, limit: 1 << 20), path)
    }
    // An empty file leaves nothing behind with some programs.
    if case .missing = try PathStatus(temporary) {
      try writeFile(temporary, "")
    }
    report()
  }

  private func command(writingTo path: String) throws -> (String, [String]) {
    guard ["https://", "http://", "file://"].contains(where: url.hasPrefix) else {
      throw FileError(
        .unsupported, url, expected: "an address with https, http or file",
        found: "another")
    }
    if let curl = ChildProcess.find("curl", in: searchPath) {
      return (
        curl,
        [
          "--fail", "--location", "--silent", "--show-error", "--retry", "2",
          "--connect-timeout", "20", "--proto-redir", "=https,http", "--output", path, url,
        ]
      )
    }
    if let wget = ChildProcess.find("wget", in: searchPath) {
      return (wget, ["-q", "-T", "20", "-O", path, url])
    }
    throw FileError(
      .network, url, expected: "the program curl or wget to fetch the file",
      found: "neither", hint: "install curl, or fetch the file by hand into the cache folder")
  }

  private func failure(
    _ status: Int, of program: String, _ messages: [UInt8]?, _ path: String
  ) -> FileError {
    let lines = String(decoding: messages ?? [], as: UTF8.self).split(separator: "\n")
    let name = program.split(separator: "/").last ?? "curl"
    let found = lines.last.map(String.init) ?? "\(name) ended with status \(status)"
    if name == "curl", status == 23 {
      return FileError(
        .diskFull, path, expected: "room for the file", found: found,
        hint: "free some space or set PLUSH_CACHE to another folder")
    }
    let isRefusal = status == (name == "curl" ? 22 : 8)
    return FileError(
      .network, url, expected: "to fetch the file", found: found,
      hint: isRefusal
        ? "the server answers, but has no such file: is the address still right?"
        : "is there a network? A proxy is named by the variable https_proxy")
  }
}

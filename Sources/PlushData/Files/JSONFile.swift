import PlushNN

extension JSON {
  /// Reads a JSON file.
  ///
  /// - Throws: `FileError` with the line and column of the fault.
  public init(file path: String, limit: Int = 1 << 28) throws {
    let bytes = try readFile(path, limit: limit)
    do {
      try self.init(parsing: bytes, maximumSize: limit)
    } catch let error as JSONError {
      throw FileError(error, path)
    }
  }

  /// Writes the value to a file in one step.
  ///
  /// - Throws: `FileError`, or `JSONError` if a number is not finite.
  public func write(to path: String, pretty: Bool = true, nonFinite: NonFinite = .refused) throws {
    try writeFile(path, try text(pretty: pretty, nonFinite: nonFinite))
  }
}

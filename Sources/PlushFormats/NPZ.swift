import PlushData

/// A file of named arrays in the `.npz` format of NumPy: a zip file of `.npy` files.
public struct NPZ: Sendable, Hashable {
  /// The arrays, in the order of the file.
  public let arrays: [NamedArray]

  /// Makes the contents of a file.
  public init(_ arrays: [NamedArray]) { self.arrays = arrays }

  /// The array with this name, or nil.
  public subscript(_ name: String) -> NamedArray? { arrays.first { $0.name == name } }
}

extension NPZ {
  /// Reads a file, as `numpy.savez` or `numpy.savez_compressed` wrote it.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - limit: the most bytes to unpack; a small file can claim to hold very many.
  /// - Throws: `FileError` that names the file and the array at fault.
  public init(file path: String, limit: Int = 1 << 34) throws {
    try self.init(try ZipArchive(file: path), path, limit)
  }

  /// Parses the bytes of a file; `path` names it in errors.
  ///
  /// - Throws: `FileError` that names the file and the array at fault.
  public init(parsing file: [UInt8], path: String = "npz data", limit: Int = 1 << 34) throws {
    try self.init(try ZipArchive(parsing: file, path: path), path, limit)
  }

  private init(_ archive: ZipArchive, _ path: String, _ limit: Int) throws {
    var (arrays, names, left) = ([NamedArray](), Set<String>(), limit)
    for entry in archive.entries {
      let bytes = try archive.read(entry, limit: left)
      left -= bytes.count
      let name = try entry.arrayName(notIn: names, path)
      names.insert(name)
      try entry.naming(path) { arrays.append(try NPY(parsing: bytes, path: path).named(name)) }
    }
    self.init(arrays)
  }

  /// Writes the file in one step.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - isCompressed: whether it is made smaller, which takes time.
  /// - Throws: `FileError` if two arrays have one name, the file would exceed 4 GiB, or writing
  ///   fails.
  public func write(to path: String, isCompressed: Bool = false) throws {
    try writeFile(path) { writer in
      var directory = ZipDirectory(path: path)
      for array in arrays {
        let header = try NPYHeader.bytes(array.dtype, array.shape, path)
        try directory.write(
          "\(array.name).npy", [header[...], array.bytes], isCompressed: isCompressed,
          to: &writer)
      }
      try directory.finish(&writer)
    }
  }
}

extension ZipArchive.Entry {
  /// The name of the array in the entry, which no other may have.
  func arrayName(notIn taken: some Collection<String>, _ path: String) throws -> String {
    let arrayName = name.hasSuffix(".npy") ? String(name.dropLast(4)) : name
    guard !taken.contains(arrayName) else {
      throw FileError(
        .corrupt, path, at: .entry(arrayName), expected: "every name once",
        found: "the name twice")
    }
    return arrayName
  }

  /// Does what reads the entry, which errors then name.
  func naming<Value>(_ path: String, _ read: () throws -> Value) throws -> Value {
    do {
      return try read()
    } catch let error as FileError {
      throw error.inside(name, of: path)
    }
  }
}

import PlushData

/// A group of an HDF5 file.
public struct HDF5Group {
  /// The names of what is in the group, in the order of their letters.
  public let names: [String]
  private let places: [String: Int]
  private let header: ObjectHeader

  init(_ header: ObjectHeader, _ places: [String: Int]) {
    self.header = header
    self.places = places
    names = places.keys.sorted()
  }

  /// Where the members of the group with this header stand, by name.
  static func links(_ header: ObjectHeader) throws -> [String: Int] {
    if let table = try header.message(ObjectHeader.Kind.symbolTable) {
      return try SymbolTable.links(table, header.reader)
    }
    var links = HDF5Links()
    for message in header.messages where message.kind == ObjectHeader.Kind.link {
      try links.add(message.body)
    }
    if let info = try header.message(ObjectHeader.Kind.linkInfo) {
      for body in try FractalHeap.links(info, header.reader) { try links.add(body) }
    }
    return links.places
  }

  /// Whether there is a group or an array under a path such as `layers/dense`.
  public func contains(_ path: String) -> Bool { (try? header(path)) != nil }

  /// The group under a path.
  ///
  /// - Throws: `FileError` if there is none, or an array.
  public func group(_ path: String) throws -> HDF5Group {
    try Self.parts(path).reduce(self) { try $0.header.reader.group(at: try $0.place(of: $1)) }
  }

  /// The array under a path.
  ///
  /// - Throws: `FileError` if there is none, or a group.
  public func dataset(_ path: String) throws -> HDF5Dataset {
    try HDF5Dataset(try header(path), path)
  }

  /// Whether an array, not a group, stands under a path.
  ///
  /// - Throws: `FileError` if there is neither, or the file is damaged.
  public func isDataset(_ path: String) throws -> Bool {
    try header(path).messages.contains { $0.kind == ObjectHeader.Kind.layout }
  }

  /// The value of an attribute, or nil if there is none of this name.
  ///
  /// - Throws: `FileError` if the file is damaged there.
  public func attribute(_ name: String) throws -> HDF5Value? { try header.attribute(name) }

  /// The names of the attributes.
  ///
  /// - Throws: `FileError` if the file is damaged there.
  public func attributeNames() throws -> [String] { try header.attributes().map(\.name) }

  /// - Throws: `FileError` if groups are deeper in each other than anybody puts them, or more than
  ///   the file has room for.
  func checkTree(depth: Int, count: Int, _ path: String) throws {
    guard depth < 64, count <= header.reader.source.size / 16 else {
      throw FileError(
        .corrupt, header.reader.path, at: .entry(String(path.prefix(80))),
        expected: "groups at most 64 deep", found: "a circle, or deeper ones")
    }
  }

  private func header(_ path: String) throws -> ObjectHeader {
    let parts = Self.parts(path)
    guard let last = parts.last else { return header }
    let group = try group(parts.dropLast().joined(separator: "/"))
    return try ObjectHeader(at: try group.place(of: last), header.reader)
  }

  private static func parts(_ path: String) -> [String] {
    path.split(separator: "/").map(String.init)
  }

  private func place(of name: String) throws -> Int {
    if let place = places[name] { return place }
    let known = names.prefix(8).joined(separator: ", ")
    throw FileError(
      .missing, header.reader.path, at: .entry(name), expected: "a group or array of this name",
      found: names.isEmpty ? "an empty group" : "only \(known)")
  }
}

/// The links of a group of the new kind, as they are read.
struct HDF5Links {
  private(set) var places: [String: Int] = [:]

  /// Takes a link message; soft and external links lead to nothing that is read.
  mutating func add(_ message: HDF5Cursor) throws {
    var message = message
    _ = try message.version(1...1, of: "a link")
    let flags = try message.number(1)
    let kind = flags & 8 != 0 ? try message.number(1) : 0
    if flags & 4 != 0 { try message.skip(8) }
    if flags & 16 != 0 { try message.skip(1) }
    let name = try message.text(try message.number(1 << (flags & 3)))
    guard kind == 0 else { return }
    guard let place = try message.address(), places.updateValue(place, forKey: name) == nil else {
      throw message.wrong("an address, and every name once", "none, or '\(name)' twice")
    }
  }
}

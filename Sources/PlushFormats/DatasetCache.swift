import PlushData
import PlushNN
import PlushTensor

extension Dataset {
  /// The elements as the first whole pass gave them, kept in a folder on the disk.
  ///
  /// What comes before is gone through once, in whatever epoch and by whatever run of the program;
  /// shuffle after it. A few megabytes at a time are in memory.
  ///
  /// The folder holds safetensors files with the elements, and `cache.json`, which lists them and is
  /// written last: without it there is no cache yet, and a pass that was left early leaves nothing
  /// to be read. A cache is not checked against what it was made of, and is not made anew when it is
  /// damaged, but throws `FileError`: remove the folder in both cases.
  ///
  /// - Parameter folder: the folder of this cache alone; it is created if it is not there.
  public func cache(to folder: String) -> Dataset {
    Dataset(count: count) { epoch in
      if let parts = try CachePart.list(in: folder) {
        let reader = CacheReader(folder, parts)
        return { try reader.next() }
      }
      let writer = try CacheWriter(folder)
      var elements = iterator(epoch: epoch)
      return {
        guard let element = try await elements.next() else {
          try writer.finish()
          return nil
        }
        try writer.append(element)
        // Whoever knows the count does not ask for the end.
        if writer.count == count { try writer.finish() }
        return element
      }
    }
  }
}

/// A file with some elements that follow each other.
private struct CachePart {
  let file: String
  let checksum: UInt32

  /// About how many bytes a part has, and how many elements it has at most.
  static let size = 16 << 20
  static let limit = 1024

  private static let format = "plush data set 1"

  /// The parts of a finished cache, or nil if there is none.
  static func list(in folder: String) throws -> [CachePart]? {
    let path = indexPath(folder)
    do {
      let index = try JSON(file: path)
      guard index["format"]?.string == format else {
        throw FileError(
          .unsupported, path, expected: "the format '\(format)'",
          found: index["format"]?.summary ?? "none", hint: cacheHint(folder))
      }
      return try index.get("parts", \.array).map { part in
        // The files of a cache stand in its folder, whatever a list from elsewhere says.
        CachePart(
          file: try part.get("file") { $0.string.flatMap { $0.contains("/") ? nil : $0 } },
          checksum: try part.get("checksum") { $0.int.flatMap(UInt32.init(exactly:)) })
      }
    } catch let error as JSONError {
      throw FileError(error, path)
    } catch let error as FileError where error.kind == .missing {
      return nil
    }
  }

  /// Writes the list that makes the parts a finished cache.
  static func write(_ parts: [CachePart], in folder: String) throws {
    let list = parts.map { part -> JSON in
      ["file": .string(part.file), "checksum": .int(Int(part.checksum))]
    }
    try (["format": .string(format), "parts": .array(list)] as JSON).write(to: indexPath(folder))
  }

  private static func indexPath(_ folder: String) -> String { "\(folder)/cache.json" }
}

private func cacheHint(_ folder: String) -> String {
  "remove the folder \(folder), and it is made anew"
}

/// Writes the elements of one pass; what it wrote is removed if the pass is not finished.
private final class CacheWriter {
  private let folder: String
  /// Nobody else who fills the folder writes under this name.
  private let tag = String(UInt64.random(in: .min ... .max), radix: 36)
  private var parts: [CachePart] = []
  private var pending: [[NamedArray]] = []
  private var pendingSize = 0
  private var isFinished = false
  /// How many elements were given.
  private(set) var count = 0

  init(_ folder: String) throws {
    self.folder = folder
    try FileSystem.createDirectory(folder)
  }

  deinit {
    if !isFinished { removeFiles { $0.hasPrefix(tag) } }
  }

  func append(_ element: Samples) throws {
    let arrays = element.namedArrays("\(pending.count)")
    pending.append(arrays)
    pendingSize += arrays.reduce(0) { $0 + $1.bytes.count }
    count += 1
    if pendingSize >= CachePart.size || pending.count == CachePart.limit { try writePending() }
  }

  func finish() throws {
    if isFinished { return }
    if !pending.isEmpty { try writePending() }
    // Another pass may have been faster, and be read already.
    if try CachePart.list(in: folder) != nil { return }
    try CachePart.write(parts, in: folder)
    isFinished = true
    // What killed programs left.
    removeFiles { $0.hasSuffix(".safetensors") && !$0.hasPrefix(tag) }
  }

  private func writePending() throws {
    let number = "\(parts.count)"
    let zeros = String(repeating: "0", count: max(0, 5 - number.count))
    let file = "\(tag)-\(zeros)\(number).safetensors"
    try Safetensors(pending.flatMap { $0 }, metadata: ["elements": "\(pending.count)"])
      .write(to: "\(folder)/\(file)")
    let written = try readFile("\(folder)/\(file)")
    parts.append(CachePart(file: file, checksum: checksum(written[...])))
    pending = []
    pendingSize = 0
  }

  private func removeFiles(_ isLeftOver: (String) -> Bool) {
    for name in FileSystem.names(in: folder) where isLeftOver(name) {
      FileSystem.remove("\(folder)/\(name)")
    }
  }
}

/// Reads the elements of a finished cache, one part after another.
private final class CacheReader {
  private let folder: String
  private var parts: ArraySlice<CachePart>
  private var elements: ArraySlice<Samples> = []

  init(_ folder: String, _ parts: [CachePart]) {
    self.folder = folder
    self.parts = parts[...]
  }

  func next() throws -> Samples? {
    while elements.isEmpty {
      guard let part = parts.popFirst() else { return nil }
      elements = []
      elements = try read(part)[...]
    }
    return elements.popFirst()
  }

  private func read(_ part: CachePart) throws -> [Samples] {
    let path = "\(folder)/\(part.file)"
    do {
      let bytes = try readFile(path)
      guard checksum(bytes[...]) == part.checksum else {
        throw FileError(
          .corrupt, path, expected: "what was written (checksum \(part.checksum))",
          found: "other bytes (checksum \(checksum(bytes[...])))")
      }
      let file = try Safetensors(parsing: bytes, path: path)
      let arrays = Dictionary(uniqueKeysWithValues: file.arrays.map { ($0.name, $0) })
      let count = file.metadata["elements"].flatMap { Int($0) } ?? 0
      // Every element has an input.
      guard (0...file.arrays.count).contains(count) else {
        throw FileError(
          .corrupt, path, at: .entry("elements"), expected: "at most \(file.arrays.count)",
          found: "\(count)")
      }
      return (0..<count).map { Samples(arrays, "\($0)") }
    } catch let error as FileError {
      throw FileError(
        error.kind, path, at: error.place, expected: error.expected, found: error.found,
        hint: cacheHint(folder))
    }
  }
}

extension Samples {
  /// The arrays under names that begin with `prefix`.
  fileprivate func namedArrays(_ prefix: String) -> [NamedArray] {
    let groups = [("input", inputs), ("truth", truths), ("weight", weights)]
    return groups.flatMap { name, tensors in
      tensors.enumerated().map { NamedArray("\(prefix)/\(name)/\($0)", $1) }
    }
  }

  /// What `namedArrays` gave, out of all arrays of a file.
  fileprivate init(_ arrays: [String: NamedArray], _ prefix: String) {
    func group(_ name: String) -> [Tensor] {
      sequence(state: 0) { number in
        defer { number += 1 }
        return arrays["\(prefix)/\(name)/\(number)"]?.tensor
      }.map { $0 }
    }
    self.init(inputs: group("input"), truths: group("truth"), weights: group("weight"))
  }
}

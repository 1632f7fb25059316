import PlushData
import PlushEngine

/// An array of an HDF5 file, which is read when `read` is called.
public struct HDF5Dataset {
  /// The extent of each axis, outermost first.
  public let shape: [Int]
  /// The type that the elements have when they are read.
  public let dtype: DType
  private let path: String
  private let element: NPYElement
  private let layout: DataLayout
  private let filters: [DataFilter]
  private let fill: ArraySlice<UInt8>
  private let header: ObjectHeader

  init(_ header: ObjectHeader, _ path: String) throws {
    guard let space = try header.message(ObjectHeader.Kind.dataspace),
      let type = try header.message(ObjectHeader.Kind.datatype),
      let layout = try header.message(ObjectHeader.Kind.layout)
    else {
      throw FileError(
        .corrupt, header.reader.path, at: .entry(path), expected: "an array", found: "a group")
    }
    let dataspace = try HDF5Dataspace(space)
    shape = dataspace.isNull ? [0] : dataspace.shape
    element = try Self.element(type, header, path)
    dtype = element.dtype
    guard byteCount(of: dtype, shape) != nil else {
      throw space.wrong("a shape that fits into memory", "\(shape)")
    }
    self.path = path
    self.layout = try DataLayout(layout, rank: shape.count)
    filters = try header.message(ObjectHeader.Kind.filters).map(DataFilter.list) ?? []
    fill = try Self.fill(header)
    self.header = header
  }

  private static func element(
    _ message: HDF5Cursor, _ header: ObjectHeader, _ path: String
  ) throws -> NPYElement {
    switch try HDF5Type(message) {
    case .number(let element): return element
    case .other(let kind, size: 2) where kind.hasPrefix("opaque"):
      // So does h5py write a type that it does not know; Keras adds its name.
      if try header.attribute("dtype")?.string == "bfloat16" { return NPYElement(.bfloat16) }
      throw unsupported(kind, header, path)
    case .other(let kind, _): throw unsupported(kind, header, path)
    case .text, .heapText: throw unsupported("text", header, path)
    }
  }

  private static func unsupported(
    _ kind: String, _ header: ObjectHeader, _ path: String
  ) -> FileError {
    FileError(
      .unsupported, header.reader.path, at: .entry(path), expected: "numbers or truth values",
      found: kind)
  }

  /// The value of elements that are not in the file; nothing for zero.
  private static func fill(_ header: ObjectHeader) throws -> ArraySlice<UInt8> {
    if var message = try header.message(ObjectHeader.Kind.fillValue) {
      let version = try message.version(1...3, of: "a fill value")
      if version == 3 {
        guard try message.number(1) & 0x20 != 0 else { return [] }
      } else {
        try message.skip(2)
        guard try message.number(1) != 0 || version == 1 else { return [] }
      }
      return try message.take(try message.number(4))
    }
    guard var message = try header.message(ObjectHeader.Kind.oldFillValue) else { return [] }
    return try message.take(try message.number(4))
  }

  /// The value of an attribute, or nil if there is none of this name.
  ///
  /// - Throws: `FileError` if the file is damaged there.
  public func attribute(_ name: String) throws -> HDF5Value? { try header.attribute(name) }

  /// Bytes of the elements in the file, unpacked.
  var storedSize: Int { byteCount(shape, elementSize: element.storedSize) ?? .max }

  /// Whether the elements stand in the file as they are, and not in chunks.
  var isContiguous: Bool {
    if case .chunked = layout { false } else { true }
  }

  /// Reads the elements.
  ///
  /// - Parameter limit: the most bytes to unpack; by default eight times the file and 32 MiB, as a
  ///   small file can claim to hold very many.
  /// - Throws: `FileError` if the array does not lie in the file, is damaged or too large.
  public func read(limit: Int? = nil) throws -> NamedArray {
    let reader = header.reader
    let limit = limit ?? 32 << 20 + 8 * reader.source.size
    guard storedSize <= limit else {
      throw FileError(
        .tooLarge, reader.path, at: .entry(path), expected: "at most \(limit) bytes",
        found: "the shape \(shape) of \(dtype.name)")
    }
    return try element.array(path, shape: shape, try bytes(limit), reader.path)
  }

  private func bytes(_ limit: Int) throws -> ArraySlice<UInt8> {
    let reader = header.reader
    switch layout {
    case .compact(let bytes):
      try check(bytes.count)
      return bytes
    case .contiguous(nil, _): return filled()[...]
    case .contiguous(let address?, let size):
      try check(size)
      return try reader.data(at: address, storedSize)[...]
    case .chunked(let chunks): return try bytes(of: chunks, limit)[...]
    }
  }

  private func bytes(of chunks: Chunks, _ limit: Int) throws -> [UInt8] {
    let (reader, elementSize) = (header.reader, element.storedSize)
    let list = try chunks.list(
      shape, elementSize: elementSize, isPacked: !filters.isEmpty, reader)
    let size = chunks.size * elementSize
    // Chunks reach beyond the array, but not far: what is unpacked is not to be thrown away.
    guard list.count <= 4 * min(limit, 1 << 50) / size else {
      throw FileError(
        .tooLarge, reader.path, at: .entry(path), expected: "at most \(4 * limit) bytes in chunks",
        found: "\(list.count) of \(size)")
    }
    let unpacking = ChunkFilters(filters, elementSize: elementSize, reader: reader)
    var assembly = ChunkAssembly(shape, chunks.shape, elementSize: elementSize, filled())
    for chunk in list { try assembly.add(try unpacking.unpack(chunk, size: size), chunk.offset) }
    return assembly.bytes
  }

  private func check(_ size: Int) throws {
    guard size == storedSize else {
      throw FileError(
        .corrupt, header.reader.path, at: .entry(path),
        expected: "\(storedSize) bytes for the shape \(shape) of \(dtype.name)", found: "\(size)")
    }
  }

  /// As many bytes as the array has, of the fill value.
  private func filled() -> [UInt8] {
    let size = element.storedSize
    guard fill.count == size, fill.contains(where: { $0 != 0 }) else {
      return [UInt8](repeating: 0, count: storedSize)
    }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(storedSize)
    for _ in 0..<storedSize / size { bytes.append(contentsOf: fill) }
    return bytes
  }
}

import PlushData
import PlushTensor

/// A safetensors file of which arrays are read one by one, when they are asked for: the file is
/// mapped into memory, and only its header is read at first.
///
/// ```swift
/// let file = try MappedSafetensors(file: "model.safetensors")
/// let kernel = try file.tensor("dense/kernel")
/// ```
///
/// The file must not be shortened as long as this lives.
public struct MappedSafetensors: Sendable {
  private let file: MappedFile
  private let path: String
  private let header: SafetensorsHeader
  private let places: [String: Int]

  /// Opens a file and checks its header.
  ///
  /// - Throws: `FileError` that names the file and the array at fault.
  public init(file path: String) throws {
    let file = try MappedFile(path)
    header = try SafetensorsHeader(size: file.bytes.count, path) { Array(file.bytes[$0]) }
    places = Dictionary(
      uniqueKeysWithValues: header.entries.enumerated().map { ($1.name, $0) })
    self.file = file
    self.path = path
  }

  /// The names of the arrays, in the order of their data.
  public var names: [String] { header.entries.map(\.name) }

  /// What else the file says, such as `format`.
  public var metadata: [String: String] { header.metadata }

  /// The shape of an array, or nil if there is none of this name.
  public func shape(_ name: String) -> [Int]? { places[name].map { header.entries[$0].shape } }

  /// An array, or nil if there is none of this name.
  ///
  /// - Throws: `FileError` if it holds numbers that have no place here.
  public func array(_ name: String) throws -> NamedArray? { try mapped(name)?.array() }

  /// An array as a tensor, or nil if there is none of this name.
  ///
  /// - Throws: `FileError` if it holds numbers that have no place here.
  public func tensor(_ name: String) throws -> Tensor? { try mapped(name)?.tensor() }

  private func mapped(_ name: String) -> MappedArray? {
    guard let place = places[name] else { return nil }
    let entry = header.entries[place]
    let dtype = entry.element.dtype
    return MappedArray(
      dtype, shape: entry.shape, in: file, header.end + entry.begin..<header.end + entry.end,
      isPlain: entry.element == SafetensorsElement(dtype) && dtype != .bool
    ) { [path] in try entry.array($0, path) }
  }
}

import Foundation
import PlushData
import PlushEngine
import PlushFormats
import PlushNN
import PlushTensor
import PlushTestSupport
import Testing

/// Files that h5py wrote, in the usual way and with everything new.
@Suite struct HDF5Tests {
  static func golden(_ name: String) -> String {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    return folder.appendingPathComponent("Golden/\(name)").path
  }

  @Test(arguments: ["old.h5", "new.h5"]) func arraysOfH5py(_ name: String) throws {
    let root = try HDF5File(Self.golden(name)).root
    let values = (0..<60).map(Float.init)
    for array in ["plain", "chunked", "packed", "single"] {
      let dataset = try root.dataset(array)
      #expect(dataset.shape == [5, 4, 3])
      #expect(try dataset.read().tensor.dataSync() == values, "\(array)")
    }
    #expect(try root.dataset("big").read().tensor.dataSync(as: Int64.self) == [0, 1, 2, 3, 4, 5])
    #expect(try root.dataset("half").read().tensor.cast(to: .float32).dataSync() == [0.5, -1])
    #expect(try root.dataset("truth").read().bytes.elementsEqual([1, 0, 1]))
    #expect(try root.dataset("scalar").read().tensor.shape == [])
    #expect(try root.dataset("scalar").read().tensor.cast(to: .float32).item() == 2.5)
    #expect(try root.dataset("empty").read().shape == [0, 3])
    #expect(
      try root.dataset("filled").read().tensor.dataSync() == [Float](repeating: 7, count: 6))
    #expect(try root.group("many").names.count == 41)
    for number in [0, 9, 39] {
      let array = try root.dataset("many/array_\(number)").read()
      #expect(array.tensor.dataSync(as: Int32.self) == [Int32(number)])
    }
  }

  @Test(arguments: ["old.h5", "new.h5"]) func attributesOfH5py(_ name: String) throws {
    let root = try HDF5File(Self.golden(name)).root
    #expect(try root.attribute("text") == .string("grüße"))
    #expect(try root.attribute("texts") == .strings(["one", "two", "three"]))
    #expect(try root.attribute("fixed") == .strings(["ab", "c"]))
    #expect(try root.attribute("none") == nil)
    guard case .array(let numbers) = try root.attribute("numbers") else {
      Issue.record("no numbers")
      return
    }
    #expect(numbers.tensor.dataSync() == [1.5, -2])
    let deep = try root.group("many/deep")
    #expect(try deep.attributeNames().count == 20)
    guard case .array(let seven) = try deep.attribute("attribute_7") else {
      Issue.record("no attribute_7")
      return
    }
    #expect(seven.tensor.dataSync(as: Int64.self) == [7])
  }

  /// Arrays of every type, and so many that the tree of names has levels.
  func file(_ folder: TestFolder) throws -> (path: String, arrays: [NamedArray]) {
    var arrays = DType.allCases.map { dtype in
      NamedArray("types/\(dtype.name)", Tensor([0, 1, 1, 0, 1], shape: [5]).cast(to: dtype))
    }
    arrays += (0..<700).map { NamedArray("many/array_\($0)/value", Tensor([Float($0)])) }
    arrays.append(NamedArray("empty", Tensor.zeros([0, 2])))
    arrays.append(NamedArray("scalar", Tensor(Float(3))))
    try NamedArray.write(arrays, to: folder("all.h5"))
    return (folder("all.h5"), arrays)
  }

  @Test func roundTrip() throws {
    let folder = try TestFolder()
    let (path, arrays) = try file(folder)
    let read = try NamedArray.all(in: path)
    #expect(Set(read) == Set(arrays))
    #expect(read.count == arrays.count)
  }

  @Test func errorsTellThePlace() throws {
    let root = try HDF5File(Self.golden("old.h5")).root
    #expect(throws: FileError.self) { try root.dataset("none") }
    #expect(throws: FileError.self) { try root.dataset("many") }
    #expect(throws: FileError.self) { try root.group("plain/inside") }
    #expect(throws: FileError.self) { try HDF5File(parsing: Array("not HDF5 at all".utf8)) }
  }
}

/// Files that were cut, changed or made to mislead.
@Suite struct HostileHDF5Tests {
  /// Reads all of a file.
  private func readAll(_ bytes: [UInt8]) throws {
    let root = try HDF5File(parsing: bytes).root
    for name in try root.attributeNames() { _ = try root.attribute(name) }
    for path in try root.datasetPaths() { _ = try root.dataset(path).read() }
  }

  @Test(arguments: ["old.h5", "new.h5"]) func cutFiles(_ name: String) throws {
    let bytes = try readFile(HDF5Tests.golden(name))
    try readAll(bytes)
    for count in stride(from: 0, to: bytes.count, by: 100) {
      let error = #expect(throws: FileError.self) { try readAll(Array(bytes[..<count])) }
      #expect(error?.kind == .truncated || error?.kind == .corrupt)
    }
  }

  @Test(arguments: ["old.h5", "new.h5"]) func changedFiles(_ name: String) throws {
    let bytes = try readFile(HDF5Tests.golden(name))
    var generator = TestGenerator(seed: 5)
    var refused = 0
    for _ in 0..<1000 {
      do {
        try readAll(generator.flippingBits(of: bytes))
      } catch is FileError {
        refused += 1
      }
    }
    #expect(refused > 0)
  }

  /// The places of a mark in a file.
  private func places(of mark: String, in bytes: [UInt8]) -> [Int] {
    let mark = Array(mark.utf8)
    return bytes.indices.filter { bytes[$0...].starts(with: mark) }
  }

  @Test func circlesInTrees() throws {
    let folder = try TestFolder()
    var bytes = try readFile(try HDF5Tests().file(folder).path)
    let root = try #require(places(of: "TREE", in: bytes).first { bytes[$0 + 5] > 0 })
    bytes.replaceSubrange(root + 32..<root + 40, with: root.littleEndianBytes)
    let error = #expect(throws: FileError.self) { try readAll(bytes) }
    #expect(error?.place == .byte(root) || error?.place == .byte(root + 6))
  }

  @Test func circlesOfGroups() throws {
    let folder = try TestFolder()
    var bytes = try readFile(try HDF5Tests().file(folder).path)
    // The first entry of the root leads back to the root.
    let root = Array(bytes[64..<72])
    let node = try #require(places(of: "SNOD", in: bytes).last)
    bytes.replaceSubrange(node + 16..<node + 24, with: root)
    let error = #expect(throws: FileError.self) { try readAll(bytes) }
    #expect(error?.expected == "groups at most 64 deep")
  }

  @Test func lyingShapesAndPlaces() throws {
    let folder = try TestFolder()
    try NamedArray.write([NamedArray("a", Tensor([1, 2, 3]))], to: folder("a.h5"))
    let bytes = try readFile(folder("a.h5"))
    // The shape of one axis of 3.
    let shape = try #require(
      bytes.indices.first { bytes[$0...].starts(with: [1, 1, 0, 0, 0, 0, 0, 0, 3, 0]) })
    for size in [4, 1 << 40, Int.max] {
      var changed = bytes
      changed.replaceSubrange(shape + 8..<shape + 16, with: size.littleEndianBytes)
      #expect(throws: FileError.self) { try readAll(changed) }
    }
    // A contiguous layout: its address, and how many bytes there are.
    let layout = try #require(
      bytes.indices.first {
        bytes[$0...].starts(with: [3, 1])
          && bytes[$0 + 10..<$0 + 18].elementsEqual(12.littleEndianBytes)
      })
    for place in [bytes.count, 1 << 50, Int.max, -2] {
      var changed = bytes
      changed.replaceSubrange(layout + 2..<layout + 10, with: place.littleEndianBytes)
      let error = #expect(throws: FileError.self) { try readAll(changed) }
      #expect(error?.kind == .corrupt)
    }
  }

  @Test func chunksThatUnpackToMuch() throws {
    let bytes = try readFile(HDF5Tests.golden("old.h5"))
    let root = try HDF5File(parsing: bytes).root
    let error = #expect(throws: FileError.self) { try root.dataset("packed").read(limit: 100) }
    #expect(error?.kind == .tooLarge)
  }
}

import Foundation
import Plush
import PlushONNX
import PlushTestSupport
import Testing

/// Files that are damaged, or lie.
@Suite struct ONNXHostileFileTests {
  private func bytes() throws -> [UInt8] {
    seed(5)
    let model = Sequential {
      Conv1D(2, kernelSize: 3, padding: .same, activation: .relu, inputShape: [6, 2])
      Flatten()
      Dense(2, activation: .softmax)
    }
    return try ONNX.bytes(of: model)
  }

  @Test func damagedFilesAreRefusedOrRead() throws {
    let file = try bytes()
    let x = Tensor.ones([2, 6, 2])
    var generator = TestGenerator(seed: 11)
    var refused = 0
    for _ in 0..<3000 {
      let damaged = generator.flippingBits(of: file)
      do {
        _ = try ONNX.load(bytes: damaged).run([x])
      } catch {
        refused += 1
      }
    }
    #expect(refused > 100)
  }

  @Test func truncatedFilesAreRefused() throws {
    let file = try bytes()
    var generator = TestGenerator(seed: 2)
    for _ in 0..<200 {
      let end = Int.random(in: 0..<file.count - 1, using: &generator)
      _ = try? ONNX.load(bytes: Array(file[..<end]))
    }
    #expect(throws: FileError.self) { try ONNX.load(bytes: Array(file[..<3])) }
    #expect(throws: FileError.self) { try ONNX.load(bytes: []) }
  }

  @Test func sizesThatLieAreRefused() throws {
    // A tensor of 2⁶² elements without data.
    let tensor = number(1, 1 << 31) + number(1, 1 << 31) + number(2, 1) + field(8, Array("w".utf8))
    let graph = field(5, tensor)
    #expect(throws: ONNXError.self) { try ONNX.load(bytes: field(7, graph)) }
  }

  @Test func deepNestingIsRefused() throws {
    // Graphs in attributes of nodes in graphs.
    var graph: [UInt8] = []
    for _ in 0..<2000 { graph = field(1, field(4, Array("If".utf8)) + field(5, field(6, graph))) }
    #expect(throws: (any Error).self) { try ONNX.load(bytes: field(7, graph)) }
  }

  /// A graph for three samples that gives one number for all cannot run batch by batch.
  @Test func oneNumberForAFixedBatchIsRefused() throws {
    let reduce =
      field(1, Array("x".utf8)) + field(2, Array("y".utf8)) + field(4, Array("ReduceSum".utf8))
      + field(5, field(1, Array("keepdims".utf8)) + number(3, 0) + number(20, 2))
    let sizes = field(1, number(1, 3)) + field(1, number(1, 2))
    let type = field(1, number(1, 1) + field(2, sizes))
    let graph =
      field(1, reduce) + field(11, field(1, Array("x".utf8)) + field(2, type))
      + field(12, field(1, Array("y".utf8)))
    let model = try ONNX.load(bytes: field(7, graph) + field(8, number(2, 13)))
    #expect(try model.call([Tensor.ones([3, 2])], training: false)[0].item() == 6)
    let error = #expect(throws: ONNXError.self) {
      try model.call([Tensor.ones([2, 2])], training: false)
    }
    #expect(error?.expected.contains("3 samples") == true)
  }

  @Test func dataOutsideOfTheFolderAreRefused() throws {
    let folder = try TestFolder()
    for location in ["../secret", "/etc/passwd", "a/../../secret", ""] {
      let entry = field(1, Array("location".utf8)) + field(2, Array(location.utf8))
      let tensor =
        number(1, 4) + number(2, 1) + field(8, Array("w".utf8)) + field(13, entry) + number(14, 1)
      try writeFile(folder("model.onnx"), field(7, field(5, tensor)))
      let error = #expect(throws: ONNXError.self) { try ONNX.load(folder("model.onnx")) }
      #expect(error?.message.contains("location") == true)
    }
  }

  /// The graph of y = x + w, but for its initializers.
  private func sum() -> [UInt8] {
    let node =
      field(1, Array("x".utf8)) + field(1, Array("w".utf8)) + field(2, Array("y".utf8))
      + field(4, Array("Add".utf8))
    let sizes = field(1, number(1, 3)) + field(1, number(1, 2))
    let type = field(1, number(1, 1) + field(2, sizes))
    return field(1, node) + field(11, field(1, Array("x".utf8)) + field(2, type))
      + field(12, field(1, Array("y".utf8)))
  }

  /// Two numbers under a name, but for their elements.
  private func pair(_ name: String) -> [UInt8] {
    number(1, 2) + number(2, 1) + field(8, Array(name.utf8))
  }

  private func bytes(_ numbers: [Float]) -> [UInt8] { numbers.withUnsafeBytes { Array($0) } }

  @Test func dataBesideTheModelAreRead() throws {
    let folder = try TestFolder()
    func place(_ key: String, _ value: String) -> [UInt8] {
      field(13, field(1, Array(key.utf8)) + field(2, Array(value.utf8)))
    }
    let tensor =
      pair("w") + place("location", "weights.bin") + place("offset", "4") + number(14, 1)
    let graph = sum() + field(5, tensor)
    try writeFile(folder("model.onnx"), field(7, graph) + field(8, number(2, 13)))
    try writeFile(folder("weights.bin"), bytes([5, 10, 20]))
    let model = try ONNX.load(folder("model.onnx"))
    let y = try model.run([Tensor.ones([3, 2])])[0]
    #expect(y.dataSync() == [11, 21, 11, 21, 11, 21])
    try writeFile(folder("weights.bin"), bytes([5, 10]))
    let error = #expect(throws: ONNXError.self) { try ONNX.load(folder("model.onnx")) }
    #expect(error?.found == "8 from byte 4 of 8")
  }

  /// As the format has it: a graph may come in parts, and of equal fields the last counts.
  @Test func partsOfAGraphAndFieldsThatComeAgain() throws {
    let other = pair("v") + field(9, bytes([7, 7]))
    let tensor = field(9, bytes([1, 2])) + pair("w") + field(9, bytes([10, 20]))
    let first = field(7, field(5, other)) + field(8, number(2, 13))
    let file = first + field(7, sum() + field(5, tensor))
    let y = try ONNX.load(bytes: file).run([Tensor.ones([3, 2])])[0]
    #expect(y.dataSync() == [11, 21, 11, 21, 11, 21])
    let short = pair("w") + field(9, bytes([10]))
    let error = #expect(throws: ONNXError.self) {
      try ONNX.load(bytes: field(7, sum() + field(5, short)) + field(8, number(2, 13)))
    }
    #expect(error?.found == "4")
  }

  /// A length that reaches beyond what is around it, at each level.
  @Test func lengthsThatLieAreRefused() throws {
    let long: [UInt8] = [9 << 3 | 2, 0x80, 0x80, 0x80, 0x80, 0x04, 1, 2, 3]
    for file in [
      field(7, sum() + field(5, pair("w") + long)),
      field(7, sum() + [5 << 3 | 2, 100] + pair("w")),
      [7 << 3 | 2, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1] + sum(),
    ] {
      let error = #expect(throws: FileError.self) { try ONNX.load(bytes: file) }
      #expect(error?.kind == .corrupt)
    }
  }
}

import Foundation
import PlushData
import PlushEngine
import PlushFormats
import PlushTensor
import PlushTestSupport
import Testing

/// Arrays that go to the packages of others and come back; `scripts/arrays` is their side.
@Suite struct InterchangeTests {
  static let python = ProcessInfo.processInfo.environment["PLUSH_PYTHON"]

  private func counted(_ type: DType) -> Tensor {
    let values = Tensor([[0.0, 1, 2], [3, 4, 5]])
    return (type == .bool ? Tensor([[0.0, 1, 0], [1, 0, 1]]) : values).cast(to: type)
  }

  @Test(.enabled(if: python != nil)) func arrays() throws {
    let folder = try TestFolder()
    let arrays = DType.allCases.map { NamedArray($0.name, counted($0)) }
    try Safetensors(arrays, metadata: ["format": "pt"]).write(to: folder("plush.safetensors"))
    try NPZ(arrays).write(to: folder("plush.npz"))
    for type in DType.allCases { try NPY(counted(type)).write(to: folder("\(type.name).npy")) }
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    let script = root.appending(path: "../../scripts/arrays").path
    #expect(run(Self.python ?? "", script, folder.path))

    let torch = try Safetensors(file: folder("torch.safetensors")).arrays
    let numpy = try Safetensors(file: folder("numpy.safetensors")).arrays
    let plain = try NPZ(file: folder("numpy.npz")).arrays
    let packed = try NPZ(file: folder("compressed.npz")).arrays
    let single = try plain.map { array in
      let file = try NPY(file: folder("numpy_\(array.name).npy"))
      return NamedArray(array.name, file.dtype, shape: file.shape, bytes: file.bytes)
    }
    #expect(torch.count == 15 && numpy.count == 11 && plain.count == 11 && packed.count == 11)
    for array in torch + numpy + plain + packed + single {
      let expected = counted(array.dtype).dataSync()
      #expect(array.tensor.dataSync() == expected, "\(array.name)")
      #expect(array.shape == [2, 3])
      if let type = DType(name: array.name) { #expect(array.dtype == type) }
    }
    let mapped = try MappedSafetensors(file: folder("torch.safetensors"))
    for name in mapped.names {
      let tensor = try #require(try mapped.tensor(name))
      #expect(tensor.dataSync() == counted(tensor.dtype).dataSync(), "\(name)")
    }
  }
}

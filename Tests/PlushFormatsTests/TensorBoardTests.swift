import Foundation
import PlushFormats
import PlushNN
import PlushTensor
import PlushTestSupport
import Testing

@Suite struct TensorBoardTests {
  @Test func checksum() {
    // The check value of CRC-32C in the catalogue of Greg Cook.
    #expect(crc32c(Array("123456789".utf8)) == 0xE306_9283)
    // Length 1, its checksum, the byte, its checksum, as TensorFlow writes them.
    let expected: [UInt8] = [
      1, 0, 0, 0, 0, 0, 0, 0, 0x01, 0x75, 0xDE, 0x41, 0x61, 0x78, 0x6E, 0xE4, 0x28,
    ]
    #expect(record([0x61]) == expected)
  }

  /// The records of a file; fails where framing is wrong.
  private func records(_ path: String) throws -> [[UInt8]] {
    let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
    var records: [[UInt8]] = []
    var place = 0
    while place < bytes.count {
      let length = bytes[place..<place + 8].reversed().reduce(0) { $0 << 8 | Int($1) }
      let content = Array(bytes[place + 12..<place + 12 + length])
      let whole = record(content)
      #expect(whole == Array(bytes[place..<place + whole.count]))
      records.append(content)
      place += whole.count
    }
    return records
  }

  @Test func writesEvents() async throws {
    let folder = try TestFolder()
    let model = Sequential {
      Dense(4, activation: .relu, inputShape: [2], name: "first")
      Dense(1, name: "second")
    }
    try model.compile(optimizer: .adam, loss: .meanSquaredError, metrics: [.mae])
    let x = Tensor.randomNormal([16, 2])
    try await model.fit(
      x, x.sum(axis: -1, keepDims: true), epochs: 3, batchSize: 8, validationSplit: 0.25,
      callbacks: [
        TensorBoard(folder.path, histogramFrequency: 2, updateFrequency: .batches(1))
      ], verbose: .silent)
    #expect(folder.names == ["train", "validation"])
    func file(_ name: String) throws -> [[UInt8]] {
      let names = try FileManager.default.contentsOfDirectory(atPath: folder(name))
      #expect(names.count == 1 && names[0].hasPrefix("events.out.tfevents."))
      return try records("\(folder(name))/\(names[0])")
    }
    // Version and graph; six batches; three epochs; four weights twice.
    let train = try file("train")
    #expect(train.count == 19)
    #expect(train[0].suffix(13) == Array("brain.Event:2".utf8)[...])
    #expect(try file("validation").count == 4)
    let text = String(decoding: train.joined(), as: Unicode.ASCII.self)
    for tag in [
      "second", "Dense", "batch_loss", "epoch_mae", "epoch_learning_rate",
      "first/kernel/histogram",
    ] {
      #expect(text.contains(tag), "\(tag)")
    }
  }
}

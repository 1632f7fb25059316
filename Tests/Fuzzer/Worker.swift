import Foundation

/// Runs a range of inputs in this process, and tells in a file which one it is at.
struct Worker {
  let readerName: String
  let seed: UInt64
  let folder: String

  func run(_ indices: Range<Int>) throws {
    let reader = try reader()
    let place = open(Worker.placePath(folder), O_WRONLY | O_CREAT, 0o600)
    var counts = (read: 0, refused: 0)
    for index in indices {
      var number = Int64(index)
      pwrite(place, &number, 8, 0)
      switch Watch().run(reader, input(index, of: reader)) {
      case .read: counts.read += 1
      case .refused: counts.refused += 1
      case .fault(let fault):
        print("fault \(index) \(fault)")
        // A later input may end the process.
        fflush(nil)
      }
    }
    print("counts \(counts.read) \(counts.refused)")
  }

  func input(_ index: Int, of reader: Reader) -> [UInt8] {
    var mutator = Mutator(seed: seed, reader: reader.name, index: index)
    return mutator.input(of: reader.samples, words: reader.words)
  }

  func reader() throws -> Reader {
    guard let reader = try Reader.all(in: folder).first(where: { $0.name == readerName }) else {
      fatalError("there is no reader '\(readerName)'")
    }
    return reader
  }

  /// The file with the number of the input that is being read.
  static func placePath(_ folder: String) -> String { folder + "/place" }
}

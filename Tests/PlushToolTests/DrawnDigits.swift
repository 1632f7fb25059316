import Foundation
import Plush
import PlushTestSupport

extension TestFolder {
  /// Makes a folder of drawn digits, in files like those of MNIST.
  func drawDigits(in name: String, training: Int, test: Int) throws {
    try FileManager.default.createDirectory(
      atPath: self(name), withIntermediateDirectories: true)
    for (part, count) in [("train", training), ("t10k", test)] {
      let digits = Digits(count: count, seed: UInt64(count))
      try digits.images.write(to: self("\(name)/\(part)-images-idx3-ubyte"))
      try digits.labels.write(to: self("\(name)/\(part)-labels-idx1-ubyte"))
    }
  }
}

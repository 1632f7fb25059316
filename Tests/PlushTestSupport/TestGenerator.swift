/// Repeatable random numbers for tests that damage files.
public struct TestGenerator: RandomNumberGenerator {
  private var state: UInt64

  /// Starts the sequence of a seed.
  public init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

  /// The next 64 random bits.
  public mutating func next() -> UInt64 {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return state &* 0x2545_F491_4F6C_DD1D
  }

  /// The bytes with one to three bits changed.
  public mutating func flippingBits(of bytes: [UInt8]) -> [UInt8] {
    var bytes = bytes
    for _ in 0..<Int.random(in: 1...3, using: &self) {
      let place = Int.random(in: bytes.indices, using: &self)
      bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &self)
    }
    return bytes
  }
}

extension ReferenceArray {
  /// The receiver is the key: a seed and a counter.
  func randomBits(stream: Int, count: Int) -> ReferenceValue {
    let seed = UInt64(bitPattern: integers[0])
    let counter = UInt64(bitPattern: integers[1])
    let words = (0..<count).map { position in
      let block = [
        UInt32(truncatingIfNeeded: position / 4), UInt32(truncatingIfNeeded: stream),
        UInt32(truncatingIfNeeded: counter), UInt32(truncatingIfNeeded: counter >> 32),
      ]
      let key = [UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32)]
      return philox(counter: block, key: key)[position % 4]
    }
    return .integer(words.map { Int64(Int32(bitPattern: $0)) })
  }
}

/// Philox 4×32-10: Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3",
/// 2011.
package func philox(counter: [UInt32], key: [UInt32]) -> [UInt32] {
  var words = counter
  var key = key
  for _ in 0..<10 {
    let a = words[0].multipliedFullWidth(by: 0xD251_1F53)
    let b = words[2].multipliedFullWidth(by: 0xCD9E_8D57)
    words = [b.high ^ words[1] ^ key[0], b.low, a.high ^ words[3] ^ key[1], a.low]
    key = [key[0] &+ 0x9E37_79B9, key[1] &+ 0xBB67_AE85]
  }
  return words
}

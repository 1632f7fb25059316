/// The order of samples in an epoch: the same for the same seed and epoch, whatever came before, so
/// that resumed training goes on with the same batches.
package func shuffledOrder(count: Int, seed: Int, epoch: Int) -> [Int32] {
  var order = (0..<count).map { Int32($0) }
  var generator = SplitMix64(seed: seed, epoch: epoch)
  for last in stride(from: count - 1, to: 0, by: -1) {
    order.swapAt(last, generator.index(below: last + 1))
  }
  return order
}

/// Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014.
struct SplitMix64 {
  private var state: UInt64

  init(seed: Int, epoch: Int) {
    state = mixed(UInt64(bitPattern: Int64(seed))) ^ UInt64(bitPattern: Int64(epoch))
  }

  /// A number from 0 to below `count`.
  mutating func index(below count: Int) -> Int {
    Int(next().multipliedFullWidth(by: UInt64(count)).high)
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    return mixed(state)
  }
}

private func mixed(_ value: UInt64) -> UInt64 {
  var bits = value
  bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
  bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
  return bits ^ (bits >> 31)
}

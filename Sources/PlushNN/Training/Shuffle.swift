/// The order of samples in an epoch: the same for the same seed and epoch, whatever came before, so
/// that resumed training goes on with the same batches.
func shuffledOrder(count: Int, seed: Int, epoch: Int) -> [Int32] {
  var order = (0..<count).map { Int32($0) }
  var generator = SplitMix64(
    state: mixed(UInt64(bitPattern: Int64(seed))) ^ UInt64(bitPattern: Int64(epoch)))
  for last in stride(from: count - 1, to: 0, by: -1) {
    let place = Int(generator.next().multipliedFullWidth(by: UInt64(last + 1)).high)
    order.swapAt(last, place)
  }
  return order
}

/// Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014.
private struct SplitMix64 {
  var state: UInt64

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

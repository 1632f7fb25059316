/// Damaged inputs, the same for the same seed and number on every machine.
struct Mutator {
  private var generator: SplitMix

  init(seed: UInt64, reader: String, index: Int) {
    // FNV-1a: the hashes of Swift differ from run to run.
    let name = reader.utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) {
      ($0 ^ UInt64($1)) &* 0x1_0000_01B3
    }
    generator = SplitMix(state: seed ^ name ^ UInt64(index) &* 0x9E37_79B9_7F4A_7C15)
  }

  /// One of the samples with one to four kinds of damage.
  mutating func input(of samples: [[UInt8]], words: [String]) -> [UInt8] {
    var bytes = samples[below(samples.count)]
    for _ in 0...below(4) { damage(&bytes, samples, words) }
    return bytes
  }

  private mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &generator) }

  private mutating func damage(_ bytes: inout [UInt8], _ samples: [[UInt8]], _ words: [String]) {
    guard !bytes.isEmpty else { return bytes.append(UInt8(below(256))) }
    let place = below(bytes.count)
    switch below(12) {
    case 0, 1: bytes[place] ^= 1 << UInt8(below(8))
    case 2: bytes[place] = [0, 1, 0x7F, 0x80, 0xFF, UInt8(below(256))][below(6)]
    case 3: writeNumber(&bytes, at: place)
    case 4: bytes.removeSubrange(place..<min(bytes.count, place + 1 + below(1 << below(10))))
    case 5: bytes.removeSubrange(place...)
    case 6:
      let piece = bytes[place..<min(bytes.count, place + 1 + below(1 << below(10)))]
      bytes.insert(contentsOf: Array(piece), at: below(bytes.count))
    case 7:
      let other = samples[below(samples.count)]
      if !other.isEmpty { bytes.replaceSubrange(place..., with: other[below(other.count)...]) }
    case 8: changeDigits(&bytes, from: place)
    case 9:
      let word = words.isEmpty ? "0" : words[below(words.count)]
      bytes.replaceSubrange(
        place..<min(bytes.count, place + below(2) * word.utf8.count), with: word.utf8)
    case 10: copyNumber(&bytes, to: place)
    default:
      for _ in 0..<(1 + below(8)) { bytes.insert(UInt8(below(256)), at: below(bytes.count + 1)) }
    }
    if bytes.count > 1 << 18 { bytes.removeSubrange((1 << 18)...) }
  }

  /// Writes a number that lies about some length, in 1, 2, 4 or 8 bytes of either order.
  private mutating func writeNumber(_ bytes: inout [UInt8], at place: Int) {
    let near = UInt64(bytes.count) &+ UInt64(bitPattern: Int64(below(33) - 16))
    let number = [
      0, 1, near, .max, .max >> 1, 1 << 31, 0xFFFF_FFFF, 1 << UInt64(below(64)),
      UInt64.max - UInt64(below(1 << 16)),
    ][below(9)]
    let size = 1 << below(4)
    let isBigEndian = below(2) == 0
    for byte in 0..<size where place + byte < bytes.count {
      let shift = 8 * (isBigEndian ? size - 1 - byte : byte)
      bytes[place + byte] = UInt8(truncatingIfNeeded: number >> UInt64(shift))
    }
  }

  /// Copies 8 aligned bytes to another place: addresses then lead where others lead.
  private mutating func copyNumber(_ bytes: inout [UInt8], to place: Int) {
    let (source, target) = (below(bytes.count) & ~7, place & ~7)
    let size = min(8, bytes.count - max(source, target))
    let number = Array(bytes[source..<source + size])
    bytes.replaceSubrange(target..<target + size, with: number)
  }

  /// Puts another number in place of the next one that is written in digits.
  private mutating func changeDigits(_ bytes: inout [UInt8], from place: Int) {
    let isDigit = { (byte: UInt8) in (0x30...0x39).contains(byte) }
    guard let start = bytes[place...].firstIndex(where: isDigit) else { return }
    let end = bytes[start...].firstIndex { !isDigit($0) } ?? bytes.count
    let numbers = [
      "0", "-1", "1", "2", "65536", "2147483648", "4294967296", "4611686018427387904",
      "9223372036854775807", "9223372036854775808", "99999999999999999999", "1e9", "1e308",
      "0.5", "-9223372036854775808", "\(below(100))",
    ]
    bytes.replaceSubrange(start..<end, with: numbers[below(numbers.count)].utf8)
  }
}

/// Sebastiano Vigna's generator: https://prng.di.unimi.it/splitmix64.c.
private struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var bits = state
    bits = (bits ^ bits >> 30) &* 0xBF58_476D_1CE4_E5B9
    bits = (bits ^ bits >> 27) &* 0x94D0_49BB_1331_11EB
    return bits ^ bits >> 31
  }
}

/// Hashes of bytes that are the same on every machine and in every run.
enum Hash64 {
  /// The fingerprint of FarmHash, which Keras uses: Pike and Alakuijala,
  /// https://github.com/google/farmhash.
  static func farm(_ text: String) -> UInt64 { FarmHash(bytes: Array(text.utf8)).value }

  /// SipHash-2-4 with a key: Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012.
  static func sip(_ text: String, key: (UInt64, UInt64)) -> UInt64 {
    var state = SipHash(key: key)
    return state.hash(Array(text.utf8))
  }
}

/// Little-endian words in bytes.
private struct Words {
  let bytes: [UInt8]

  func word64(_ place: Int) -> UInt64 {
    (0..<8).reduce(0) { $0 | UInt64(bytes[place + $1]) << UInt64(8 * $1) }
  }

  func word32(_ place: Int) -> UInt64 {
    (0..<4).reduce(0) { $0 | UInt64(bytes[place + $1]) << UInt64(8 * $1) }
  }
}

extension UInt64 {
  fileprivate func rotatedRight(_ places: UInt64) -> UInt64 {
    self >> places | self << (64 - places)
  }

  fileprivate func rotatedLeft(_ places: UInt64) -> UInt64 { rotatedRight(64 - places) }

  fileprivate var folded: UInt64 { self ^ self >> 47 }
}

private struct FarmHash {
  private static let k0: UInt64 = 0xc3a5_c85c_97cb_3127
  private static let k1: UInt64 = 0xb492_b66f_be98_f273
  private static let k2: UInt64 = 0x9ae1_6a3b_2f90_404f

  private let words: Words
  private let count: Int

  init(bytes: [UInt8]) {
    words = Words(bytes: bytes)
    count = bytes.count
  }

  var value: UInt64 {
    switch count {
    case 0...16: upTo16
    case 17...32: upTo32
    case 33...64: upTo64
    default: long
    }
  }

  private func mix(_ u: UInt64, _ v: UInt64, _ factor: UInt64) -> UInt64 {
    let a = ((u ^ v) &* factor).folded
    return ((v ^ a) &* factor).folded &* factor
  }

  private var factor: UInt64 { FarmHash.k2 &+ UInt64(count) &* 2 }

  private var upTo16: UInt64 {
    let (k0, k2) = (FarmHash.k0, FarmHash.k2)
    if count >= 8 {
      let a = words.word64(0) &+ k2
      let b = words.word64(count - 8)
      let c = b.rotatedRight(37) &* factor &+ a
      let d = (a.rotatedRight(25) &+ b) &* factor
      return mix(c, d, factor)
    }
    if count >= 4 {
      return mix(UInt64(count) &+ words.word32(0) << 3, words.word32(count - 4), factor)
    }
    guard count > 0 else { return k2 }
    let bytes = words.bytes
    let y = UInt64(bytes[0]) &+ UInt64(bytes[count >> 1]) << 8
    let z = UInt64(count) &+ UInt64(bytes[count - 1]) << 2
    return (y &* k2 ^ z &* k0).folded &* k2
  }

  private var upTo32: UInt64 {
    let a = words.word64(0) &* FarmHash.k1
    let b = words.word64(8)
    let c = words.word64(count - 8) &* factor
    let d = words.word64(count - 16) &* FarmHash.k2
    return mix(
      (a &+ b).rotatedRight(43) &+ c.rotatedRight(30) &+ d,
      a &+ (b &+ FarmHash.k2).rotatedRight(18) &+ c, factor)
  }

  private var upTo64: UInt64 {
    let a = words.word64(0) &* FarmHash.k2
    let b = words.word64(8)
    let c = words.word64(count - 8) &* factor
    let d = words.word64(count - 16) &* FarmHash.k2
    let y = (a &+ b).rotatedRight(43) &+ c.rotatedRight(30) &+ d
    let z = mix(y, a &+ (b &+ FarmHash.k2).rotatedRight(18) &+ c, factor)
    let e = words.word64(16) &* factor
    let f = words.word64(24)
    let g = (y &+ words.word64(count - 32)) &* factor
    let h = (z &+ words.word64(count - 24)) &* factor
    return mix(
      (e &+ f).rotatedRight(43) &+ g.rotatedRight(30) &+ h,
      e &+ (f &+ a).rotatedRight(18) &+ g, factor)
  }

  /// What runs along the bytes, 64 at a time.
  private struct State {
    var x: UInt64
    var y: UInt64
    var z: UInt64
    var v: (UInt64, UInt64) = (0, 0)
    var w: (UInt64, UInt64) = (0, 0)
  }

  private var long: UInt64 {
    let y = 81 &* FarmHash.k1 &+ 113
    let z = (y &* FarmHash.k2 &+ 113).folded &* FarmHash.k2
    var state = State(x: 81 &* FarmHash.k2 &+ words.word64(0), y: y, z: z)
    let end = (count - 1) / 64 * 64
    for place in stride(from: 0, to: end, by: 64) {
      step(&state, place, factor: FarmHash.k1, weights: (1, 1))
    }
    let factor = FarmHash.k1 &+ (state.z & 0xff) << 1
    state.w.0 &+= UInt64((count - 1) & 63)
    state.v.0 &+= state.w.0
    state.w.0 &+= state.v.0
    step(&state, count - 64, factor: factor, weights: (9, 9))
    return mix(
      mix(state.v.0, state.w.0, factor) &+ state.y.folded &* FarmHash.k0 &+ state.z,
      mix(state.v.1, state.w.1, factor) &+ state.x, factor)
  }

  private func step(
    _ s: inout State, _ place: Int, factor: UInt64, weights: (UInt64, UInt64)
  ) {
    s.x = (s.x &+ s.y &+ s.v.0 &+ words.word64(place + 8)).rotatedRight(37) &* factor
    s.y = (s.y &+ s.v.1 &+ words.word64(place + 48)).rotatedRight(42) &* factor
    s.x ^= s.w.1 &* weights.0
    s.y &+= s.v.0 &* weights.1 &+ words.word64(place + 40)
    s.z = (s.z &+ s.w.0).rotatedRight(33) &* factor
    s.v = weak(place, s.v.1 &* factor, s.x &+ s.w.0)
    s.w = weak(place + 32, s.z &+ s.w.1, s.y &+ words.word64(place + 16))
    swap(&s.z, &s.x)
  }

  private func weak(_ place: Int, _ a: UInt64, _ b: UInt64) -> (UInt64, UInt64) {
    let start = a &+ words.word64(place)
    let last = words.word64(place + 24)
    let middle = start &+ words.word64(place + 8) &+ words.word64(place + 16)
    let other = (b &+ start &+ last).rotatedRight(21) &+ middle.rotatedRight(44)
    return (middle &+ last, other &+ start)
  }
}

private struct SipHash {
  private var v0: UInt64
  private var v1: UInt64
  private var v2: UInt64
  private var v3: UInt64

  init(key: (UInt64, UInt64)) {
    v0 = key.0 ^ 0x736f_6d65_7073_6575
    v1 = key.1 ^ 0x646f_7261_6e64_6f6d
    v2 = key.0 ^ 0x6c79_6765_6e65_7261
    v3 = key.1 ^ 0x7465_6462_7974_6573
  }

  mutating func hash(_ bytes: [UInt8]) -> UInt64 {
    let words = Words(bytes: bytes)
    for place in stride(from: 0, to: bytes.count / 8 * 8, by: 8) {
      absorb(words.word64(place))
    }
    let rest = bytes.dropFirst(bytes.count / 8 * 8)
    let last = rest.enumerated().reduce(UInt64(bytes.count & 0xff) << 56) {
      $0 | UInt64($1.element) << UInt64(8 * $1.offset)
    }
    absorb(last)
    v2 ^= 0xff
    for _ in 0..<4 { round() }
    return v0 ^ v1 ^ v2 ^ v3
  }

  private mutating func absorb(_ word: UInt64) {
    v3 ^= word
    round()
    round()
    v0 ^= word
  }

  private mutating func round() {
    v0 &+= v1
    v2 &+= v3
    v1 = v1.rotatedLeft(13) ^ v0
    v3 = v3.rotatedLeft(16) ^ v2
    v0 = v0.rotatedLeft(32)
    v2 &+= v1
    v0 &+= v3
    v1 = v1.rotatedLeft(17) ^ v2
    v3 = v3.rotatedLeft(21) ^ v0
    v2 = v2.rotatedLeft(32)
  }
}

import PlushKernels

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Memory that holds one value, aligned for every instruction set; given back when nobody holds it.
///
/// Whoever makes a buffer fills it before sharing it; after that only a plan that was promised the
/// sole reference (an update) writes to it. That promise is what makes it `Sendable`.
public final class Buffer: @unchecked Sendable {
  /// The first byte.
  public let pointer: UnsafeMutableRawPointer
  /// Usable bytes.
  public let byteCount: Int
  /// Stands for the contents: no other contents of any buffer have the same number. What was made of
  /// contents serves as long as their number does.
  package private(set) var stamp: Int

  /// Memory of at least `byteCount` bytes with undefined content.
  public init(byteCount: Int) {
    self.byteCount = byteCount
    (pointer, stamp) = Memory.shared.take(byteCount)
  }

  /// Says that the contents have changed.
  func renewStamp() { stamp = Memory.shared.nextStamps(1) }

  /// Says that the contents of several have changed.
  static func renewStamps(of buffers: [Buffer], _ updated: [Int], and others: [Buffer]) {
    var stamp = Memory.shared.nextStamps(updated.count + others.count)
    for index in updated {
      buffers[index].stamp = stamp
      stamp += 1
    }
    for other in others {
      other.stamp = stamp
      stamp += 1
    }
  }

  deinit { Memory.shared.giveBack(pointer, byteCount) }

  /// The bytes.
  public var bytes: UnsafeRawBufferPointer { .init(start: pointer, count: byteCount) }
}

/// The pool behind all buffers: blocks that were given back serve again, so that a training loop
/// neither asks the system for memory nor touches fresh pages. What is kept unused is bounded.
public final class Memory: @unchecked Sendable {
  /// The process's pool.
  public static let shared = Memory()

  /// What the pool holds, in bytes.
  public struct Usage: Sendable {
    /// In use by buffers.
    public var active = 0
    /// Kept for reuse.
    public var cached = 0
    /// Largest `active` since the start.
    public var peak = 0
  }

  private let lock = Lock()
  private var free: [Int: [UnsafeMutableRawPointer]] = [:]
  private var counts = Usage()
  private var lastStamp = 0
  private static let cacheLimit = 1 << 30

  /// What the pool holds now.
  public var usage: Usage { lock.withLock { counts } }

  /// Gives all cached memory back to the system.
  public func releaseCache() {
    lock.withLock {
      for pointers in free.values { for pointer in pointers { releaseToSystem(pointer) } }
      free = [:]
      counts.cached = 0
    }
  }

  fileprivate func take(_ byteCount: Int) -> (pointer: UnsafeMutableRawPointer, stamp: Int) {
    let size = Memory.blockSize(byteCount)
    let (reused, stamp): (UnsafeMutableRawPointer?, Int) = lock.withLock {
      counts.active += size
      counts.peak = max(counts.peak, counts.active)
      lastStamp += 1
      guard let pointer = free[size]?.popLast() else { return (nil, lastStamp) }
      counts.cached -= size
      return (pointer, lastStamp)
    }
    return (reused ?? Memory.allocate(size), stamp)
  }

  /// The first of so many numbers that nothing had before.
  fileprivate func nextStamps(_ count: Int) -> Int {
    lock.withLock {
      lastStamp += count
      return lastStamp - count + 1
    }
  }

  fileprivate func giveBack(_ pointer: UnsafeMutableRawPointer, _ byteCount: Int) {
    let size = Memory.blockSize(byteCount)
    let kept: Bool = lock.withLock {
      counts.active -= size
      guard counts.cached + size <= Memory.cacheLimit else { return false }
      counts.cached += size
      free[size, default: []].append(pointer)
      return true
    }
    if !kept { releaseToSystem(pointer) }
  }

  /// Rounded up to one of four steps per power of two, so that nearly equal sizes share blocks.
  static func blockSize(_ byteCount: Int) -> Int {
    let least = max(byteCount, 64)
    let step = max(64, (1 << (Int.bitWidth - 1 - least.leadingZeroBitCount)) / 4)
    return (least + step - 1) / step * step
  }

  private static func allocate(_ size: Int) -> UnsafeMutableRawPointer {
    var pointer: UnsafeMutableRawPointer?
    let alignment = size >= 4 << 20 ? 2 << 20 : 64
    guard posix_memalign(&pointer, alignment, size) == 0, let pointer else {
      fatalError("Plush: the system has no \(size) bytes of memory left.")
    }
    #if os(Linux)
      // Large blocks on huge pages: far fewer page faults and misses of the address cache.
      if size >= 4 << 20 { _ = madvise(pointer, size, 14) }
    #endif
    return pointer
  }
}

private func releaseToSystem(_ pointer: UnsafeMutableRawPointer) { free(pointer) }

#if canImport(Glibc)
  import Glibc

  private let thisProcess = __rusage_who_t(RUSAGE_SELF.rawValue)
#elseif canImport(Musl)
  import Musl

  private let thisProcess = RUSAGE_SELF
#else
  import Darwin

  private let thisProcess = RUSAGE_SELF
#endif

/// The most memory that this process has had in use at a time, in bytes.
var peakResidentBytes: Int {
  var usage = rusage()
  getrusage(thisProcess, &usage)
  // Linux counts kilobytes.
  #if os(Linux)
    return usage.ru_maxrss * 1024
  #else
    return usage.ru_maxrss
  #endif
}

import PlushKernels
import Synchronization
import Testing

private let chosenISA = Mutex(())

/// Runs the body with each instruction set that the machine has, while no other test changes it.
func forEachISA(_ body: (PlushISA) throws -> Void) rethrows {
  try chosenISA.withLock { _ in
    let best = plush_matrix_isa()
    defer { plush_set_isa(best) }
    for isa in [
      PLUSH_ISA_PORTABLE, PLUSH_ISA_AVX2, PLUSH_ISA_AVX512, PLUSH_ISA_AVX512_BF16, PLUSH_ISA_AMX,
    ] where plush_set_isa(isa) == isa { try body(isa) }
  }
}

@Test func isaNames() {
  #expect(String(cString: plush_isa_name(PLUSH_ISA_PORTABLE)) == "portable")
  #expect(String(cString: plush_isa_name(PLUSH_ISA_AVX2)) == "avx2")
  #expect(String(cString: plush_isa_name(PLUSH_ISA_AVX512)) == "avx512")
  #expect(String(cString: plush_isa_name(PLUSH_ISA_AVX512_BF16)) == "avx512_bf16")
  #expect(String(cString: plush_isa_name(PLUSH_ISA_AMX)) == "amx")
}

@Test func isaIsNeverAboveTheOneAskedFor() {
  var seen: [PlushISA] = []
  forEachISA { isa in
    #expect(plush_matrix_isa() == isa)
    #expect(plush_isa().rawValue == min(isa.rawValue, PLUSH_ISA_AVX512.rawValue))
    seen.append(isa)
  }
  #expect(seen.first == PLUSH_ISA_PORTABLE)
}

#include "isa.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#if defined(__x86_64__)
#include <cpuid.h>

#if defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>
#endif

static bool has(unsigned value, unsigned bits) { return (value & bits) == bits; }

/// The registers that the operating system saves at a context switch.
static unsigned saved_state(void) {
  unsigned low, high;
  __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return low;
}

/// Asks Linux for AMX, which it grants to a process at its request only.
static bool may_use_tiles(void) {
#if defined(__linux__)
  const long request_permission = 0x1023, tile_data = 18;
  const unsigned tiles = 0x60000;
  return has(saved_state(), tiles) &&
         syscall(SYS_arch_prctl, request_permission, tile_data) == 0;
#else
  return false;
#endif
}

static PlushISA best_isa(void) {
  unsigned a, b, c, d;
  const unsigned basic = bit_FMA | bit_F16C | bit_OSXSAVE;
  if (!__get_cpuid(1, &a, &b, &c, &d) || !has(c, basic)) return PLUSH_ISA_PORTABLE;
  if (!__get_cpuid_count(7, 0, &a, &b, &c, &d)) return PLUSH_ISA_PORTABLE;
  const unsigned ymm = 0x6, zmm = 0xe6;
  const unsigned avx2 = bit_AVX2 | bit_BMI | bit_BMI2;
  if (!has(b, avx2) || !has(saved_state(), ymm)) return PLUSH_ISA_PORTABLE;
  const unsigned avx512 = bit_AVX512F | bit_AVX512BW | bit_AVX512DQ | bit_AVX512VL | bit_AVX512CD;
  if (!has(b, avx512) || !has(saved_state(), zmm)) return PLUSH_ISA_AVX2;
  const bool tiles = has(d, bit_AMXBF16 | bit_AMXTILE);
  if (!__get_cpuid_count(7, 1, &a, &b, &c, &d) || !has(a, bit_AVX512BF16)) return PLUSH_ISA_AVX512;
  return tiles && may_use_tiles() ? PLUSH_ISA_AMX : PLUSH_ISA_AVX512_BF16;
}
#else
static PlushISA best_isa(void) { return PLUSH_ISA_PORTABLE; }
#endif

static PlushISA lower(PlushISA a, PlushISA b) { return a < b ? a : b; }

static PlushISA initial_isa(void) {
  const char *wanted = getenv("PLUSH_ISA");
  for (PlushISA isa = PLUSH_ISA_PORTABLE; wanted && isa <= PLUSH_ISA_AMX; isa++)
    if (strcmp(wanted, plush_isa_name(isa)) == 0) return lower(isa, best_isa());
  return best_isa();
}

static atomic_int chosen = -1;  // not yet looked at

PlushISA plush_matrix_isa(void) {
  int isa = atomic_load_explicit(&chosen, memory_order_relaxed);
  if (isa < 0) {
    isa = (int)initial_isa();
    atomic_store_explicit(&chosen, isa, memory_order_relaxed);
  }
  return (PlushISA)isa;
}

PlushISA plush_isa(void) { return lower(plush_matrix_isa(), PLUSH_ISA_AVX512); }

PlushISA plush_set_isa(PlushISA isa) {
  isa = lower(isa, best_isa());
  atomic_store_explicit(&chosen, (int)isa, memory_order_relaxed);
  return isa;
}

const char *plush_isa_name(PlushISA isa) {
  switch (isa) {
    case PLUSH_ISA_PORTABLE: return "portable";
    case PLUSH_ISA_AVX2: return "avx2";
    case PLUSH_ISA_AVX512: return "avx512";
    case PLUSH_ISA_AVX512_BF16: return "avx512_bf16";
    case PLUSH_ISA_AMX: return "amx";
  }
  return "unknown";
}

// The control registers that decide how floating-point instructions treat subnormal numbers.
#include "float_mode.h"

#if defined(__x86_64__)
#include <immintrin.h>

/// Results to zero, operands to zero.
enum { FLUSH = 0x8040 };

uint64_t plush_float_mode(void) { return _mm_getcsr(); }
void plush_set_float_mode(uint64_t mode) { _mm_setcsr((unsigned)mode); }

#elif defined(__aarch64__)

enum { FLUSH = 1 << 24 };

uint64_t plush_float_mode(void) {
  uint64_t mode;
  __asm__ volatile("mrs %0, fpcr" : "=r"(mode));
  return mode;
}

void plush_set_float_mode(uint64_t mode) { __asm__ volatile("msr fpcr, %0" : : "r"(mode)); }

#else

enum { FLUSH = 0 };

uint64_t plush_float_mode(void) { return 0; }
void plush_set_float_mode(uint64_t mode) { (void)mode; }

#endif

uint64_t plush_flush_subnormals(void) {
  const uint64_t before = plush_float_mode();
  plush_set_float_mode(before | FLUSH);
  return before;
}

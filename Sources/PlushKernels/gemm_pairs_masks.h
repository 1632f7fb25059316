// Loads of a part of a vector with AVX-512; see gemm_pairs_packing.h.
#include <immintrin.h>

INLINE uints load_pairs(const uint16_t *p, size_t count) {
  const __mmask32 mask = _bzhi_u32(0xffffffff, count < 32 ? (unsigned)count : 32);
  return (uints)_mm512_maskz_loadu_epi16(mask, p);
}

INLINE __mmask16 first_lanes(size_t count) {
  return (__mmask16)_bzhi_u32(0xffff, count < 16 ? (unsigned)count : 16);
}

INLINE uints load_bfloats(const uint16_t *p, size_t count) {
  return (uints)_mm512_cvtepu16_epi32(_mm256_maskz_loadu_epi16(first_lanes(count), p));
}

INLINE floats load_floats_part(const float *p, size_t count) {
  return (floats)_mm512_maskz_loadu_ps(first_lanes(count), p);
}

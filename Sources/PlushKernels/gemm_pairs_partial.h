// Loads of a part of a vector where there are no masks; see gemm_pairs_packing.h.

INLINE uints load_pairs(const uint16_t *p, size_t count) {
  uints x = 0;
  memcpy(&x, p, count < 2 * LANES ? 2 * count : sizeof x);
  return x;
}

INLINE uints load_bfloats(const uint16_t *p, size_t count) {
  ushorts x = 0;
  memcpy(&x, p, count < LANES ? 2 * count : sizeof x);
  return __builtin_convertvector(x, uints);
}

INLINE floats load_floats_part(const float *p, size_t count) {
  floats x = 0;
  memcpy(&x, p, count < LANES ? 4 * count : sizeof x);
  return x;
}

// Transposes a square of LANES × LANES elements held in registers; included by gemm_tile.h.
//
// Round s exchanges, between rows i and i + s, the elements whose position has bit s clear in the
// one and set in the other: off-diagonal quarters of squares of 2 s.

#define LIST(...) __VA_ARGS__
#define ROUND(s, low, high) \
  UNROLLED for (int i = 0; i < LANES; i++) { \
    if (i & s) continue; \
    const NAME(Vector) a = x[i], b = x[i + s]; \
    x[i] = __builtin_shufflevector(a, b, low); \
    x[i + s] = __builtin_shufflevector(a, b, high); \
  }

static inline __attribute__((always_inline)) void NAME(transpose)(NAME(Vector) x[LANES]) {
#if LANES == 16
  ROUND(
      1,
      LIST(0, 16, 2, 18, 4, 20, 6, 22, 8, 24, 10, 26, 12, 28, 14, 30),
      LIST(1, 17, 3, 19, 5, 21, 7, 23, 9, 25, 11, 27, 13, 29, 15, 31))
  ROUND(
      2,
      LIST(0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29),
      LIST(2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31))
  ROUND(
      4,
      LIST(0, 1, 2, 3, 16, 17, 18, 19, 8, 9, 10, 11, 24, 25, 26, 27),
      LIST(4, 5, 6, 7, 20, 21, 22, 23, 12, 13, 14, 15, 28, 29, 30, 31))
  ROUND(
      8,
      LIST(0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23),
      LIST(8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31))
#elif LANES == 8
  ROUND(
      1,
      LIST(0, 8, 2, 10, 4, 12, 6, 14),
      LIST(1, 9, 3, 11, 5, 13, 7, 15))
  ROUND(
      2,
      LIST(0, 1, 8, 9, 4, 5, 12, 13),
      LIST(2, 3, 10, 11, 6, 7, 14, 15))
  ROUND(
      4,
      LIST(0, 1, 2, 3, 8, 9, 10, 11),
      LIST(4, 5, 6, 7, 12, 13, 14, 15))
#elif LANES == 4
  ROUND(
      1,
      LIST(0, 4, 2, 6),
      LIST(1, 5, 3, 7))
  ROUND(
      2,
      LIST(0, 1, 4, 5),
      LIST(2, 3, 6, 7))
#elif LANES == 2
  ROUND(
      1,
      LIST(0, 2),
      LIST(1, 3))
#endif
}

#undef LIST
#undef ROUND

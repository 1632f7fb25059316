// Matrix products for any processor: vectors of 16 bytes.
#include "gemm_block.h"

#include <string.h>

#if defined(__aarch64__)  // 32 registers
#define MAIN 3
#define ROWS 8
#define ROWS_4 6
#define ROWS_8 2
#else  // 16 registers
#define MAIN 2
#define ROWS 6
#define ROWS_4 2
#define ROWS_8 1
#endif

typedef float VectorF32 __attribute__((ext_vector_type(4)));
typedef double VectorF64 __attribute__((ext_vector_type(2)));

static inline size_t make_tail(size_t count) { return count; }

static inline VectorF32 load_tail_f32(const float *p, size_t count) {
  VectorF32 x = 0;
  if (count == 4) memcpy(&x, p, 16);
  else for (size_t i = 0; i < count; i++) x[i] = p[i];
  return x;
}

static inline void store_tail_f32(float *p, size_t count, VectorF32 x) {
  if (count == 4) memcpy(p, &x, 16);
  else for (size_t i = 0; i < count; i++) p[i] = x[i];
}

#define ELEMENT float
#define LANES 4
#define PACK_A_COLUMNS 256
#define NAME(x) plush_gemm_f32_portable_##x
#define Tail size_t
#define load_tail load_tail_f32
#define store_tail store_tail_f32
#include "gemm_tile.h"

static inline VectorF64 load_tail_f64(const double *p, size_t count) {
  VectorF64 x = 0;
  if (count == 2) memcpy(&x, p, 16);
  else x[0] = p[0];
  return x;
}

static inline void store_tail_f64(double *p, size_t count, VectorF64 x) {
  if (count == 2) memcpy(p, &x, 16);
  else p[0] = x[0];
}

#define ELEMENT double
#define LANES 2
#define PACK_A_COLUMNS 128
#define NAME(x) plush_gemm_f64_portable_##x
#define Tail size_t
#define load_tail load_tail_f64
#define store_tail store_tail_f64
#include "gemm_tile.h"

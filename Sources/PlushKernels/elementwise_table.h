// What one instruction set offers to the interpreter of elementwise programs.
#pragma once

#include <stddef.h>

#include "elementwise.h"

enum { PLUSH_CLASS_COUNT = 4, PLUSH_TYPE_COUNT = 8, PLUSH_MAX_VECTOR = 64, PLUSH_UNROLLED = 4 };

/// One operation on one tile. All counts are rounded up to whole vectors.
typedef struct {
  char *result;
  const char *operands[3];
  size_t masks[3];       // all ones, or 0 if the operand is PLUSH_UNROLLED equal vectors
  size_t count;          // elements
  const char *prefetch[2];  // memory that the next tile needs, asked for on the way; or NULL
  size_t argument;
} PlushKernelCall;

typedef void (*PlushKernel)(const PlushKernelCall *call);

/// Reads `count` elements of memory into a register, or writes them back; strides in elements.
/// Reading may fill the register up to the next whole vector.
typedef void (*PlushFetch)(void *result, const void *x, ptrdiff_t stride, size_t count);
typedef void (*PlushPut)(void *y, ptrdiff_t stride, const void *values, size_t count);

/// result[i] = reduction of row i of [rows, columns]; reads up to a vector past the end.
typedef void (*PlushRowReduction)(void *result, const void *x, size_t rows, size_t columns);

typedef struct {
  size_t lanes;  // 32-bit elements of a vector
  PlushKernel kernels[PLUSH_OPCODE_COUNT][PLUSH_CLASS_COUNT];
  PlushKernel convert[PLUSH_CLASS_COUNT][PLUSH_CLASS_COUNT];  // from, to
  PlushKernel move[2];  // of 32 and 64 bits, as all pairs below
  PlushFetch fetch[PLUSH_TYPE_COUNT];
  PlushPut put[PLUSH_TYPE_COUNT];
  PlushRowReduction rows[4][PLUSH_CLASS_COUNT];  // from PLUSH_ROW_SUM on
  void (*expand[2])(void *result, const void *values, size_t rows, size_t columns);
  // result[i * columns + j] = x[i + j * stride]
  void (*transpose[2])(
      void *result, const void *x, ptrdiff_t stride, size_t rows, size_t columns);
  void (*iota[PLUSH_CLASS_COUNT])(void *result, int64_t first, int64_t stride, size_t count);
  void (*random)(
      uint32_t *result, const int64_t *key, int64_t stream, int64_t first, int64_t stride,
      size_t count);
} PlushElementwiseTable;

/// The table of the instruction set in force.
const PlushElementwiseTable *plush_elementwise_table(void);

extern const PlushElementwiseTable plush_elementwise_portable;
#if defined(__x86_64__)
extern const PlushElementwiseTable plush_elementwise_avx2;
extern const PlushElementwiseTable plush_elementwise_avx512;
#endif

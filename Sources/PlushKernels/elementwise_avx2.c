#if defined(__x86_64__)
#include <math.h>
#include <stdint.h>

#include "elementwise_table.h"

#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#define VECTOR_BYTES 32
#define TABLE plush_elementwise_avx2
#include "elementwise_kernels.h"
#pragma clang attribute pop
#endif

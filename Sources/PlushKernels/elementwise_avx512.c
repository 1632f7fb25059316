#if defined(__x86_64__)
#include <math.h>
#include <stdint.h>

#include "elementwise_table.h"

#pragma clang attribute push( \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma"))), \
    apply_to = function)
#define VECTOR_BYTES 64
#define TABLE plush_elementwise_avx512
#include "elementwise_kernels.h"
#pragma clang attribute pop
#endif

#if defined(__x86_64__)
#include <float.h>
#include <math.h>
#include <string.h>

#include "matrices_table.h"

#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#define MATRIX_TABLE plush_matrix_table_avx2
#include "matrices_kernels.h"
#pragma clang attribute pop
#endif

#if defined(__x86_64__)
#include "fourier_stages.h"

#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#define STAGE plush_fourier_stage_avx2
#include "fourier_kernels.h"
#pragma clang attribute pop
#endif

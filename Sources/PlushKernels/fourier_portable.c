#include "fourier_stages.h"
#include "isa.h"

#define STAGE plush_fourier_stage_portable
#include "fourier_kernels.h"

void plush_fourier_stage(const Stage *stage, Parts x, Parts y) {
#if defined(__x86_64__)
  if (plush_isa() >= PLUSH_ISA_AVX2) return plush_fourier_stage_avx2(stage, x, y);
#endif
  plush_fourier_stage_portable(stage, x, y);
}

// Which instruction set the kernels use.
#pragma once

/// Each has all that stands before it.
typedef enum {
  PLUSH_ISA_PORTABLE,
  PLUSH_ISA_AVX2,
  PLUSH_ISA_AVX512,
  PLUSH_ISA_AVX512_BF16,
  PLUSH_ISA_AMX,
} PlushISA;

/// The best for matrices that the machine has, or what PLUSH_ISA (portable, avx2, avx512,
/// avx512_bf16, amx) asks for if it has that.
PlushISA plush_matrix_isa(void);

/// The same for all else: portable, AVX2 or AVX-512.
PlushISA plush_isa(void);

/// Chooses another instruction set from now on (tests run all of them in one process).
/// Returns what is in force for matrices afterwards: the best available one not above `isa`.
PlushISA plush_set_isa(PlushISA isa);

/// Its name in PLUSH_ISA.
const char *plush_isa_name(PlushISA isa);

// Which instruction set the kernels use.
#pragma once

typedef enum { PLUSH_ISA_PORTABLE, PLUSH_ISA_AVX2, PLUSH_ISA_AVX512 } PlushISA;

/// The best the machine has, or what PLUSH_ISA (portable, avx2, avx512) asks for if it has that.
PlushISA plush_isa(void);

/// Chooses another instruction set from now on (tests run all of them in one process).
/// Returns what is in force afterwards: the best available one not above `isa`.
PlushISA plush_set_isa(PlushISA isa);

/// "portable", "avx2" or "avx512".
const char *plush_isa_name(PlushISA isa);

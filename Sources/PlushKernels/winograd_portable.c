#include <string.h>

#include "winograd.h"

typedef float Four __attribute__((ext_vector_type(4)));
typedef size_t Tail;
static inline Tail make_tail(size_t count) { return count; }

static inline Four load_tail(const float *p, Tail count) {
  Four x = 0;
  if (count == 4) memcpy(&x, p, 16);
  else for (size_t i = 0; i < count; i++) x[i] = p[i];
  return x;
}

static inline void store_tail(float *p, Tail count, Four x) {
  if (count == 4) memcpy(p, &x, 16);
  else for (size_t i = 0; i < count; i++) p[i] = x[i];
}

#define LANES 4
#define NAME(x) portable_##x
#define TABLE plush_winograd_portable
#include "winograd_transforms.h"

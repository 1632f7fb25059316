#include "scratch.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

#if defined(__linux__)
#include <sys/mman.h>
#endif

enum { ALIGNMENT = 64, KEPT = 4, HUGE_PAGE = 2 << 20 };

// Stands before the memory that is handed out.
typedef struct {
  size_t capacity;
} Header;

static _Thread_local Header *kept[KEPT];

static pthread_key_t key;
static pthread_once_t once = PTHREAD_ONCE_INIT;

/// Runs when a thread that kept memory ends.
static void free_kept(void *list) {
  Header **headers = list;
  for (int i = 0; i < KEPT; i++) free(headers[i]);
}

static void make_key(void) { pthread_key_create(&key, free_kept); }

static Header *header_of(void *memory) { return (Header *)((char *)memory - ALIGNMENT); }

static void *memory_of(Header *header) { return (char *)header + ALIGNMENT; }

/// Much memory lies in huge pages, where the system has them: its addresses fit the TLB then.
static void *allocate(size_t size) {
  void *memory = NULL;
  if (posix_memalign(&memory, size < HUGE_PAGE ? ALIGNMENT : HUGE_PAGE, size) != 0) abort();
#if defined(__linux__)
  if (size >= HUGE_PAGE) madvise(memory, size / HUGE_PAGE * HUGE_PAGE, MADV_HUGEPAGE);
#endif
  return memory;
}

/// The kept block that fits best, or if all are too small the largest; -1 if there is none.
static int best_kept(size_t size) {
  int best = -1;
  for (int i = 0; i < KEPT; i++) {
    if (kept[i] == NULL) continue;
    const size_t capacity = kept[i]->capacity, other = best < 0 ? 0 : kept[best]->capacity;
    const bool fits = capacity >= size, other_fits = best >= 0 && other >= size;
    if (fits == other_fits ? fits == (capacity < other) : fits) best = i;
  }
  return best;
}

void *plush_take_scratch(size_t size) {
  const int i = best_kept(size);
  if (i >= 0) {
    Header *header = kept[i];
    kept[i] = NULL;
    if (header->capacity >= size) return memory_of(header);
    // A larger block takes its place.
    free(header);
  }
  pthread_once(&once, make_key);
  pthread_setspecific(key, kept);
  Header *header = allocate(size + ALIGNMENT);
  header->capacity = size;
  return memory_of(header);
}

void plush_give_back_scratch(void *memory) {
  if (memory == NULL) return;
  Header *header = header_of(memory);
  // The largest blocks stay.
  for (int i = 0; i < KEPT; i++) {
    if (kept[i] == NULL || kept[i]->capacity < header->capacity) {
      Header *smaller = kept[i];
      kept[i] = header;
      if (smaller == NULL) return;
      header = smaller;
    }
  }
  free(header);
}

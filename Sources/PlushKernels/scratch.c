#include "scratch.h"

#include <pthread.h>
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

void *plush_take_scratch(size_t size) {
  for (int i = 0; i < KEPT; i++) {
    if (kept[i] != NULL && kept[i]->capacity >= size) {
      Header *header = kept[i];
      kept[i] = NULL;
      return memory_of(header);
    }
  }
  pthread_once(&once, make_key);
  pthread_setspecific(key, kept);
  void *block = NULL;
  const size_t bytes = size + ALIGNMENT, page = size < HUGE_PAGE / 2 ? ALIGNMENT : HUGE_PAGE;
  if (posix_memalign(&block, page, bytes) != 0) abort();
#if defined(__linux__)
  if (page == HUGE_PAGE) madvise(block, bytes, MADV_HUGEPAGE);
#endif
  Header *header = block;
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

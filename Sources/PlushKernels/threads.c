// A pool of threads that spin for a short while after each region, so that the many small regions
// of a training step start in less than a microsecond, and then sleep.
#define _GNU_SOURCE
#include "threads.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "float_mode.h"

#if defined(__linux__)
#include <limits.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#endif

enum { MAX_THREADS = 256 };

/// How long a thread without work waits before it sleeps.
static const int64_t spin_nanoseconds = 150000;

/// The chunks that are a thread's own. A claim is one compare-and-swap that lowers `remaining`; it
/// succeeds only while the region it read is the current one, and that region cannot end before the
/// claimed chunk is done. So late threads never need to be waited for.
typedef struct {
  _Alignas(128) _Atomic uint64_t claim;  // number of the region << 32 | remaining chunks
  size_t end;                            // one past the last own chunk
} Queue;

static struct {
  atomic_bool busy;      // a region runs
  atomic_int wanted;     // threads of the next region; 0: not yet looked at
  int threads;           // threads of the pool, the caller being the first
  bool crowded;          // more threads than processors
  bool stopping;         // workers end instead of working
  atomic_int caller_cpu;
  void (*body)(void *, size_t);
  void *context;
  uint64_t float_mode;   // of the caller: all threads calculate alike
  pthread_t handles[MAX_THREADS];
  _Alignas(128) _Atomic uint32_t region;    // number of the latest region; sleepers wait on it
  _Alignas(128) _Atomic uint32_t sleepers;  // workers that sleep or are about to
  _Alignas(128) _Atomic uint32_t pending;   // chunks not done; the caller may sleep on it
  atomic_bool caller_sleeps;
  Queue queues[MAX_THREADS];
} pool = {.threads = 1};

// MARK: Waiting

static inline void relax(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("isb");
#endif
}

static int64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000000000LL + time.tv_nsec;
}

#if defined(__linux__)

/// Sleeps while the word has this value; may return early.
static void sleep_on(_Atomic uint32_t *word, uint32_t value) {
  syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, NULL, NULL, 0);
}

static void wake(_Atomic uint32_t *word) {
  syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0);
}

#else

static pthread_mutex_t bed = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t bell = PTHREAD_COND_INITIALIZER;

static void sleep_on(_Atomic uint32_t *word, uint32_t value) {
  pthread_mutex_lock(&bed);
  while (atomic_load(word) == value) pthread_cond_wait(&bell, &bed);
  pthread_mutex_unlock(&bed);
}

static void wake(_Atomic uint32_t *word) {
  (void)word;
  pthread_mutex_lock(&bed);
  pthread_cond_broadcast(&bell);
  pthread_mutex_unlock(&bed);
}

#endif

// MARK: Processors

#if defined(__linux__)

static int processor_count(void) {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0) return CPU_COUNT(&set);
  return (int)sysconf(_SC_NPROCESSORS_ONLN);
}

static cpu_set_t allowed;  // processors of the workers

static void read_allowed_cpus(void) { sched_getaffinity(0, sizeof allowed, &allowed); }

static int current_cpu(void) { return sched_getcpu(); }

/// The scheduler likes to wake a worker on the caller's processor and to leave both there, at half
/// speed, for milliseconds: the worker goes elsewhere.
static void leave_cpu_of_caller(void) {
  const int cpu = atomic_load_explicit(&pool.caller_cpu, memory_order_relaxed);
  if (pool.crowded || cpu < 0 || cpu != sched_getcpu()) return;
  cpu_set_t others = allowed;
  CPU_CLR(cpu, &others);
  sched_setaffinity(0, sizeof others, &others);
}

#else

static int processor_count(void) { return (int)sysconf(_SC_NPROCESSORS_ONLN); }
static void read_allowed_cpus(void) {}
static int current_cpu(void) { return -1; }
static void leave_cpu_of_caller(void) {}

#endif

/// Watches the word until it differs from the value; false when the time to spin is over. With more
/// threads than processors, whoever is waited for may need this processor: give it away.
static bool spin_while(_Atomic uint32_t *word, uint32_t value, bool worker) {
  const int64_t start = now();
  do {
    for (int i = 0; i < 32; i++) {
      if (atomic_load_explicit(word, memory_order_acquire) != value) return true;
      pool.crowded ? (void)sched_yield() : relax();
    }
    if (worker) leave_cpu_of_caller();
  } while (now() - start < spin_nanoseconds);
  return false;
}

// MARK: Working

static bool claim(Queue *queue, size_t *chunk) {
  uint64_t seen = atomic_load_explicit(&queue->claim, memory_order_acquire);
  do {
    if ((uint32_t)seen == 0) return false;
  } while (!atomic_compare_exchange_weak_explicit(
      &queue->claim, &seen, seen - 1, memory_order_acq_rel, memory_order_acquire));
  *chunk = queue->end - (uint32_t)seen;
  return true;
}

/// Does the thread's own chunks, then those of others.
static void work(int thread) {
  uint32_t done = 0;
  size_t chunk;
  for (int i = 0; i < pool.threads; i++) {
    Queue *queue = &pool.queues[(thread + i) % pool.threads];
    for (; claim(queue, &chunk); done++) pool.body(pool.context, chunk);
  }
  if (done == 0) return;
  if (atomic_fetch_sub(&pool.pending, done) == done && atomic_load(&pool.caller_sleeps))
    wake(&pool.pending);
}

static void *worker(void *argument) {
  const int thread = (int)(intptr_t)argument;
  uint32_t region = 0;
  for (;;) {
    if (!spin_while(&pool.region, region, true)) {
      atomic_fetch_add(&pool.sleepers, 1);
      while (atomic_load(&pool.region) == region) sleep_on(&pool.region, region);
      atomic_fetch_sub(&pool.sleepers, 1);
    }
    region = atomic_load(&pool.region);
    if (pool.stopping) return NULL;
    leave_cpu_of_caller();
    plush_set_float_mode(pool.float_mode);
    work(thread);
  }
}

static void announce_region(void) {
  atomic_fetch_add(&pool.region, 1);
  if (atomic_load(&pool.sleepers) > 0) wake(&pool.region);
}

static void wait_for_workers(void) {
  uint32_t pending;
  while ((pending = atomic_load_explicit(&pool.pending, memory_order_acquire)) > 0) {
    if (spin_while(&pool.pending, pending, false)) continue;
    atomic_store(&pool.caller_sleeps, true);
    if (atomic_load(&pool.pending) == pending) sleep_on(&pool.pending, pending);
    atomic_store(&pool.caller_sleeps, false);
  }
}

// MARK: Threads

static int clamp(long count) {
  return count < 1 ? 1 : count > MAX_THREADS ? MAX_THREADS : (int)count;
}

int plush_thread_count(void) {
  int count = atomic_load_explicit(&pool.wanted, memory_order_relaxed);
  if (count > 0) return count;
  const char *asked = getenv("PLUSH_THREADS");
  const long number = asked ? strtol(asked, NULL, 10) : 0;
  int initial = clamp(number > 0 ? number : processor_count());
  int unset = 0;
  return atomic_compare_exchange_strong(&pool.wanted, &unset, initial) ? initial : unset;
}

void plush_set_thread_count(int count) { atomic_store(&pool.wanted, clamp(count)); }

static void stop_workers(void) {
  pool.stopping = true;
  announce_region();
  for (int i = 1; i < pool.threads; i++) pthread_join(pool.handles[i], NULL);
  pool.stopping = false;
  pool.threads = 1;
}

/// Called between regions only.
static void resize(int threads) {
  stop_workers();
  atomic_store(&pool.region, 0);
  pool.crowded = threads > processor_count();
  pool.threads = threads;
  read_allowed_cpus();
  for (int i = 1; i < threads; i++) {
    if (pthread_create(&pool.handles[i], NULL, worker, (void *)(intptr_t)i) == 0) continue;
    plush_set_thread_count(i);  // as many as the system gives
    pool.threads = i;
    break;
  }
}

// MARK: Regions

static void run_alone(size_t count, void (*body)(void *, size_t), void *context) {
  for (size_t chunk = 0; chunk < count; chunk++) body(context, chunk);
}

void plush_parallel(size_t count, void (*body)(void *context, size_t chunk), void *context) {
  const int threads = plush_thread_count();
  if (count < 2 || threads < 2 || count > UINT32_MAX) return run_alone(count, body, context);
  if (atomic_exchange_explicit(&pool.busy, true, memory_order_acquire))
    return run_alone(count, body, context);
  if (threads != pool.threads) resize(threads);
  pool.body = body;
  pool.context = context;
  pool.float_mode = plush_float_mode();
  atomic_store_explicit(&pool.caller_cpu, current_cpu(), memory_order_relaxed);
  atomic_store(&pool.pending, (uint32_t)count);
  const uint64_t region = (uint64_t)atomic_load(&pool.region) + 1;
  size_t begin = 0;
  for (int i = 0; i < pool.threads; i++) {
    const size_t end = ((size_t)(i + 1) * count + pool.threads - 1) / pool.threads;
    pool.queues[i].end = end;
    atomic_store_explicit(
        &pool.queues[i].claim, region << 32 | (end - begin), memory_order_release);
    begin = end;
  }
  announce_region();
  work(0);
  wait_for_workers();
  atomic_store_explicit(&pool.busy, false, memory_order_release);
}

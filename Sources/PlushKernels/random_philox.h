// Philox4x32-10 (Salmon, Moraes, Dror and Shaw, 2011): random bits as a function of a counter.
#pragma once

#include "math_vectors.h"

/// Words of several counters at once, one counter per 64-bit lane.
typedef struct {
  ulongs words[4];
} Philox;

INLINE Philox philox(Philox counter, uint32_t key0, uint32_t key1) {
  const ulongs low = 0xffffffff;
  for (int round = 0; round < 10; round++) {
    const ulongs a = counter.words[0] * (ulongs)0xd2511f53;
    const ulongs b = counter.words[2] * (ulongs)0xcd9e8d57;
    counter = (Philox){{
        (b >> 32) ^ counter.words[1] ^ (ulongs)(uint64_t)key0, b & low,
        (a >> 32) ^ counter.words[3] ^ (ulongs)(uint64_t)key1, a & low,
    }};
    key0 += 0x9e3779b9;
    key1 += 0xbb67ae85;
  }
  return counter;
}

typedef struct {
  uint32_t key[2];
  uint32_t counter[3];  // words 1, 2 and 3
} PhiloxStream;

INLINE PhiloxStream philox_stream(const int64_t *key, int64_t stream) {
  return (PhiloxStream){
      {(uint32_t)key[0], (uint32_t)((uint64_t)key[0] >> 32)},
      {(uint32_t)stream, (uint32_t)key[1], (uint32_t)((uint64_t)key[1] >> 32)},
  };
}

INLINE Philox philox_blocks(PhiloxStream stream, ulongs blocks) {
  const Philox counter = {{
      blocks & 0xffffffff, (ulongs)(uint64_t)stream.counter[0],
      (ulongs)(uint64_t)stream.counter[1], (ulongs)(uint64_t)stream.counter[2],
  }};
  return philox(counter, stream.key[0], stream.key[1]);
}

/// The words at positions 4 * block..., WIDE_LANES blocks.
INLINE void philox_write(uint32_t *result, PhiloxStream stream, uint64_t block) {
  ulongs blocks;
  for (int lane = 0; lane < WIDE_LANES; lane++) blocks[lane] = block + (uint64_t)lane;
  const Philox random = philox_blocks(stream, blocks);
  const ulongs even = random.words[0] | random.words[1] << 32;
  const ulongs odd = random.words[2] | random.words[3] << 32;
  for (int lane = 0; lane < WIDE_LANES; lane++) {
    const uint64_t pair[2] = {even[lane], odd[lane]};
    __builtin_memcpy(result + 4 * lane, pair, sizeof pair);
  }
}

/// result[i] = word at position first + i * stride.
static inline void philox_fill(
    uint32_t *result, const int64_t *key, int64_t number, int64_t first, int64_t stride,
    size_t count) {
  const PhiloxStream stream = philox_stream(key, number);
  uint32_t words[4 * WIDE_LANES];
  if (stride != 1) {
    for (size_t i = 0; i < count; i++) {
      const uint64_t position = (uint64_t)(first + (int64_t)i * stride);
      philox_write(words, stream, position / 4);
      result[i] = words[position % 4];
    }
    return;
  }
  const uint64_t start = (uint64_t)first;
  size_t done = 0;
  while (done < count) {
    const size_t skip = (start + done) % 4;
    const uint64_t block = (start + done) / 4;
    if (skip == 0 && count - done >= 4 * WIDE_LANES) {
      philox_write(result + done, stream, block);
      done += 4 * WIDE_LANES;
      continue;
    }
    philox_write(words, stream, block);
    for (size_t i = skip; i < 4 * WIDE_LANES && done < count; i++) result[done++] = words[i];
  }
}

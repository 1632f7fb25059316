// Winograd's transforms, of one instruction set. A tile of T×T results of a 3×3 convolution comes
// from a patch of (T + 2)×(T + 2) inputs: both and the filter are taken to (T + 2)² "frequencies",
// where products of channels by filters are all that is left to do.
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum { WINOGRAD_MOST_FREQUENCIES = 36 };

/// A part of an image beside its frequencies: frequency f of channel c is planes[f * plane + c].
typedef struct {
  float *image;              // top left pixel, which may lie outside of the image
  ptrdiff_t row, pixel;      // strides of the image
  int top, bottom, left, right;  // rows and columns of the part that are in the image
  size_t channels;
  const float *next;         // as image, of the patch that comes next
  float *planes;
  size_t plane;
} PlushPatch;

/// Filters beside their frequencies: that of tap t from channel k to channel j is
/// taps[t * tap + k * row + j], or taps[(8 - t) * tap + j * row + k] for the gradient of inputs;
/// its frequency f is planes[f * plane + k * planes_row + j], planes_row being at least `columns`
/// rounded up to whole vectors.
typedef struct {
  float *taps;
  size_t tap, row;
  bool transposed;
  size_t rows, columns;  // numbers of k and of j
  float *planes;
  size_t plane, planes_row;
  bool streams;  // taps are written past the caches
} PlushFilterPart;

/// The argument `tile` is T, 2 or 4.
typedef struct {
  void (*input)(int tile, const PlushPatch *patch);            // Bᵀ d B: image to planes
  void (*output)(int tile, const PlushPatch *patch);           // Aᵀ m A: planes to image
  void (*pooled_output)(int tile, const PlushPatch *patch);    // the same, of squares the maxima
  void (*output_gradient)(int tile, const PlushPatch *patch);  // A dy Aᵀ: image to planes
  void (*filter)(int tile, const PlushFilterPart *part);           // G g Gᵀ: taps to planes
  void (*filter_gradient)(int tile, const PlushFilterPart *part);  // Gᵀ s G: planes to taps
} PlushWinogradTable;

extern const PlushWinogradTable plush_winograd_portable;
#if defined(__x86_64__)
extern const PlushWinogradTable plush_winograd_avx2;
extern const PlushWinogradTable plush_winograd_avx512;
#endif

/// Vectors of any instruction set are at most so long: lengths of rows are multiples of it.
enum { WINOGRAD_LANES = 16 };

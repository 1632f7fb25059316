// Pooling for one type of element and one instruction set, which define ELEMENT, INDEX (a whole
// number of the same size) and NAME(x); included by pooling.c. All inner loops run over channels.

/// Whether a maximum so far gives way to x: the first maximum wins, and NaN.
static inline bool NAME(is_above)(ELEMENT x, ELEMENT y) {
  return (x > y) | ((x != x) & (y == y));
}

static inline ELEMENT NAME(greater)(ELEMENT x, ELEMENT y) { return NAME(is_above)(y, x) ? y : x; }

/// y = greatest of four
static void NAME(greatest)(
    const ELEMENT *const x[TAPS], ELEMENT *restrict y, bool starts, size_t channels) {
  const ELEMENT *a = x[0], *b = x[1], *c = x[2], *d = x[3];
  if (starts)
    for (size_t i = 0; i < channels; i++)
      y[i] = NAME(greater)(NAME(greater)(a[i], b[i]), NAME(greater)(c[i], d[i]));
  else
    for (size_t i = 0; i < channels; i++) {
      const ELEMENT most = NAME(greater)(NAME(greater)(a[i], b[i]), NAME(greater)(c[i], d[i]));
      y[i] = NAME(greater)(y[i], most);
    }
}

/// Where a window of one row of results stands.
typedef struct {
  const PlushPooling *pooling;
  size_t image, d, h;
  Range depth_taps, height_taps;
} NAME(Row);

static inline NAME(Row) NAME(row)(const PlushPooling *p, size_t image, size_t d, size_t h) {
  return (NAME(Row)){p, image, d, h, taps_of(&p->depth, d), taps_of(&p->height, h)};
}

/// Pixel that is first in the line of inputs under a tap.
static inline size_t NAME(line)(const NAME(Row) *row, size_t depth_tap, size_t height_tap) {
  const PlushPooling *p = row->pooling;
  const size_t d = position(&p->depth, row->d, depth_tap);
  const size_t h = position(&p->height, row->h, height_tap);
  return ((row->image * p->depth.input + d) * p->height.input + h) * p->width.input;
}

static inline NAME(Row) NAME(row_of_chunk)(const PlushPooling *p, size_t chunk) {
  const size_t plane = chunk / p->height.output;
  return NAME(row)(
      p, plane / p->depth.output, plane % p->depth.output, chunk % p->height.output);
}

static void NAME(finish_row)(const PlushPooling *p, size_t chunk) {
  const size_t width = p->width.output;
  if (p->epilogue) p->epilogue(p->context, 0, chunk * width, width, 0, p->channels);
}

static void NAME(max_row)(void *context, size_t chunk) {
  const Task *task = context;
  const PlushPooling *p = task->pooling;
  const NAME(Row) row = NAME(row_of_chunk)(p, chunk);
  ELEMENT *y = (ELEMENT *)task->y + chunk * p->width.output * p->channels;
  for (size_t w = 0; w < p->width.output; w++, y += p->channels) {
    const Range taps = taps_of(&p->width, w);
    const ELEMENT *x[TAPS];
    size_t count = 0;
    bool starts = true;
    FOR(kd, row.depth_taps) FOR(kh, row.height_taps) FOR(kw, taps) {
      const size_t pixel = NAME(line)(&row, kd, kh) + position(&p->width, w, kw);
      x[count++] = (const ELEMENT *)task->x + pixel * p->channels;
      if (count < TAPS) continue;
      NAME(greatest)(x, y, starts, p->channels);
      starts = false;
      count = 0;
    }
    if (count > 0) {
      for (size_t i = count; i < TAPS; i++) x[i] = x[0];
      NAME(greatest)(x, y, starts, p->channels);
    } else if (starts) {
      for (size_t i = 0; i < p->channels; i++) y[i] = -INFINITY;
    }
  }
  NAME(finish_row)(p, chunk);
}

static void NAME(average_row)(void *context, size_t chunk) {
  const Task *task = context;
  const PlushPooling *p = task->pooling;
  const NAME(Row) row = NAME(row_of_chunk)(p, chunk);
  ELEMENT *restrict y = (ELEMENT *)task->y + chunk * p->width.output * p->channels;
  for (size_t w = 0; w < p->width.output; w++, y += p->channels) {
    const Range taps = taps_of(&p->width, w);
    size_t count = 0;
    memset(y, 0, p->channels * sizeof *y);
    FOR(kd, row.depth_taps) FOR(kh, row.height_taps) FOR(kw, taps) {
      const size_t pixel = NAME(line)(&row, kd, kh) + position(&p->width, w, kw);
      const ELEMENT *restrict x = (const ELEMENT *)task->x + pixel * p->channels;
      for (size_t i = 0; i < p->channels; i++) y[i] += x[i];
      count++;
    }
    for (size_t i = 0; count > 1 && i < p->channels; i++) y[i] /= (ELEMENT)count;
  }
  NAME(finish_row)(p, chunk);
}

// MARK: Gradients

/// A chunk of a gradient: an image, shares of its depth and height, and some channels.
typedef struct {
  const Task *task;
  size_t image;
  Share depth, height;
  size_t column, columns;
} NAME(Part);

static NAME(Part) NAME(part)(const Task *task, size_t chunk) {
  const PlushPooling *p = task->pooling;
  const size_t slices = (p->channels + task->columns - 1) / task->columns;
  const size_t column = chunk % slices * task->columns, place = chunk / slices;
  const size_t heights = share_count(&p->height), plane = place / heights;
  return (NAME(Part)){
      task, plane / share_count(&p->depth), share(&p->depth, plane % share_count(&p->depth)),
      share(&p->height, place % heights), column, smaller(task->columns, p->channels - column),
  };
}

static void NAME(clear)(const NAME(Part) *part) {
  const PlushPooling *p = part->task->pooling;
  const size_t lines = part->height.inputs.end - part->height.inputs.begin;
  FOR(d, part->depth.inputs) {
    const size_t line = (part->image * p->depth.input + d) * p->height.input +
                        part->height.inputs.begin;
    ELEMENT *dx = (ELEMENT *)part->task->y + line * p->width.input * p->channels + part->column;
    if (part->columns == p->channels)
      memset(dx, 0, lines * p->width.input * p->channels * sizeof *dx);
    else
      for (size_t i = 0; i < lines * p->width.input; i++)
        memset(dx + i * p->channels, 0, part->columns * sizeof *dx);
  }
}

static void NAME(finish_part)(const NAME(Part) *part) {
  const PlushPooling *p = part->task->pooling;
  const size_t lines = part->height.inputs.end - part->height.inputs.begin;
  if (!p->epilogue || lines == 0) return;
  FOR(d, part->depth.inputs) {
    const size_t line = (part->image * p->depth.input + d) * p->height.input +
                        part->height.inputs.begin;
    const size_t width = p->width.input;
    p->epilogue(p->context, 0, line * width, lines * width, part->column, part->columns);
  }
}

/// Gives dy to the first maximum of a window, some channels at a time.
static void NAME(give_to_maximum)(
    const NAME(Row) *row, size_t w, const ELEMENT *x, const ELEMENT *restrict dy, ELEMENT *dx,
    size_t columns) {
  const PlushPooling *p = row->pooling;
  const Range taps = taps_of(&p->width, w);
  ELEMENT most[TILE];
  INDEX winner[TILE];
  INDEX tap = 0;
  FOR(kd, row->depth_taps) FOR(kh, row->height_taps) FOR(kw, taps) {
    const size_t pixel = NAME(line)(row, kd, kh) + position(&p->width, w, kw);
    const ELEMENT *restrict from = x + pixel * p->channels;
    if (tap == 0)
      for (size_t i = 0; i < columns; i++) most[i] = from[i], winner[i] = 0;
    else
      for (size_t i = 0; i < columns; i++) {
        const bool above = NAME(is_above)(from[i], most[i]);
        most[i] = above ? from[i] : most[i];
        winner[i] = above ? tap : winner[i];
      }
    tap++;
  }
  tap = 0;
  FOR(kd, row->depth_taps) FOR(kh, row->height_taps) FOR(kw, taps) {
    const size_t pixel = NAME(line)(row, kd, kh) + position(&p->width, w, kw);
    ELEMENT *restrict to = dx + pixel * p->channels;
    for (size_t i = 0; i < columns; i++) to[i] += winner[i] == tap ? dy[i] : 0;
    tap++;
  }
}

/// The same for windows of four pixels that are all there and that no other window sees.
static void NAME(give_to_maximum_of_four)(
    const ELEMENT *const x[TAPS], const ELEMENT *restrict dy, ELEMENT *const dx[TAPS],
    size_t columns) {
  const ELEMENT *a = x[0], *b = x[1], *c = x[2], *d = x[3];
  ELEMENT *restrict to_a = dx[0], *restrict to_b = dx[1];
  ELEMENT *restrict to_c = dx[2], *restrict to_d = dx[3];
  for (size_t i = 0; i < columns; i++) {
    const bool second = NAME(is_above)(b[i], a[i]), fourth = NAME(is_above)(d[i], c[i]);
    const ELEMENT front = second ? b[i] : a[i], back = fourth ? d[i] : c[i];
    const bool behind = NAME(is_above)(back, front);
    to_a[i] = (!behind & !second) ? dy[i] : 0;
    to_b[i] = (!behind & second) ? dy[i] : 0;
    to_c[i] = (behind & !fourth) ? dy[i] : 0;
    to_d[i] = (behind & fourth) ? dy[i] : 0;
  }
}

/// Whether all of window w of a row is four pixels that only it sees.
static inline bool NAME(is_four)(const NAME(Row) *row, size_t w) {
  const PlushPooling *p = row->pooling;
  const Range d = row->depth_taps, h = row->height_taps, taps = taps_of(&p->width, w);
  return is_disjoint(&p->depth) && is_disjoint(&p->height) && is_disjoint(&p->width) &&
         d.end - d.begin == 1 && h.end - h.begin == 2 && taps.end - taps.begin == 2;
}

static void NAME(max_gradient_window)(
    const NAME(Part) *part, const NAME(Row) *row, size_t w, size_t output) {
  const PlushPooling *p = row->pooling;
  const size_t end = part->column + part->columns;
  const ELEMENT *x = part->task->x, *dy = (const ELEMENT *)part->task->dy + output * p->channels;
  ELEMENT *dx = part->task->y;
  if (!NAME(is_four)(row, w)) {
    for (size_t c = part->column; c < end; c += TILE)
      NAME(give_to_maximum)(row, w, x + c, dy + c, dx + c, smaller(TILE, end - c));
    return;
  }
  const Range h = row->height_taps, taps = taps_of(&p->width, w);
  const ELEMENT *from[TAPS];
  ELEMENT *to[TAPS];
  for (size_t i = 0; i < TAPS; i++) {
    const size_t pixel = NAME(line)(row, row->depth_taps.begin, h.begin + i / 2) +
                         position(&p->width, w, taps.begin + i % 2);
    from[i] = x + pixel * p->channels + part->column;
    to[i] = dx + pixel * p->channels + part->column;
  }
  NAME(give_to_maximum_of_four)(from, dy + part->column, to, part->columns);
}

static void NAME(average_gradient_window)(
    const NAME(Part) *part, const NAME(Row) *row, size_t w, size_t output) {
  const PlushPooling *p = row->pooling;
  const Range d = row->depth_taps, h = row->height_taps, taps = taps_of(&p->width, w);
  const size_t count = (d.end - d.begin) * (h.end - h.begin) * (taps.end - taps.begin);
  const ELEMENT *restrict dy =
      (const ELEMENT *)part->task->dy + output * p->channels + part->column;
  FOR(kd, d) FOR(kh, h) FOR(kw, taps) {
    const size_t pixel = NAME(line)(row, kd, kh) + position(&p->width, w, kw);
    ELEMENT *restrict dx = (ELEMENT *)part->task->y + pixel * p->channels + part->column;
    for (size_t i = 0; i < part->columns; i++) dx[i] += dy[i] / (ELEMENT)count;
  }
}

static inline void NAME(gradient)(
    const Task *task, size_t chunk,
    void (*window)(const NAME(Part) *, const NAME(Row) *, size_t w, size_t output)) {
  const PlushPooling *p = task->pooling;
  const NAME(Part) part = NAME(part)(task, chunk);
  NAME(clear)(&part);
  FOR(d, part.depth.windows) FOR(h, part.height.windows) {
    const NAME(Row) row = NAME(row)(p, part.image, d, h);
    const size_t line = (part.image * p->depth.output + d) * p->height.output + h;
    for (size_t w = 0; w < p->width.output; w++)
      window(&part, &row, w, line * p->width.output + w);
  }
  NAME(finish_part)(&part);
}

static void NAME(max_gradient)(void *task, size_t chunk) {
  NAME(gradient)(task, chunk, NAME(max_gradient_window));
}

static void NAME(average_gradient)(void *task, size_t chunk) {
  NAME(gradient)(task, chunk, NAME(average_gradient_window));
}

#undef ELEMENT
#undef INDEX
#undef NAME

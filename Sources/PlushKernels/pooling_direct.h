// Pooling as it is defined, for one type of element; included by pooling.c.

/// Whether a maximum so far gives way to x.
static inline bool NAME(is_above)(ELEMENT x, ELEMENT y) { return x > y || (x != x && y == y); }

static void NAME(max_row)(void *context, size_t chunk) {
  const Task *task = context;
  const PlushPooling *p = task->pooling;
  const size_t h = chunk % p->height.output, plane = chunk / p->height.output;
  const size_t d = plane % p->depth.output, batch = plane / p->depth.output;
  const Taps ds = taps(&p->depth, d), hs = taps(&p->height, h);
  for (size_t w = 0; w < p->width.output; w++) {
    const Taps ws = taps(&p->width, w);
    ELEMENT *y = (ELEMENT *)task->y + (chunk * p->width.output + w) * p->channels;
    for (size_t c = 0; c < p->channels; c++) y[c] = -INFINITY;
    FOR_TAPS(kd, ds) FOR_TAPS(kh, hs) FOR_TAPS(kw, ws) {
      const size_t line = (batch * p->depth.input + position(&p->depth, d, kd)) * p->height.input +
                          position(&p->height, h, kh);
      const ELEMENT *x = (const ELEMENT *)task->x +
                         (line * p->width.input + position(&p->width, w, kw)) * p->channels;
      for (size_t c = 0; c < p->channels; c++) y[c] = NAME(is_above)(x[c], y[c]) ? x[c] : y[c];
    }
  }
  if (p->epilogue)
    p->epilogue(p->context, 0, chunk * p->width.output, p->width.output, 0, p->channels);
}

static void NAME(average_row)(void *context, size_t chunk) {
  const Task *task = context;
  const PlushPooling *p = task->pooling;
  const size_t h = chunk % p->height.output, plane = chunk / p->height.output;
  const size_t d = plane % p->depth.output, batch = plane / p->depth.output;
  const Taps ds = taps(&p->depth, d), hs = taps(&p->height, h);
  for (size_t w = 0; w < p->width.output; w++) {
    const Taps ws = taps(&p->width, w);
    ELEMENT *y = (ELEMENT *)task->y + (chunk * p->width.output + w) * p->channels;
    for (size_t c = 0; c < p->channels; c++) y[c] = 0;
    size_t count = 0;
    FOR_TAPS(kd, ds) FOR_TAPS(kh, hs) FOR_TAPS(kw, ws) {
      const size_t line = (batch * p->depth.input + position(&p->depth, d, kd)) * p->height.input +
                          position(&p->height, h, kh);
      const ELEMENT *x = (const ELEMENT *)task->x +
                         (line * p->width.input + position(&p->width, w, kw)) * p->channels;
      for (size_t c = 0; c < p->channels; c++) y[c] += x[c];
      count++;
    }
    for (size_t c = 0; c < p->channels; c++) y[c] = count ? y[c] / (ELEMENT)count : 0;
  }
  if (p->epilogue)
    p->epilogue(p->context, 0, chunk * p->width.output, p->width.output, 0, p->channels);
}

static void NAME(finish_image)(const PlushPooling *p, size_t batch) {
  const size_t pixels = p->depth.input * p->height.input * p->width.input;
  if (p->epilogue) p->epilogue(p->context, 0, batch * pixels, pixels, 0, p->channels);
}

static void NAME(max_gradient)(void *context, size_t batch) {
  const Task *task = context;
  const PlushPooling *p = task->pooling;
  const size_t pixels = p->depth.input * p->height.input * p->width.input;
  const ELEMENT *x = (const ELEMENT *)task->x + batch * pixels * p->channels;
  ELEMENT *dx = (ELEMENT *)task->y + batch * pixels * p->channels;
  memset(dx, 0, pixels * p->channels * sizeof *dx);
  const ELEMENT *dy = (const ELEMENT *)task->dy +
                      batch * p->depth.output * p->height.output * p->width.output * p->channels;
  for (size_t d = 0; d < p->depth.output; d++)
    for (size_t h = 0; h < p->height.output; h++)
      for (size_t w = 0; w < p->width.output; w++)
        for (size_t c = 0; c < p->channels; c++, dy++) {
          const Taps ds = taps(&p->depth, d), hs = taps(&p->height, h), ws = taps(&p->width, w);
          size_t best = SIZE_MAX;
          FOR_TAPS(kd, ds) FOR_TAPS(kh, hs) FOR_TAPS(kw, ws) {
            const size_t line =
                position(&p->depth, d, kd) * p->height.input + position(&p->height, h, kh);
            const size_t at =
                (line * p->width.input + position(&p->width, w, kw)) * p->channels + c;
            if (best == SIZE_MAX || NAME(is_above)(x[at], x[best])) best = at;
          }
          if (best != SIZE_MAX) dx[best] += *dy;
        }
  NAME(finish_image)(p, batch);
}

static void NAME(average_gradient)(void *context, size_t batch) {
  const Task *task = context;
  const PlushPooling *p = task->pooling;
  const size_t pixels = p->depth.input * p->height.input * p->width.input;
  ELEMENT *dx = (ELEMENT *)task->y + batch * pixels * p->channels;
  memset(dx, 0, pixels * p->channels * sizeof *dx);
  const ELEMENT *dy = (const ELEMENT *)task->dy +
                      batch * p->depth.output * p->height.output * p->width.output * p->channels;
  for (size_t d = 0; d < p->depth.output; d++)
    for (size_t h = 0; h < p->height.output; h++)
      for (size_t w = 0; w < p->width.output; w++, dy += p->channels) {
        const Taps ds = taps(&p->depth, d), hs = taps(&p->height, h), ws = taps(&p->width, w);
        size_t count = 0;
        FOR_TAPS(kd, ds) FOR_TAPS(kh, hs) FOR_TAPS(kw, ws) count++;
        FOR_TAPS(kd, ds) FOR_TAPS(kh, hs) FOR_TAPS(kw, ws) {
          const size_t line =
              position(&p->depth, d, kd) * p->height.input + position(&p->height, h, kh);
          ELEMENT *to = dx + (line * p->width.input + position(&p->width, w, kw)) * p->channels;
          for (size_t c = 0; c < p->channels; c++) to[c] += dy[c] / (ELEMENT)count;
        }
      }
  NAME(finish_image)(p, batch);
}

#undef ELEMENT
#undef NAME

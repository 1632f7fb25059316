// Gate arithmetic for one type of element and width of vector. A file that includes it has defined
//   ELEMENT, NUMBER, WIDTH    an element, a vector of them, elements of a vector
//   SIGMOID, TANH             functions of vectors
//   NAME(x), TABLE            names that are unique to type and instruction set

static inline NUMBER NAME(load)(const ELEMENT *p, size_t count) {
  NUMBER x = (NUMBER)(0);
  if (count == WIDTH)
    __builtin_memcpy(&x, p, sizeof x);
  else
    __builtin_memcpy(&x, p, count * sizeof *p);
  return x;
}

static inline void NAME(store)(ELEMENT *p, size_t count, NUMBER x) {
  if (count == WIDTH)
    __builtin_memcpy(p, &x, sizeof x);
  else
    __builtin_memcpy(p, &x, count * sizeof *p);
}

static inline NUMBER NAME(hard_sigmoid)(NUMBER x, ELEMENT slope) {
  const NUMBER y = x * slope + (ELEMENT)0.5;
  const NUMBER above = y < (NUMBER)(0) ? (NUMBER)(0) : y;
  return above > (NUMBER)(1) ? (NUMBER)(1) : above;
}

static inline NUMBER NAME(apply)(PlushGateFunction function, NUMBER x) {
  switch (function) {
    case PLUSH_GATE_LINEAR: return x;
    case PLUSH_GATE_RELU: return x < (NUMBER)(0) ? (NUMBER)(0) : x;
    case PLUSH_GATE_TANH: return TANH(x);
    case PLUSH_GATE_SIGMOID: return SIGMOID(x);
    case PLUSH_GATE_HARD_SIGMOID: return NAME(hard_sigmoid)(x, (ELEMENT)1 / 6);
    case PLUSH_GATE_HARD_SIGMOID_LEGACY: return NAME(hard_sigmoid)(x, (ELEMENT)0.2);
  }
  return x;
}

static inline NUMBER NAME(inside)(NUMBER y, ELEMENT slope) {
  const NUMBER above = y > (NUMBER)(0) ? (NUMBER)(slope) : (NUMBER)(0);
  return y < (NUMBER)(1) ? above : (NUMBER)(0);
}

/// The slope of the function where its result is y.
static inline NUMBER NAME(slope)(PlushGateFunction function, NUMBER y) {
  switch (function) {
    case PLUSH_GATE_LINEAR: return (NUMBER)(1);
    case PLUSH_GATE_RELU: return y > (NUMBER)(0) ? (NUMBER)(1) : (NUMBER)(0);
    case PLUSH_GATE_TANH: return (NUMBER)(1) - y * y;
    case PLUSH_GATE_SIGMOID: return y * ((NUMBER)(1) - y);
    case PLUSH_GATE_HARD_SIGMOID: return NAME(inside)(y, (ELEMENT)1 / 6);
    case PLUSH_GATE_HARD_SIGMOID_LEGACY: return NAME(inside)(y, (ELEMENT)0.2);
  }
  return y;
}

typedef struct {
  PlushGateFunction state, gate;
} NAME(Functions);

// MARK: Rows

/// Where a row of a block begins in all arrays, at its first unit.
typedef struct {
  size_t units, all;          // of the block, of the layer
  bool masked;
  const ELEMENT *x, *bias;    // gates are `all` apart
  const ELEMENT *product;     // parts are `part` apart
  size_t part;
  const ELEMENT *h_before, *c_before;
  ELEMENT *h, *c, *saved;     // saved numbers are `all` apart
  ELEMENT *reset;
  const ELEMENT *dh, *dc;
  ELEMENT *dx, *du;
  ELEMENT *h_carry, *c_carry;  // gradients that go to the step before other than through U
} NAME(Row);

static inline const ELEMENT *NAME(at)(const void *base, size_t offset) {
  return base ? (const ELEMENT *)base + offset : NULL;
}

static inline ELEMENT *NAME(to)(void *base, size_t offset) {
  return base ? (ELEMENT *)base + offset : NULL;
}

static inline NAME(Row) NAME(row)(const RecurrentRun *run, const RecurrentBlock *b, size_t i) {
  const PlushRecurrentArrays *a = &run->arrays;
  const PlushRecurrentGradients *g = &run->gradients;
  const size_t all = run->shape.units, batch = run->shape.batch, line = b->row + i;
  const size_t gates = plush_recurrent_gates(run->shape.kind);
  const size_t saved = plush_recurrent_saved(run->shape.kind);
  const size_t row = b->step * batch + line;
  const bool first = b->step == 0;
  const size_t before = (first ? line : row - batch) * all + b->unit;
  return (NAME(Row)){
      .units = b->units,
      .all = all,
      .masked = a->mask && !a->mask[row],
      .x = NAME(at)(a->x, row * gates * all + b->unit),
      .bias = NAME(at)(a->bias, b->unit),
      .product = (const ELEMENT *)b->product + i * b->row_stride,
      .part = b->part_stride,
      .h_before = NAME(at)(first ? a->h0 : a->h, before),
      .c_before = NAME(at)(first ? a->c0 : a->c, before),
      .h = NAME(to)(a->h, row * all + b->unit),
      .c = NAME(to)(a->c, row * all + b->unit),
      .saved = NAME(to)(a->saved, row * saved * all + b->unit),
      .reset = NAME(to)(run->reset, line * all + b->unit),
      .dh = NAME(at)(g->dh, row * all + b->unit),
      .dc = NAME(at)(g->dc, row * all + b->unit),
      .dx = NAME(to)(g->dx, row * gates * all + b->unit),
      .du = NAME(to)(g->du, row * gates * all + b->unit),
      .h_carry = NAME(to)(g->dh0, line * all + b->unit),
      .c_carry = NAME(to)(g->dc0, line * all + b->unit),
  };
}

/// What enters a gate: part of x and of the product, with its bias.
static inline NUMBER NAME(gate)(const NAME(Row) *r, size_t gate, size_t part, size_t j, size_t n) {
  NUMBER sum = NAME(load)(r->product + part * r->part + j, n);
  if (r->bias) sum += NAME(load)(r->bias + gate * r->all + j, n);
  return NAME(load)(r->x + gate * r->all + j, n) + sum;
}

/// Asks for a vector of each gate, of the row that comes next: rows are too short for processors to
/// see where they lead.
static inline __attribute__((always_inline)) void NAME(fetch_gates)(
    const ELEMENT *first, size_t all, const int gates, const bool writes) {
  _Pragma("clang loop unroll(full)") for (int gate = 0; gate < gates; gate++)
    if (writes)
      __builtin_prefetch(first + (size_t)gate * all, 1);
    else
      __builtin_prefetch(first + (size_t)gate * all, 0);
}

static inline void NAME(save)(const NAME(Row) *r, size_t place, size_t j, size_t n, NUMBER x) {
  if (r->saved) NAME(store)(r->saved + place * r->all + j, n, x);
}

static inline NUMBER NAME(saved)(const NAME(Row) *r, size_t place, size_t j, size_t n) {
  return NAME(load)(r->saved + place * r->all + j, n);
}

/// A step that does not count leaves everything as it was.
static void NAME(keep)(const NAME(Row) *r, size_t saved) {
  __builtin_memcpy(r->h, r->h_before, r->units * sizeof(ELEMENT));
  if (r->c) __builtin_memcpy(r->c, r->c_before, r->units * sizeof(ELEMENT));
  for (size_t place = 0; r->saved && place < saved; place++)
    __builtin_memset(r->saved + place * r->all, 0, r->units * sizeof(ELEMENT));
}

/// The gradient of the state after the step.
static inline NUMBER NAME(arriving)(const NAME(Row) *r, size_t j, size_t n) {
  return NAME(load)(r->dh + j, n) + NAME(load)(r->h_carry + j, n) + NAME(load)(r->product + j, n);
}

/// The gradient passes by a step that does not count.
static void NAME(pass)(const NAME(Row) *r, size_t gates) {
  for (size_t j = 0; j < r->units; j += WIDTH) {
    const size_t n = r->units - j < WIDTH ? r->units - j : WIDTH;
    NAME(store)(r->h_carry + j, n, NAME(arriving)(r, j, n));
    if (r->c_carry && r->dc)
      NAME(store)(
          r->c_carry + j, n, NAME(load)(r->c_carry + j, n) + NAME(load)(r->dc + j, n));
  }
  for (size_t gate = 0; gate < gates; gate++) {
    __builtin_memset(r->dx + gate * r->all, 0, r->units * sizeof(ELEMENT));
    if (r->du) __builtin_memset(r->du + gate * r->all, 0, r->units * sizeof(ELEMENT));
  }
}

static inline void NAME(put)(ELEMENT *to, const NAME(Row) *r, size_t gate, size_t j, size_t n,
                             NUMBER x) {
  NAME(store)(to + gate * r->all + j, n, x);
}

// MARK: LSTM

/// Units j to j + n of a row. What `function` says is known where this is inlined.
static inline __attribute__((always_inline)) void NAME(lstm_units)(
    const NAME(Row) *r, const NAME(Functions) function, size_t j, size_t n) {
  const NUMBER input = NAME(apply)(function.gate, NAME(gate)(r, 0, 0, j, n));
  const NUMBER forget = NAME(apply)(function.gate, NAME(gate)(r, 1, 1, j, n));
  const NUMBER candidate = NAME(apply)(function.state, NAME(gate)(r, 2, 2, j, n));
  const NUMBER output = NAME(apply)(function.gate, NAME(gate)(r, 3, 3, j, n));
  const NUMBER c = forget * NAME(load)(r->c_before + j, n) + input * candidate;
  NAME(store)(r->c + j, n, c);
  NAME(store)(r->h + j, n, output * NAME(apply)(function.state, c));
  NAME(save)(r, 0, j, n, input);
  NAME(save)(r, 1, j, n, forget);
  NAME(save)(r, 2, j, n, candidate);
  NAME(save)(r, 3, j, n, output);
}

static inline __attribute__((always_inline)) void NAME(lstm_rows)(
    const RecurrentRun *run, const RecurrentBlock *block, const NAME(Functions) function) {
  for (size_t i = 0; i < block->rows; i++) {
    const NAME(Row) r = NAME(row)(run, block, i);
    if (r.masked) {
      NAME(keep)(&r, 4);
      continue;
    }
    size_t j = 0;
    for (; j + WIDTH <= r.units; j += WIDTH) {
      NAME(fetch_gates)(r.x + 4 * r.all + j, r.all, 4, false);
      if (r.saved) NAME(fetch_gates)(r.saved + 4 * r.all + j, r.all, 4, true);
      NAME(lstm_units)(&r, function, j, WIDTH);
    }
    if (j < r.units) NAME(lstm_units)(&r, function, j, r.units - j);
  }
}

static void NAME(lstm)(const RecurrentRun *run, const RecurrentBlock *block) {
  const NAME(Functions) usual = {PLUSH_GATE_TANH, PLUSH_GATE_SIGMOID};
  const NAME(Functions) function = {run->shape.activation, run->shape.gate_activation};
  if (function.state == usual.state && function.gate == usual.gate)
    return NAME(lstm_rows)(run, block, usual);
  NAME(lstm_rows)(run, block, function);
}

static inline __attribute__((always_inline)) void NAME(lstm_gradient_units)(
    const NAME(Row) *r, const NAME(Functions) function, size_t j, size_t n) {
  const NUMBER input = NAME(saved)(r, 0, j, n), forget = NAME(saved)(r, 1, j, n);
  const NUMBER candidate = NAME(saved)(r, 2, j, n), output = NAME(saved)(r, 3, j, n);
  const NUMBER shown = NAME(apply)(function.state, NAME(load)(r->c + j, n));
  const NUMBER dh = NAME(arriving)(r, j, n);
  NUMBER dc = NAME(load)(r->c_carry + j, n) + dh * output * NAME(slope)(function.state, shown);
  if (r->dc) dc += NAME(load)(r->dc + j, n);
  NAME(put)(r->dx, r, 0, j, n, dc * candidate * NAME(slope)(function.gate, input));
  NAME(put)(
      r->dx, r, 1, j, n,
      dc * NAME(load)(r->c_before + j, n) * NAME(slope)(function.gate, forget));
  NAME(put)(r->dx, r, 2, j, n, dc * input * NAME(slope)(function.state, candidate));
  NAME(put)(r->dx, r, 3, j, n, dh * shown * NAME(slope)(function.gate, output));
  NAME(store)(r->c_carry + j, n, dc * forget);
  NAME(store)(r->h_carry + j, n, (NUMBER)(0));
}

static inline __attribute__((always_inline)) void NAME(lstm_gradient_rows)(
    const RecurrentRun *run, const RecurrentBlock *block, const NAME(Functions) function) {
  for (size_t i = 0; i < block->rows; i++) {
    const NAME(Row) r = NAME(row)(run, block, i);
    if (r.masked) {
      NAME(pass)(&r, 4);
      continue;
    }
    size_t j = 0;
    for (; j + WIDTH <= r.units; j += WIDTH) {
      NAME(fetch_gates)(r.saved + 4 * r.all + j, r.all, 4, false);
      NAME(fetch_gates)(r.dx + 4 * r.all + j, r.all, 4, true);
      NAME(lstm_gradient_units)(&r, function, j, WIDTH);
    }
    if (j < r.units) NAME(lstm_gradient_units)(&r, function, j, r.units - j);
  }
}

static void NAME(lstm_gradient)(const RecurrentRun *run, const RecurrentBlock *block) {
  const NAME(Functions) usual = {PLUSH_GATE_TANH, PLUSH_GATE_SIGMOID};
  const NAME(Functions) function = {run->shape.activation, run->shape.gate_activation};
  if (function.state == usual.state && function.gate == usual.gate)
    return NAME(lstm_gradient_rows)(run, block, usual);
  NAME(lstm_gradient_rows)(run, block, function);
}

// MARK: GRU

static void NAME(gru)(const RecurrentRun *run, const RecurrentBlock *block) {
  const PlushGateFunction f = run->shape.activation, g = run->shape.gate_activation;
  for (size_t i = 0; i < block->rows; i++) {
    const NAME(Row) r = NAME(row)(run, block, i);
    if (r.masked) {
      NAME(keep)(&r, 4);
      continue;
    }
    for (size_t j = 0; j < r.units; j += WIDTH) {
      const size_t n = r.units - j < WIDTH ? r.units - j : WIDTH;
      const NUMBER update = NAME(apply)(g, NAME(gate)(&r, 0, 0, j, n));
      const NUMBER reset = NAME(apply)(g, NAME(gate)(&r, 1, 1, j, n));
      NUMBER inner = NAME(load)(r.product + 2 * r.part + j, n);
      if (r.bias) inner += NAME(load)(r.bias + 2 * r.all + j, n);
      const NUMBER candidate =
          NAME(apply)(f, NAME(load)(r.x + 2 * r.all + j, n) + reset * inner);
      const NUMBER before = NAME(load)(r.h_before + j, n);
      NAME(store)(r.h + j, n, update * before + ((NUMBER)(1) - update) * candidate);
      NAME(save)(&r, 0, j, n, update);
      NAME(save)(&r, 1, j, n, reset);
      NAME(save)(&r, 2, j, n, candidate);
      NAME(save)(&r, 3, j, n, inner);
    }
  }
}

static void NAME(gru_gradient)(const RecurrentRun *run, const RecurrentBlock *block) {
  const PlushGateFunction f = run->shape.activation, g = run->shape.gate_activation;
  for (size_t i = 0; i < block->rows; i++) {
    const NAME(Row) r = NAME(row)(run, block, i);
    if (r.masked) {
      NAME(pass)(&r, 3);
      continue;
    }
    for (size_t j = 0; j < r.units; j += WIDTH) {
      const size_t n = r.units - j < WIDTH ? r.units - j : WIDTH;
      const NUMBER update = NAME(saved)(&r, 0, j, n), reset = NAME(saved)(&r, 1, j, n);
      const NUMBER candidate = NAME(saved)(&r, 2, j, n), inner = NAME(saved)(&r, 3, j, n);
      const NUMBER dh = NAME(arriving)(&r, j, n);
      const NUMBER before = NAME(load)(r.h_before + j, n);
      const NUMBER dn = dh * ((NUMBER)(1) - update) * NAME(slope)(f, candidate);
      const NUMBER dz = dh * (before - candidate) * NAME(slope)(g, update);
      const NUMBER dr = dn * inner * NAME(slope)(g, reset);
      NAME(put)(r.dx, &r, 0, j, n, dz);
      NAME(put)(r.dx, &r, 1, j, n, dr);
      NAME(put)(r.dx, &r, 2, j, n, dn);
      NAME(put)(r.du, &r, 0, j, n, dz);
      NAME(put)(r.du, &r, 1, j, n, dr);
      NAME(put)(r.du, &r, 2, j, n, dn * reset);
      NAME(store)(r.h_carry + j, n, dh * update);
    }
  }
}

// MARK: GRU that resets before the product

/// z, r and r∘h.
static void NAME(reset_before_gates)(const RecurrentRun *run, const RecurrentBlock *block) {
  const PlushGateFunction g = run->shape.gate_activation;
  for (size_t i = 0; i < block->rows; i++) {
    const NAME(Row) r = NAME(row)(run, block, i);
    for (size_t j = 0; j < r.units; j += WIDTH) {
      const size_t n = r.units - j < WIDTH ? r.units - j : WIDTH;
      const NUMBER update = NAME(apply)(g, NAME(gate)(&r, 0, 0, j, n));
      const NUMBER reset = NAME(apply)(g, NAME(gate)(&r, 1, 1, j, n));
      // h keeps z until the candidate is known.
      NAME(store)(r.h + j, n, update);
      NAME(store)(r.reset + j, n, reset * NAME(load)(r.h_before + j, n));
      NAME(save)(&r, 0, j, n, update);
      NAME(save)(&r, 1, j, n, reset);
    }
  }
}

static void NAME(reset_before_candidate)(const RecurrentRun *run, const RecurrentBlock *block) {
  const PlushGateFunction f = run->shape.activation;
  for (size_t i = 0; i < block->rows; i++) {
    const NAME(Row) r = NAME(row)(run, block, i);
    if (r.masked) {
      NAME(keep)(&r, 3);
      continue;
    }
    for (size_t j = 0; j < r.units; j += WIDTH) {
      const size_t n = r.units - j < WIDTH ? r.units - j : WIDTH;
      const NUMBER update = NAME(load)(r.h + j, n), before = NAME(load)(r.h_before + j, n);
      const NUMBER candidate = NAME(apply)(f, NAME(gate)(&r, 2, 0, j, n));
      NAME(store)(r.h + j, n, update * before + ((NUMBER)(1) - update) * candidate);
      NAME(save)(&r, 2, j, n, candidate);
    }
  }
}

/// Gradients at z and the candidate.
static void NAME(reset_before_candidate_gradient)(
    const RecurrentRun *run, const RecurrentBlock *block) {
  const PlushGateFunction f = run->shape.activation, g = run->shape.gate_activation;
  for (size_t i = 0; i < block->rows; i++) {
    const NAME(Row) r = NAME(row)(run, block, i);
    if (r.masked) {
      NAME(pass)(&r, 3);
      continue;
    }
    for (size_t j = 0; j < r.units; j += WIDTH) {
      const size_t n = r.units - j < WIDTH ? r.units - j : WIDTH;
      const NUMBER update = NAME(saved)(&r, 0, j, n), candidate = NAME(saved)(&r, 2, j, n);
      const NUMBER dh = NAME(arriving)(&r, j, n);
      const NUMBER before = NAME(load)(r.h_before + j, n);
      NAME(put)(r.dx, &r, 0, j, n, dh * (before - candidate) * NAME(slope)(g, update));
      NAME(put)(
          r.dx, &r, 2, j, n, dh * ((NUMBER)(1) - update) * NAME(slope)(f, candidate));
      NAME(store)(r.h_carry + j, n, dh * update);
    }
  }
}

/// The gradient at r; the product is the gradient at r∘h.
static void NAME(reset_before_gates_gradient)(
    const RecurrentRun *run, const RecurrentBlock *block) {
  const PlushGateFunction g = run->shape.gate_activation;
  for (size_t i = 0; i < block->rows; i++) {
    const NAME(Row) r = NAME(row)(run, block, i);
    if (r.masked) continue;
    for (size_t j = 0; j < r.units; j += WIDTH) {
      const size_t n = r.units - j < WIDTH ? r.units - j : WIDTH;
      const NUMBER reset = NAME(saved)(&r, 1, j, n), d = NAME(load)(r.product + j, n);
      const NUMBER dr = d * NAME(load)(r.h_before + j, n) * NAME(slope)(g, reset);
      NAME(put)(r.dx, &r, 1, j, n, dr);
      NAME(store)(r.h_carry + j, n, NAME(load)(r.h_carry + j, n) + d * reset);
    }
  }
}

// MARK: Simple

static void NAME(simple)(const RecurrentRun *run, const RecurrentBlock *block) {
  for (size_t i = 0; i < block->rows; i++) {
    const NAME(Row) r = NAME(row)(run, block, i);
    if (r.masked) {
      NAME(keep)(&r, 0);
      continue;
    }
    for (size_t j = 0; j < r.units; j += WIDTH) {
      const size_t n = r.units - j < WIDTH ? r.units - j : WIDTH;
      const NUMBER sum = NAME(gate)(&r, 0, 0, j, n);
      NAME(store)(r.h + j, n, NAME(apply)(run->shape.activation, sum));
    }
  }
}

static void NAME(simple_gradient)(const RecurrentRun *run, const RecurrentBlock *block) {
  for (size_t i = 0; i < block->rows; i++) {
    const NAME(Row) r = NAME(row)(run, block, i);
    if (r.masked) {
      NAME(pass)(&r, 1);
      continue;
    }
    for (size_t j = 0; j < r.units; j += WIDTH) {
      const size_t n = r.units - j < WIDTH ? r.units - j : WIDTH;
      const NUMBER slope = NAME(slope)(run->shape.activation, NAME(load)(r.h + j, n));
      NAME(put)(r.dx, &r, 0, j, n, NAME(arriving)(&r, j, n) * slope);
      NAME(store)(r.h_carry + j, n, (NUMBER)(0));
    }
  }
}

const RecurrentTable TABLE = {
    .lstm = NAME(lstm),
    .gru = NAME(gru),
    .reset_before = {NAME(reset_before_gates), NAME(reset_before_candidate)},
    .simple = NAME(simple),
    .lstm_gradient = NAME(lstm_gradient),
    .gru_gradient = NAME(gru_gradient),
    .reset_before_gradient =
        {NAME(reset_before_candidate_gradient), NAME(reset_before_gates_gradient)},
    .simple_gradient = NAME(simple_gradient),
};

#undef ELEMENT
#undef NUMBER
#undef WIDTH
#undef SIGMOID
#undef TANH
#undef NAME
#undef TABLE

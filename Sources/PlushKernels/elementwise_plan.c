#include "elementwise_plan.h"

#include <string.h>

#include "isa.h"

const PlushElementwiseTable *plush_elementwise_table(void) {
#if defined(__x86_64__)
  switch (plush_isa()) {
    case PLUSH_ISA_AVX512: return &plush_elementwise_avx512;
    case PLUSH_ISA_AVX2: return &plush_elementwise_avx2;
    default: break;
  }
#endif
  return &plush_elementwise_portable;
}

/// Programs over fewer elements run on copies.
enum { SMALL = 256 };

// MARK: Views

/// Finds the memory that a view covers and whether its rows follow each other.
static void measure(PlushTileView *view, const PlushTilePlan *plan) {
  ptrdiff_t low = 0, high = 0;
  for (int d = 0; d < plan->rank; d++) {
    const ptrdiff_t reach = view->strides[d] * (ptrdiff_t)(plan->dims[d] - 1);
    *(reach < 0 ? &low : &high) += reach;
  }
  view->low = view->base + low * view->size;
  view->high = view->base + (high + 1) * view->size;
  view->contiguous = true;
  for (int d = 0; d < plan->rank - 1; d++) {
    view->contiguous &= view->strides[d] == view->strides[d + 1] * (ptrdiff_t)plan->dims[d + 1];
  }
}

static void read_views(
    PlushTilePlan *plan, const PlushElementwise *program, void *const *slots) {
  for (int v = 0; v < program->view_count; v++) {
    const PlushView *from = &program->views[v];
    PlushTileView *view = &plan->views[v];
    view->type = from->type;
    view->size = (int32_t)plush_type_size((PlushType)from->type);
    view->contiguous = false;
    view->slot = from->slot;
    view->offset = from->offset * view->size;
    view->base = slots == NULL ? NULL : (char *)slots[from->slot] + view->offset;
    for (int d = 0; d < program->rank; d++) view->strides[d] = from->strides[d];
  }
  plan->view_count = program->view_count;
}

/// A view of positions: along one dimension, or (-1) the linear one.
static int16_t add_position(
    PlushTilePlan *plan, const PlushElementwise *program, int dimension) {
  PlushTileView *view = &plan->views[plan->view_count];
  *view = (PlushTileView){.slot = -1, .size = 0};
  ptrdiff_t linear = 1;
  for (int d = program->rank - 1; d >= 0; d--) {
    view->strides[d] = dimension < 0 ? linear : d == dimension;
    linear *= program->dims[d];
  }
  return (int16_t)plan->view_count++;
}

/// Whether dimension d continues dimension `next` in every view.
static bool continues(const PlushTilePlan *plan, int d, int next) {
  for (int v = 0; v < plan->view_count; v++) {
    const ptrdiff_t *strides = plan->views[v].strides;
    if (strides[d] != strides[next] * (ptrdiff_t)plan->dims[next]) return false;
  }
  return true;
}

static void move_dimension(PlushTilePlan *plan, int from, int to) {
  plan->dims[to] = plan->dims[from];
  for (int v = 0; v < plan->view_count; v++) {
    plan->views[v].strides[to] = plan->views[v].strides[from];
  }
}

/// Merges dimensions that follow each other in memory and drops those of size 1. The last one
/// stays for itself if rows have a meaning.
static void merge_dimensions(PlushTilePlan *plan, bool keeps_rows) {
  const int last = plan->rank - 1;
  int kept = last;  // the merged dimensions are kept...last
  for (int d = last - 1; d >= 0; d--) {
    if (plan->dims[d] == 1) continue;
    const bool closed = keeps_rows && kept == last;
    if (!closed && plan->dims[kept] == 1) {
      move_dimension(plan, d, kept);
    } else if (!closed && continues(plan, d, kept)) {
      plan->dims[kept] *= plan->dims[d];
    } else {
      move_dimension(plan, d, --kept);
    }
  }
  for (int d = kept; d <= last && kept > 0; d++) move_dimension(plan, d, d - kept);
  plan->rank = last - kept + 1;
}

/// If a view runs along another dimension than the last, makes that one the second to last: tiles
/// are then squares, which use whole cache lines on both sides.
static void find_transposition(PlushTilePlan *plan) {
  const int last = plan->rank - 1;
  if (plan->dims[last] < 8) return;
  for (int v = 0; v < plan->view_count && !plan->transposes; v++) {
    const PlushTileView *view = &plan->views[v];
    if (view->size == 0 || (view->strides[last] <= 1 && view->strides[last] >= -1)) continue;
    for (int d = 0; d < last; d++) {
      if (view->strides[d] != 1 || plan->dims[d] < 8) continue;
      plan->transposes = true;
      const size_t size = plan->dims[d];
      for (int w = 0; w < plan->view_count; w++) {
        ptrdiff_t *strides = plan->views[w].strides;
        const ptrdiff_t stride = strides[d];
        memmove(strides + d, strides + d + 1, sizeof stride * (size_t)(last - 1 - d));
        strides[last - 1] = stride;
      }
      memmove(plan->dims + d, plan->dims + d + 1, sizeof size * (size_t)(last - 1 - d));
      plan->dims[last - 1] = size;
      break;
    }
  }
}

// MARK: Steps

static int operand_count(int opcode) {
  if (opcode < PLUSH_STORE || opcode == PLUSH_FILL) return 0;
  if (opcode == PLUSH_STORE) return 1;
  if (opcode < PLUSH_NEGATE) return 0;
  if (opcode < PLUSH_ADD) return 1;
  if (opcode < PLUSH_SELECT) return 2;
  return opcode < PLUSH_CONVERT ? 3 : 1;
}

static bool is_wide(int class_) { return class_ == PLUSH_F64 || class_ == PLUSH_I64; }

/// Predicates and comparisons of any class give I32.
static bool gives_int(int opcode) {
  return (opcode >= PLUSH_EQUAL && opcode <= PLUSH_LESS_EQUAL)
      || (opcode >= PLUSH_IS_NAN && opcode <= PLUSH_IS_INFINITE);
}

static PlushStepKind kind_of(int opcode) {
  switch (opcode) {
    case PLUSH_LOAD: return PLUSH_STEP_LOAD;
    case PLUSH_STORE: return PLUSH_STEP_STORE;
    case PLUSH_FILL: return PLUSH_STEP_KEPT;
    case PLUSH_IOTA: return PLUSH_STEP_IOTA;
    case PLUSH_RANDOM: return PLUSH_STEP_RANDOM;
    case PLUSH_EXPAND: return PLUSH_STEP_EXPAND;
    case PLUSH_ROW_SUM:
    case PLUSH_ROW_PRODUCT:
    case PLUSH_ROW_MAX:
    case PLUSH_ROW_MIN: return PLUSH_STEP_ROW_REDUCTION;
    default: return PLUSH_STEP_COMPUTE;
  }
}

static void read_step(
    PlushTilePlan *plan, const PlushElementwise *program, const PlushInstruction *instruction,
    PlushStep *step) {
  const int opcode = instruction->opcode, class_ = instruction->class_;
  *step = (PlushStep){
      .kind = kind_of(opcode), .class_ = instruction->class_, .per_row = instruction->per_row,
      .wide = is_wide(class_) && !gives_int(opcode),
      .result = instruction->result,
      .view = -1, .through = -1, .place = -1, .prefetch = {-1, -1}, .end = -1,
      .instruction = instruction,
  };
  const uint16_t operands[] = {instruction->a, instruction->b, instruction->c};
  step->operand_count = (uint8_t)operand_count(opcode);
  for (int k = 0; k < step->operand_count; k++) step->operands[k] = operands[k];
  if (is_wide(class_)) plan->element_size = 8;
  switch (step->kind) {
    case PLUSH_STEP_COMPUTE:
      step->kernel = opcode == PLUSH_CONVERT ? plan->table->convert[instruction->b][class_]
                                             : plan->table->kernels[opcode][class_];
      if (opcode == PLUSH_CONVERT && is_wide(instruction->b)) plan->element_size = 8;
      break;
    case PLUSH_STEP_LOAD: step->view = (int16_t)instruction->a; break;
    case PLUSH_STEP_STORE: step->view = (int16_t)instruction->b; break;
    case PLUSH_STEP_IOTA: step->view = add_position(plan, program, instruction->a); break;
    case PLUSH_STEP_RANDOM:
      step->view = add_position(plan, program, -1);
      memset(plan->views[instruction->a].strides, 0, sizeof plan->views[0].strides);
      break;
    default: break;
  }
  if (step->view >= 0 && plan->views[step->view].size == 8) plan->element_size = 8;
}

/// Finds the last step that reads each result.
static void find_ends(PlushTilePlan *plan) {
  int32_t ends[PLUSH_MAX_REGISTERS];
  memset(ends, -1, sizeof ends);
  for (int s = plan->step_count - 1; s >= 0; s--) {
    PlushStep *step = &plan->steps[s];
    if (step->kind != PLUSH_STEP_STORE) {
      step->end = ends[step->result] < 0 ? s : ends[step->result];
      ends[step->result] = -1;
    }
    for (int k = 0; k < step->operand_count; k++) {
      int32_t *end = &ends[step->operands[k]];
      if (*end < 0) *end = s;
    }
  }
}

static bool overlap(const PlushTileView *a, const PlushTileView *b) {
  return a->low < b->high && b->low < a->high;
}

/// Whether memory holds values as registers do.
static bool is_native(const PlushTilePlan *plan, const PlushStep *step) {
  static const int8_t native[] = {PLUSH_FLOAT32, PLUSH_FLOAT64, PLUSH_INT32, PLUSH_INT64};
  const PlushTileView *view = &plan->views[step->view];
  return !step->per_row && view->type == native[step->class_]
      && view->strides[plan->rank - 1] == 1;
}

/// Whether a step may write what a later store stores: nobody may still need the old memory.
static bool may_write_through(const PlushTilePlan *plan, int maker, int store) {
  const PlushTileView *view = &plan->views[plan->steps[store].view];
  if (plan->steps[maker].kind != PLUSH_STEP_COMPUTE || plan->steps[maker].through >= 0) {
    return false;
  }
  for (int s = 0; s < store; s++) {
    const PlushStep *step = &plan->steps[s];
    if (step->kind == PLUSH_STEP_STORE && s > maker && overlap(&plan->views[step->view], view)) {
      return false;
    }
    if (step->kind != PLUSH_STEP_LOAD || (s < maker && step->end <= maker)) continue;
    if (overlap(&plan->views[step->view], view)) return false;
  }
  return true;
}

/// Lets results go to memory directly where a store would only copy them.
static void find_direct_stores(PlushTilePlan *plan) {
  int16_t makers[PLUSH_MAX_REGISTERS];
  for (int s = 0; s < plan->step_count; s++) {
    PlushStep *step = &plan->steps[s];
    if (step->kind != PLUSH_STEP_STORE) {
      makers[step->result] = (int16_t)s;
    } else if (is_native(plan, step)) {
      const int maker = makers[step->operands[0]];
      if (may_write_through(plan, maker, s)) plan->steps[maker].through = step->view;
    }
  }
}

/// Whether memory that a load would use in place changes before the last use.
static bool is_overwritten(const PlushTilePlan *plan, int load) {
  const PlushTileView *view = &plan->views[plan->steps[load].view];
  for (int s = load + 1; s < plan->steps[load].end; s++) {
    const PlushStep *step = &plan->steps[s];
    const int written = step->kind == PLUSH_STEP_STORE ? step->view : step->through;
    if (written >= 0 && overlap(&plan->views[written], view)) return true;
  }
  return false;
}

static void find_aliases(PlushTilePlan *plan) {
  for (int s = 0; s < plan->step_count; s++) {
    PlushStep *step = &plan->steps[s];
    if (step->kind != PLUSH_STEP_LOAD) continue;
    step->aliases = is_native(plan, step) && !is_overwritten(plan, s);
  }
}

// MARK: Tiles

/// Chooses tiles whose values stay in the first-level cache.
static void choose_tile(PlushTilePlan *plan, size_t rows, size_t columns) {
  const size_t lanes = plan->table->lanes;
  size_t streams = 0;
  for (int s = 0; s < plan->step_count; s++) streams += plan->steps[s].kind != PLUSH_STEP_KEPT;
  size_t tile = streams <= 12 ? 1024 : 512;
  if (plan->element_size == 8) tile /= 2;
  if (plan->whole_rows) {
    plan->tile_columns = columns == 0 ? 1 : columns;
    plan->tile_rows = columns >= tile / 2 ? 1 : tile / plan->tile_columns;
  } else if (plan->transposes) {
    plan->tile_columns = columns < 64 ? columns : 64;
    plan->tile_rows = 32;
  } else if (columns >= tile / 2 || rows == 1) {
    plan->tile_columns = columns < tile ? columns : tile;
    plan->tile_rows = 1;
  } else {
    plan->tile_columns = columns;
    plan->tile_rows = tile / columns;
    // Tiles of whole vectors can be written in place.
    while (plan->tile_rows > lanes && plan->tile_rows * columns % lanes != 0) plan->tile_rows--;
  }
  if (plan->tile_rows > rows) plan->tile_rows = rows;
  plan->is_narrow = plan->tile_columns < plan->columns && plan->tile_columns == columns;
}

static void size_places(PlushTilePlan *plan) {
  const size_t lanes = plan->table->lanes, elements = plan->tile_rows * plan->tile_columns;
  plan->place_bytes = (plush_round_up(elements, lanes) + lanes) * (size_t)plan->element_size;
  plan->place_bytes = plush_round_up(plan->place_bytes, PLUSH_MAX_VECTOR);
}

/// Whether a load gives the same values for every tile.
static bool is_kept(const PlushTilePlan *plan, const PlushStep *step, size_t columns) {
  const PlushTileView *view = &plan->views[step->view];
  for (int d = 0; d < plan->rank - 1; d++) {
    if (view->strides[d] != 0) return false;
  }
  if (view->strides[plan->rank - 1] == 0) return true;
  return !step->per_row && plan->tile_rows > 1 && plan->tile_columns == columns;
}

static void find_kept_loads(PlushTilePlan *plan, size_t columns) {
  for (int s = 0; s < plan->step_count; s++) {
    PlushStep *step = &plan->steps[s];
    if (step->kind != PLUSH_STEP_LOAD) continue;
    bool written = false;
    for (int t = 0; t < plan->step_count; t++) {
      written |= plan->steps[t].kind == PLUSH_STEP_STORE
          && overlap(&plan->views[plan->steps[t].view], &plan->views[step->view]);
    }
    if (!written && is_kept(plan, step, columns)) step->kind = PLUSH_STEP_KEPT;
  }
}

static bool is_splat(const PlushTilePlan *plan, const PlushStep *step) {
  switch (step->kind) {
    case PLUSH_STEP_KEPT:
    case PLUSH_STEP_LOAD:
      return step->view < 0
          || (plan->views[step->view].strides[plan->rank - 1] == 0 && !step->per_row
              && (plan->tile_rows == 1 || step->kind == PLUSH_STEP_KEPT))
          || (step->per_row && step->kind == PLUSH_STEP_KEPT);
    case PLUSH_STEP_EXPAND: return plan->tile_rows == 1;
    default: return false;
  }
}

/// Values of the same width at the same position: the result may take an operand's place.
static bool works_in_place(const PlushStep *step) {
  const int opcode = step->instruction->opcode;
  return step->kind == PLUSH_STEP_COMPUTE && !is_wide(step->class_) && opcode != PLUSH_CONVERT;
}

/// Gives every result a place of its own, for tiles that cannot stay in memory too, and takes
/// places back after the last use.
static void assign_places(PlushTilePlan *plan) {
  int16_t free[PLUSH_MAX_REGISTERS + 4], makers[PLUSH_MAX_REGISTERS];
  int free_count = 0;
  for (int s = 0; s < plan->step_count; s++) {
    PlushStep *step = &plan->steps[s];
    int16_t ended[4];
    int ended_count = 0;
    for (int k = 0; k < step->operand_count; k++) {
      const PlushStep *maker = &plan->steps[makers[step->operands[k]]];
      bool seen = maker->end != s || maker->splat || maker->kind == PLUSH_STEP_KEPT;
      for (int i = 0; i < ended_count; i++) seen |= ended[i] == maker->place;
      if (!seen) ended[ended_count++] = maker->place;
    }
    if (works_in_place(step)) {
      while (ended_count > 0) free[free_count++] = ended[--ended_count];
    }
    if (step->kind != PLUSH_STEP_STORE) {
      makers[step->result] = (int16_t)s;
      step->splat = is_splat(plan, step);
      if (step->splat) {
        step->place = (int16_t)plan->splats++;
      } else {
        step->place = free_count > 0 && step->kind != PLUSH_STEP_KEPT
            ? free[--free_count] : (int16_t)plan->places++;
        if (step->end == s && step->kind != PLUSH_STEP_KEPT) ended[ended_count++] = step->place;
      }
    }
    while (ended_count > 0) free[free_count++] = ended[--ended_count];
  }
}

/// Gives every result of a small program a place: a plan should not take longer than the work.
static void assign_own_places(PlushTilePlan *plan) {
  for (int s = 0; s < plan->step_count; s++) {
    PlushStep *step = &plan->steps[s];
    step->splat = is_splat(plan, step);
    step->place = (int16_t)(step->splat ? plan->splats++ : plan->places++);
  }
}

static bool is_slow(const PlushStep *step) {
  const int opcode = step->instruction->opcode;
  return (opcode >= PLUSH_EXP && opcode <= PLUSH_ERF_INVERSE)
      || (opcode >= PLUSH_DIVIDE && opcode <= PLUSH_POWER) || opcode == PLUSH_ATAN2
      || opcode == PLUSH_DIVIDE_ROOT;
}

/// Hands the streams that long runs read and write in place to the steps that compute, two to each
/// slow one and then one to each of the others: memory has most time there.
static void assign_prefetches(PlushTilePlan *plan) {
  int16_t streams[PLUSH_MAX_REGISTERS];
  int count = 0;
  for (int s = 0; s < plan->step_count && count < PLUSH_MAX_REGISTERS; s++) {
    const PlushStep *step = &plan->steps[s];
    const bool loads = step->kind == PLUSH_STEP_LOAD && step->aliases;
    const int16_t view = loads ? step->view : step->through;
    bool taken = view < 0;
    for (int k = 0; k < count && !taken; k++) {
      taken = plan->views[streams[k]].low == plan->views[view].low;
    }
    if (!taken) streams[count++] = view;
  }
  for (int slow = 1; slow >= 0; slow--) {
    for (int s = 0; s < plan->step_count; s++) {
      PlushStep *step = &plan->steps[s];
      if (step->kind != PLUSH_STEP_COMPUTE || step->per_row || is_slow(step) != slow) continue;
      for (int k = 0; k <= slow && count > 0; k++) step->prefetch[k] = streams[--count];
    }
  }
}

bool plush_is_flat(const PlushElementwise *program) {
  if (program->reduces_rows) return false;
  for (int i = 0; i < program->instruction_count; i++) {
    if (program->instructions[i].opcode == PLUSH_IOTA) return false;  // knows rows from columns
  }
  for (int v = 0; v < program->view_count; v++) {
    for (int d = 1; d < program->rank; d++) {
      const int64_t *strides = program->views[v].strides;
      if (strides[d - 1] != strides[d] * program->dims[d]) return false;
    }
  }
  return true;
}

bool plush_tile_plan(
    PlushTilePlan *plan, const PlushElementwise *program, void *const *slots,
    PlushTileView *views, PlushStep *steps, PlushTileSpace space) {
  *plan = (PlushTilePlan){
      .table = plush_elementwise_table(), .views = views, .steps = steps, .rank = program->rank,
      .step_count = program->instruction_count, .whole_rows = program->reduces_rows != 0,
      .element_size = 4,
  };
  for (int d = 0; d < program->rank; d++) plan->dims[d] = (size_t)program->dims[d];
  read_views(plan, program, slots);
  for (int s = 0; s < plan->step_count; s++) {
    read_step(plan, program, &program->instructions[s], &steps[s]);
  }
  if (plan->rank == 0) {
    plan->rank = 1;
    plan->dims[0] = 1;
    for (int v = 0; v < plan->view_count; v++) views[v].strides[0] = 0;
  }
  merge_dimensions(plan, (space.is_block && !space.is_flat) || plan->whole_rows);
  plan->columns = plan->dims[plan->rank - 1];
  plan->rows = 1;
  for (int d = 0; d < plan->rank - 1; d++) plan->rows *= plan->dims[d];
  const size_t rows = space.is_block ? space.rows : plan->rows;
  const size_t columns = space.is_block ? space.columns : plan->columns;
  if (rows * columns <= SMALL) {
    plan->tile_rows = rows;
    plan->tile_columns = columns == 0 ? 1 : columns;
    size_places(plan);
    assign_own_places(plan);
    return true;
  }
  if (slots == NULL) return false;
  if (!space.is_block && !plan->whole_rows) find_transposition(plan);
  for (int v = 0; v < plan->view_count; v++) measure(&views[v], plan);
  find_ends(plan);
  find_direct_stores(plan);
  find_aliases(plan);
  choose_tile(plan, rows, columns);
  size_places(plan);
  find_kept_loads(plan, columns);
  assign_places(plan);
  plan->prefetches = plan->rows * plan->columns > 65536;
  if (plan->prefetches) assign_prefetches(plan);
  return true;
}

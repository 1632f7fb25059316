// Runs elementwise programs: a tile goes through all instructions before the next tile starts.
#include "elementwise.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "elementwise_plan.h"
#include "threads.h"

// MARK: A tile

typedef struct {
  const char *data;
  size_t mask;  // 0 if data is one vector that repeats
  ptrdiff_t stride;  // bytes from row to row of values that lie apart in memory; 0: one piece
} Value;

typedef struct {
  const PlushTilePlan *plan;
  char *splats, *places, *scratch;
  char **addresses;  // of each view's first element in the tile, or the position there
  size_t row, rows, column, columns;
  Value values[PLUSH_MAX_REGISTERS];
} Machine;

static const size_t dense = ~(size_t)0;
enum { SPLAT_BYTES = PLUSH_UNROLLED * PLUSH_MAX_VECTOR };

static size_t count_of(const Machine *machine, const PlushStep *step) {
  return step->per_row ? machine->rows : machine->rows * machine->columns;
}

static size_t vectors_of(const Machine *machine, size_t count) {
  return plush_round_up(count, machine->plan->table->lanes);
}

static char *place_of(const Machine *machine, const PlushStep *step) {
  return step->splat ? machine->splats + step->place * SPLAT_BYTES
                     : machine->places + (size_t)step->place * machine->plan->place_bytes;
}

/// Offset of a row's first element, in elements.
static ptrdiff_t row_offset(const PlushTilePlan *plan, const PlushTileView *view, size_t row) {
  ptrdiff_t offset = 0;
  for (int d = plan->rank - 2; d > 0; d--) {
    offset += view->strides[d] * (ptrdiff_t)(row % plan->dims[d]);
    row /= plan->dims[d];
  }
  return plan->rank > 1 ? offset + view->strides[0] * (ptrdiff_t)row : 0;
}

/// From the tile's first row to row i, in elements.
static ptrdiff_t row_distance(const Machine *machine, const PlushTileView *view, size_t i) {
  const PlushTilePlan *plan = machine->plan;
  if (plan->rank <= 2) return plan->rank == 2 ? view->strides[0] * (ptrdiff_t)i : 0;
  return row_offset(plan, view, machine->row + i) - row_offset(plan, view, machine->row);
}

/// Whether the tile is one piece of the view's memory, for loads and stores without a copy.
static bool is_one_piece(const Machine *machine, const PlushTileView *view) {
  return machine->rows == 1 || (view->contiguous && machine->columns == machine->plan->columns);
}

/// Whether kernels can work on the rows of a view where they lie, though apart.
static bool has_rows(const Machine *machine, const PlushTileView *view) {
  const PlushTilePlan *plan = machine->plan;
  return plan->rank == 2 && !plan->whole_rows && plan->element_size == 4 && view->size == 4
      && machine->columns % plan->table->lanes == 0;
}

static void call(
    PlushKernel kernel, void *result, Value operand, size_t count) {
  kernel(&(PlushKernelCall){
      .result = result, .operands = {operand.data}, .masks = {operand.mask}, .count = count,
  });
}

/// Calls a kernel for all of the tile, or row by row if the result or an operand lies in rows apart.
static __attribute__((noinline)) void call_for_rows(
    const Machine *machine, PlushKernel kernel, const PlushKernelCall *whole,
    ptrdiff_t result_stride, const Value *const *operands, int count) {
  bool apart = result_stride != 0;
  for (int k = 0; k < count; k++) apart |= operands[k]->stride != 0;
  if (!apart) {
    kernel(whole);
    return;
  }
  const ptrdiff_t row = (ptrdiff_t)machine->columns * 4;
  ptrdiff_t strides[3] = {0};
  for (int k = 0; k < count; k++) {
    const Value *x = operands[k];
    strides[k] = x->mask == 0 ? 0 : x->stride != 0 ? x->stride : row;
  }
  PlushKernelCall call = *whole;
  call.count = machine->columns;
  call.prefetch[0] = NULL;
  for (size_t i = 0; i < machine->rows; i++) {
    kernel(&call);
    call.result += result_stride != 0 ? result_stride : row;
    for (int k = 0; k < count; k++) call.operands[k] += strides[k];
  }
}

// MARK: Loads

/// Reads the tile, converting to the class of the step.
static void fetch_tile(const Machine *machine, const PlushStep *step, char *result) {
  const PlushTilePlan *plan = machine->plan;
  const PlushTileView *view = &plan->views[step->view];
  const PlushClass class_ = plush_class_of((PlushType)view->type);
  const size_t width = view->size == 8 ? 8 : 4;
  const size_t rows = machine->rows, columns = step->per_row ? 1 : machine->columns;
  const ptrdiff_t stride = view->strides[plan->rank - 1];
  char *values = class_ == (PlushClass)step->class_ ? result : machine->scratch;
  const char *from = machine->addresses[step->view];
  const PlushFetch fetch = plan->table->fetch[view->type];

  const bool squared = plan->transposes && rows > 1 && view->strides[plan->rank - 2] == 1
      && view->size >= 4 && machine->row % plan->dims[plan->rank - 2] + rows
      <= plan->dims[plan->rank - 2];
  if (squared && stride != 1) {
    plan->table->transpose[width == 8](values, from, stride, rows, columns);
  } else if (!step->per_row && is_one_piece(machine, view)) {
    fetch(values, from, stride, rows * columns);
  } else if (step->per_row && plan->rank <= 2) {
    fetch(values, from, plan->rank == 2 ? view->strides[0] : 0, rows);
  } else {
    for (size_t i = 0; i < rows; i++) {
      const ptrdiff_t distance = row_distance(machine, view, i) * view->size;
      fetch(values + i * columns * width, from + distance, stride, columns);
    }
  }
  if (values != result) {
    call(plan->table->convert[class_][step->class_], result, (Value){values, dense, 0},
        vectors_of(machine, rows * columns));
  }
}

/// Repeats one value over the vectors that kernels may read of it.
static void splat(const Machine *machine, bool wide, char *result, const void *value) {
  const size_t lanes = machine->plan->table->lanes;
  machine->plan->table->expand[wide](result, value, 1, PLUSH_UNROLLED * lanes / (wide ? 2 : 1));
}

/// Reads one value.
static void fetch_splat(const Machine *machine, const PlushStep *step, char *result) {
  const PlushTilePlan *plan = machine->plan;
  const PlushTileView *view = &plan->views[step->view];
  const PlushClass class_ = plush_class_of((PlushType)view->type);
  const size_t lanes = plan->table->lanes;
  char *values = machine->scratch, *converted = values + lanes * sizeof(int64_t);
  plan->table->fetch[view->type](values, machine->addresses[step->view], 0, lanes);
  call(plan->table->convert[class_][step->class_], converted, (Value){values, dense, 0}, lanes);
  splat(machine, step->wide, result, converted);
}

static Value load(const Machine *machine, const PlushStep *step) {
  const PlushTilePlan *plan = machine->plan;
  const PlushTileView *view = &plan->views[step->view];
  const char *from = machine->addresses[step->view];
  char *place = place_of(machine, step);
  if (step->splat) {
    fetch_splat(machine, step, place);
    return (Value){place, 0, 0};
  }
  if (step->aliases && is_one_piece(machine, view)) {
    // Kernels read whole vectors, reductions of rows one more: that must not leave the memory.
    const size_t count = count_of(machine, step), lanes = plan->table->lanes;
    size_t needed = vectors_of(machine, count);
    if (plan->whole_rows && machine->columns % lanes != 0) needed += lanes;
    if (needed == count || from + needed * (size_t)view->size <= view->high) {
      return (Value){from, dense, 0};
    }
  } else if (step->aliases && has_rows(machine, view)) {
    return (Value){from, dense, view->strides[0] * 4};
  }
  fetch_tile(machine, step, place);
  return (Value){place, dense, 0};
}

/// Makes the values that all tiles share.
static void keep(Machine *machine, const PlushStep *step) {
  char *place = place_of(machine, step);
  if (step->view >= 0) {
    if (step->splat) {
      fetch_splat(machine, step, place);
    } else {
      fetch_tile(machine, step, place);
    }
    return;
  }
  const PlushInstruction *instruction = step->instruction;
  const float single = (float)instruction->immediate.f;
  const int32_t integer = (int32_t)instruction->immediate.i;
  const void *value = step->wide ? (const void *)&instruction->immediate
      : step->class_ == PLUSH_F32 ? (const void *)&single : &integer;
  splat(machine, step->wide, place, value);
}

// MARK: Stores

static void store(const Machine *machine, const PlushStep *step) {
  const PlushTilePlan *plan = machine->plan;
  const PlushTileView *view = &plan->views[step->view];
  const PlushClass class_ = plush_class_of((PlushType)view->type);
  const size_t width = view->size == 8 ? 8 : 4;
  const size_t count = count_of(machine, step), columns = step->per_row ? 1 : machine->columns;
  const ptrdiff_t stride = view->strides[plan->rank - 1];
  char *to = machine->addresses[step->view];
  Value value = machine->values[step->operands[0]];
  if (value.data == to) return;  // written there in the first place
  if (class_ != (PlushClass)step->class_ || value.mask == 0 || value.stride != 0) {
    const Value *const operand = &value;
    const PlushKernelCall conversion = {
        .result = machine->scratch, .operands = {value.data}, .masks = {value.mask},
        .count = vectors_of(machine, count),
    };
    call_for_rows(
        machine, plan->table->convert[step->class_][class_], &conversion, 0, &operand, 1);
    value = (Value){machine->scratch, dense, 0};
  }
  const PlushPut put = plan->table->put[view->type];
  if (!step->per_row && is_one_piece(machine, view)) {
    put(to, stride, value.data, count);
  } else if (step->per_row && plan->rank <= 2) {
    put(to, plan->rank == 2 ? view->strides[0] : 0, value.data, count);
  } else {
    for (size_t i = 0; i < machine->rows; i++) {
      const ptrdiff_t distance = row_distance(machine, view, i) * view->size;
      put(to + distance, stride, value.data + i * columns * width, columns);
    }
  }
}

// MARK: Results

/// Where a view goes on after this tile: never in the columns of another block, whose memory
/// another thread may be writing.
static const char *address_ahead(const Machine *machine, int view, size_t count) {
  if (view < 0) return NULL;
  const PlushTilePlan *plan = machine->plan;
  const PlushTileView *x = &plan->views[view];
  if (!plan->is_narrow) return machine->addresses[view] + count * (size_t)x->size;
  const bool has_next_row = plan->rank == 2 && machine->rows == 1;
  return has_next_row ? machine->addresses[view] + x->strides[0] * x->size : NULL;
}

static Value compute(const Machine *machine, const PlushStep *step) {
  const PlushTilePlan *plan = machine->plan;
  const size_t count = count_of(machine, step), whole = vectors_of(machine, count);
  char *result = place_of(machine, step);
  ptrdiff_t stride = 0;
  if (step->through >= 0) {
    const PlushTileView *view = &plan->views[step->through];
    const bool one_piece = is_one_piece(machine, view);
    if (one_piece ? whole == count : has_rows(machine, view)) {
      result = machine->addresses[step->through];
      stride = one_piece ? 0 : view->strides[0] * 4;
    }
  }
  const Value *a = &machine->values[step->operands[0]];
  const Value *b = &machine->values[step->operands[1]];
  const Value *c = &machine->values[step->operands[2]];
  const char *first = address_ahead(machine, step->prefetch[0], count);
  const char *second = address_ahead(machine, step->prefetch[1], count);
  const PlushKernelCall call = {
      .result = result, .operands = {a->data, b->data, c->data},
      .masks = {a->mask, b->mask, c->mask}, .count = whole,
      .prefetch = {first, second == NULL ? first : second},
      .argument = step->instruction->b,
  };
  if (machine->rows == 1) {
    step->kernel(&call);
  } else {
    const Value *const operands[] = {a, b, c};
    call_for_rows(machine, step->kernel, &call, stride, operands, step->operand_count);
  }
  return (Value){result, dense, stride};
}

static Value positions(const Machine *machine, const PlushStep *step) {
  const PlushTilePlan *plan = machine->plan;
  const PlushTileView *view = &plan->views[step->view];
  const ptrdiff_t stride = view->strides[plan->rank - 1];
  const int64_t first = (int64_t)(intptr_t)machine->addresses[step->view];
  char *result = place_of(machine, step);
  const size_t pieces = is_one_piece(machine, view) ? 1 : machine->rows;
  const size_t count = machine->rows * machine->columns / pieces;
  for (size_t i = 0; i < pieces; i++) {
    const int64_t start = first + row_distance(machine, view, i);
    char *to = result + i * count * (step->wide ? 8 : 4);
    if (step->kind == PLUSH_STEP_IOTA) {
      plan->table->iota[step->class_](to, start, stride, count);
    } else {
      const int64_t *key = (const int64_t *)machine->addresses[step->instruction->a];
      plan->table->random(
          (uint32_t *)to, key, step->instruction->immediate.i, start, stride, count);
    }
  }
  return (Value){result, dense, 0};
}

static Value reduce_rows(const Machine *machine, const PlushStep *step) {
  const PlushElementwiseTable *table = machine->plan->table;
  Value value = machine->values[step->operands[0]];
  if (value.mask == 0) {
    const size_t count = machine->rows * machine->columns;
    call(table->move[step->wide], machine->scratch, value, vectors_of(machine, count));
    value.data = machine->scratch;
  }
  char *result = place_of(machine, step);
  const int reduction = step->instruction->opcode - PLUSH_ROW_SUM;
  table->rows[reduction][step->class_](result, value.data, machine->rows, machine->columns);
  return (Value){result, dense, 0};
}

static Value expand(const Machine *machine, const PlushStep *step) {
  const PlushElementwiseTable *table = machine->plan->table;
  const Value value = machine->values[step->operands[0]];
  if (value.mask == 0) return value;
  char *result = place_of(machine, step);
  if (step->splat) {
    splat(machine, step->wide, result, value.data);
    return (Value){result, 0, 0};
  }
  table->expand[step->wide](result, value.data, machine->rows, machine->columns);
  return (Value){result, dense, 0};
}

/// Asks for the lines that a tile of separate rows will write: no hardware foresees them, and
/// without it the stores of a transposition take most of its time.
static void prefetch_rows(const Machine *machine, const PlushStep *step) {
  const PlushTileView *view = &machine->plan->views[step->view];
  if (step->per_row || is_one_piece(machine, view)) return;
  const size_t bytes = machine->columns * (size_t)view->size;
  for (size_t i = 0; i < machine->rows; i++) {
    const char *row = machine->addresses[step->view] + row_distance(machine, view, i) * view->size;
    for (size_t at = 0; at < bytes; at += 64) __builtin_prefetch(row + at, 1);
  }
}

static void run_tile(Machine *machine) {
  const PlushTilePlan *plan = machine->plan;
  for (int s = 0; plan->prefetches && machine->rows > 1 && s < plan->step_count; s++) {
    if (plan->steps[s].kind == PLUSH_STEP_STORE) prefetch_rows(machine, &plan->steps[s]);
  }
  for (int s = 0; s < plan->step_count; s++) {
    const PlushStep *step = &plan->steps[s];
    Value *result = &machine->values[step->result];
    switch (step->kind) {
      case PLUSH_STEP_COMPUTE: *result = compute(machine, step); break;
      case PLUSH_STEP_LOAD: *result = load(machine, step); break;
      case PLUSH_STEP_STORE: store(machine, step); break;
      case PLUSH_STEP_KEPT:
        *result = (Value){
            step->constant != NULL ? step->constant : place_of(machine, step),
            step->splat ? 0 : dense, 0,
        };
        break;
      case PLUSH_STEP_IOTA:
      case PLUSH_STEP_RANDOM: *result = positions(machine, step); break;
      case PLUSH_STEP_ROW_REDUCTION: *result = reduce_rows(machine, step); break;
      case PLUSH_STEP_EXPAND: *result = expand(machine, step); break;
    }
  }
}

// MARK: Runs

typedef struct {
  size_t row, rows, column, columns;
} Block;

static size_t smaller(size_t a, size_t b) { return a < b ? a : b; }

static void find_addresses(Machine *machine, const ptrdiff_t *row_offsets) {
  const PlushTilePlan *plan = machine->plan;
  for (int v = 0; v < plan->view_count; v++) {
    const PlushTileView *view = &plan->views[v];
    const ptrdiff_t offset =
        row_offsets[v] + view->strides[plan->rank - 1] * (ptrdiff_t)machine->column;
    machine->addresses[v] = view->base + offset * (view->size == 0 ? 1 : view->size);
  }
}

/// Lays the registers of a run out in memory.
static void start(Machine *machine, const PlushTilePlan *plan, char **addresses, char *memory) {
  machine->plan = plan;
  machine->addresses = addresses;
  machine->splats = memory;
  machine->places = machine->splats + plan->splats * SPLAT_BYTES;
  machine->scratch = machine->places + (size_t)plan->places * plan->place_bytes;
}

static void run_block(const PlushTilePlan *plan, Block block, char *memory) {
  char *addresses[plan->view_count + 1];
  ptrdiff_t row_offsets[plan->view_count + 1];
  Machine machine;
  start(&machine, plan, addresses, memory);
  bool started = false;
  for (size_t i = 0; i < block.rows; i += plan->tile_rows) {
    machine.row = block.row + i;
    machine.rows = smaller(plan->tile_rows, block.rows - i);
    for (int v = 0; v < plan->view_count; v++) {
      row_offsets[v] = row_offset(plan, &plan->views[v], machine.row);
    }
    for (size_t j = 0; j == 0 || j < block.columns; j += plan->tile_columns) {
      machine.column = block.column + j;
      machine.columns = smaller(plan->tile_columns, block.columns - j);
      find_addresses(&machine, row_offsets);
      for (int s = 0; s < plan->step_count && !started; s++) {
        if (plan->steps[s].kind == PLUSH_STEP_KEPT) keep(&machine, &plan->steps[s]);
      }
      started = true;
      run_tile(&machine);
    }
  }
}

/// Runs the one tile of a prepared plan.
static void run_prepared(const PlushTilePlan *plan, void *const *slots, char *memory) {
  char *addresses[plan->view_count + 1];
  Machine machine;
  start(&machine, plan, addresses, memory);
  machine.row = machine.column = 0;
  machine.rows = plan->tile_rows;
  machine.columns = plan->tile_columns;
  for (int v = 0; v < plan->view_count; v++) {
    const PlushTileView *view = &plan->views[v];
    addresses[v] = view->slot < 0 ? NULL : (char *)slots[view->slot] + view->offset;
  }
  run_tile(&machine);
}

/// Registers that are too large for the stack: a block per thread that grows and is kept.
static pthread_key_t block_key;
static pthread_once_t block_once = PTHREAD_ONCE_INIT;
static void make_block_key(void) { pthread_key_create(&block_key, free); }

static char *thread_block(size_t size) {
  pthread_once(&block_once, make_block_key);
  size_t *block = pthread_getspecific(block_key);
  if (block == NULL || *block < size) {
    free(block);
    block = aligned_alloc(PLUSH_MAX_VECTOR, plush_round_up(size, 4096) + PLUSH_MAX_VECTOR);
    if (block == NULL) abort();
    *block = plush_round_up(size, 4096);
    pthread_setspecific(block_key, block);
  }
  return (char *)block + PLUSH_MAX_VECTOR;
}

enum { STACK_BYTES = 65536 };

/// Memory of the registers. The scratch comes last: one place more, with elements of 8 bytes.
static size_t memory_of(const PlushTilePlan *plan) {
  return (size_t)plan->splats * SPLAT_BYTES
      + ((size_t)plan->places + (plan->element_size == 8 ? 1 : 2)) * plan->place_bytes;
}

static void run(const PlushTilePlan *plan, Block block) {
  const size_t size = memory_of(plan);
  if (size <= STACK_BYTES) {
    _Alignas(PLUSH_MAX_VECTOR) char memory[STACK_BYTES];
    run_block(plan, block, memory);
  } else {
    run_block(plan, block, thread_block(size));
  }
}

// MARK: Small programs

/// Makes the constants of a prepared plan.
static void make_constants(PlushTilePlan *plan, char *memory) {
  Machine machine;
  start(&machine, plan, NULL, memory);
  for (int s = 0; s < plan->step_count; s++) {
    PlushStep *step = &plan->steps[s];
    if (step->kind != PLUSH_STEP_KEPT) continue;
    keep(&machine, step);
    step->constant = place_of(&machine, step);
  }
}

void plush_elementwise_prepare(PlushElementwise *program, bool is_block) {
  plush_elementwise_forget(program);
  size_t rows = 1, columns = program->rank > 0 ? (size_t)program->dims[program->rank - 1] : 1;
  for (int d = 0; d < program->rank - 1; d++) rows *= (size_t)program->dims[d];
  if (rows * columns == 0) return;
  PlushTileView views[program->view_count + program->instruction_count];
  PlushStep steps[program->instruction_count + 1];
  PlushTilePlan plan;
  const PlushTileSpace space = {is_block, false, rows, columns};
  if (!plush_tile_plan(&plan, program, NULL, views, steps, space)) return;
  if (memory_of(&plan) > STACK_BYTES) return;

  const size_t constants = (size_t)plan.splats * SPLAT_BYTES;
  const size_t views_size = (size_t)plan.view_count * sizeof *views;
  const size_t steps_size = (size_t)plan.step_count * sizeof *steps;
  void *memory;
  const size_t size = constants + sizeof plan + views_size + steps_size;
  if (posix_memalign(&memory, PLUSH_MAX_VECTOR, size) != 0) abort();
  PlushTilePlan *prepared = (PlushTilePlan *)((char *)memory + constants);
  plan.views = memcpy(prepared + 1, views, views_size);
  plan.steps = memcpy((char *)(prepared + 1) + views_size, steps, steps_size);
  make_constants(&plan, memory);
  *prepared = plan;
  program->prepared = prepared;
}

void plush_elementwise_forget(PlushElementwise *program) {
  PlushTilePlan *plan = program->prepared;
  if (plan != NULL) free((char *)plan - (size_t)plan->splats * SPLAT_BYTES);
  program->prepared = NULL;
}

/// Runs the prepared plan, if there is one for this instruction set.
static bool ran_prepared(const PlushElementwise *program, void *const *slots) {
  const PlushTilePlan *plan = program->prepared;
  if (plan == NULL || plan->table != plush_elementwise_table()) return false;
  _Alignas(PLUSH_MAX_VECTOR) char memory[STACK_BYTES];
  run_prepared(plan, slots, memory);
  return true;
}

// MARK: Chunks

typedef struct {
  const PlushTilePlan *plan;
  size_t rows, columns;   // of a chunk
  size_t chunks_per_row;
} Chunks;

static void run_chunk(void *context, size_t index) {
  const Chunks *chunks = context;
  const PlushTilePlan *plan = chunks->plan;
  const size_t row = index / chunks->chunks_per_row * chunks->rows;
  const size_t column = index % chunks->chunks_per_row * chunks->columns;
  run(plan, (Block){
      row, smaller(chunks->rows, plan->rows - row),
      column, smaller(chunks->columns, plan->columns - column),
  });
}

/// Rough time of a step, in picoseconds per element.
static size_t cost_of(const PlushStep *step) {
  const int opcode = step->instruction->opcode;
  const size_t width = step->wide ? 2 : 1;
  switch (step->kind) {
    case PLUSH_STEP_KEPT: return 0;
    case PLUSH_STEP_RANDOM: return 1000;
    case PLUSH_STEP_LOAD:
    case PLUSH_STEP_STORE: return 150;
    case PLUSH_STEP_COMPUTE: break;
    default: return 100;
  }
  const bool slow = (opcode >= PLUSH_EXP && opcode <= PLUSH_ERF_INVERSE)
      || (opcode >= PLUSH_DIVIDE && opcode <= PLUSH_POWER) || opcode == PLUSH_ATAN2;
  if (step->per_row) return 1;
  return slow ? (step->wide ? 8000 : 400) : 60 * width;
}

static size_t divided_up(size_t a, size_t b) { return (a + b - 1) / b; }

/// Divides the space into chunks of about 20 microseconds, whole tiles each; returns how many.
static size_t divide(const PlushTilePlan *plan, Chunks *chunks) {
  *chunks = (Chunks){plan, plan->rows, plan->columns, 1};
  const size_t elements = plan->rows * plan->columns;
  if (elements < 4096) return 1;
  size_t cost = 1;  // picoseconds per element
  for (int s = 0; s < plan->step_count; s++) cost += cost_of(&plan->steps[s]);
  const size_t chunk = 20 * 1000 * 1000 / cost + 1;
  if (elements <= 2 * chunk) return 1;
  if (plan->columns > chunk && !plan->whole_rows) {
    chunks->rows = plan->tile_rows;
    chunks->columns = divided_up(chunk, plan->tile_columns) * plan->tile_columns;
    chunks->chunks_per_row = divided_up(plan->columns, chunks->columns);
  } else {
    chunks->rows = divided_up(chunk / plan->columns + 1, plan->tile_rows) * plan->tile_rows;
  }
  return divided_up(plan->rows, chunks->rows) * chunks->chunks_per_row;
}

void plush_elementwise(const PlushElementwise *program, void *const *slots) {
  if (ran_prepared(program, slots)) return;
  for (int d = 0; d < program->rank; d++) {
    // Rows without columns still have a sum.
    if (program->dims[d] == 0 && !(program->reduces_rows && d == program->rank - 1)) return;
  }
  PlushTileView views[program->view_count + program->instruction_count];
  PlushStep steps[program->instruction_count + 1];
  PlushTilePlan plan;
  plush_tile_plan(&plan, program, slots, views, steps, (PlushTileSpace){0});

  Chunks chunks;
  const size_t count = divide(&plan, &chunks);
  if (count <= 1) {
    run(&plan, (Block){0, plan.rows, 0, plan.columns});
  } else {
    plush_parallel(count, run_chunk, &chunks);
  }
}

void plush_elementwise_block(
    const PlushElementwise *program, void *const *slots, size_t row, size_t rows, size_t column,
    size_t columns) {
  if (rows == 0 || columns == 0) return;
  const PlushTilePlan *prepared = program->prepared;
  if (prepared != NULL && rows == prepared->tile_rows && columns == prepared->tile_columns
      && ran_prepared(program, slots)) {
    return;
  }
  PlushTileView views[program->view_count + program->instruction_count];
  PlushStep steps[program->instruction_count + 1];
  PlushTilePlan plan;
  Block block = {row, rows, column, columns};
  const size_t all_columns = program->rank == 0 ? 1 : (size_t)program->dims[program->rank - 1];
  const bool is_flat = rows > 1 && columns == all_columns && plush_is_flat(program);
  if (is_flat) block = (Block){0, 1, row * columns, rows * columns};
  plush_tile_plan(
      &plan, program, slots, views, steps,
      (PlushTileSpace){true, is_flat, block.rows, block.columns});
  run(&plan, block);
}

#include <png.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "picture_codecs.h"

// The most memory that a chunk beside the pixels may ask for, and the longest side.
enum { CHUNK_LIMIT = 1 << 23, SIDE_LIMIT = 1000000 };

typedef struct {
  jmp_buf jump;
  PlushPictureStatus status;
  png_structp png;
  png_infop info;
  const uint8_t *file;
  size_t count;
  size_t position;
} Reader;

static PlushPictureStatus sound(void) {
  PlushPictureStatus status = {PLUSH_PICTURE_SOUND, ""};
  return status;
}

static void ignore_warning(png_structp png, png_const_charp message) {
  (void)png;
  (void)message;
}

static void fail_reading(png_structp png, png_const_charp message) {
  Reader *reader = png_get_error_ptr(png);
  if (reader->status.fault == PLUSH_PICTURE_SOUND) reader->status.fault = PLUSH_PICTURE_CORRUPT;
  snprintf(reader->status.message, sizeof reader->status.message, "%s", message);
  longjmp(reader->jump, 1);
}

static void read_bytes(png_structp png, png_bytep bytes, size_t count) {
  Reader *reader = png_get_io_ptr(png);
  if (count > reader->count - reader->position) {
    reader->status.fault = PLUSH_PICTURE_TRUNCATED;
    png_error(png, "the end of the file");
  }
  memcpy(bytes, reader->file + reader->position, count);
  reader->position += count;
}

// Reads up to the pixels and says how they are to come: 8 bits, no palette. Leaves by longjmp.
static PlushPictureSize begin(Reader *reader) {
  reader->png = png_create_read_struct(PNG_LIBPNG_VER_STRING, reader, fail_reading, ignore_warning);
  reader->info = reader->png ? png_create_info_struct(reader->png) : NULL;
  if (!reader->info) {
    reader->status.fault = PLUSH_PICTURE_NO_MEMORY;
    snprintf(reader->status.message, sizeof reader->status.message, "no memory");
    longjmp(reader->jump, 1);
  }
  png_structp png = reader->png;
  png_set_read_fn(png, reader, read_bytes);
  png_set_user_limits(png, SIDE_LIMIT, SIDE_LIMIT);
  png_set_chunk_malloc_max(png, CHUNK_LIMIT);
  // Only what pixels need is read: no texts, profiles or unknown chunks.
  png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
  png_read_info(png, reader->info);
  png_set_expand(png);
  png_set_scale_16(png);
  png_set_interlace_handling(png);
  png_read_update_info(png, reader->info);
  PlushPictureSize size = {
      png_get_image_width(png, reader->info), png_get_image_height(png, reader->info),
      png_get_channels(png, reader->info)};
  return size;
}

static void end(Reader *reader) {
  if (reader->png) png_destroy_read_struct(&reader->png, &reader->info, NULL);
}

PlushPictureStatus plush_png_read_size(const uint8_t *file, size_t count, PlushPictureSize *size) {
  Reader reader = {.status = sound(), .file = file, .count = count};
  if (!setjmp(reader.jump)) *size = begin(&reader);
  end(&reader);
  return reader.status;
}

static void read_pixels(Reader *reader, PlushPictureSize size, uint8_t *pixels) {
  PlushPictureSize found = begin(reader);
  size_t stride = (size_t)size.width * size.channels;
  if (found.width != size.width || found.height != size.height ||
      found.channels != size.channels || png_get_rowbytes(reader->png, reader->info) != stride)
    png_error(reader->png, "another size than before");
  int passes = png_get_interlace_type(reader->png, reader->info) == PNG_INTERLACE_ADAM7 ? 7 : 1;
  for (int pass = 0; pass < passes; pass++)
    for (size_t row = 0; row < size.height; row++)
      png_read_row(reader->png, pixels + row * stride, NULL);
  png_read_end(reader->png, NULL);
}

PlushPictureStatus plush_png_read(
    const uint8_t *file, size_t count, PlushPictureSize size, uint8_t *pixels) {
  Reader reader = {.status = sound(), .file = file, .count = count};
  if (!setjmp(reader.jump)) read_pixels(&reader, size, pixels);
  end(&reader);
  return reader.status;
}

typedef struct {
  jmp_buf jump;
  PlushPictureStatus status;
  png_structp png;
  png_infop info;
  uint8_t *file;
  size_t count;
  size_t room;
} Writer;

static void fail_writing(png_structp png, png_const_charp message) {
  Writer *writer = png_get_error_ptr(png);
  if (writer->status.fault == PLUSH_PICTURE_SOUND) writer->status.fault = PLUSH_PICTURE_UNSUPPORTED;
  snprintf(writer->status.message, sizeof writer->status.message, "%s", message);
  longjmp(writer->jump, 1);
}

static void write_bytes(png_structp png, png_bytep bytes, size_t count) {
  Writer *writer = png_get_io_ptr(png);
  if (count > writer->room - writer->count) {
    size_t room = (writer->count + count) * 2;
    uint8_t *file = realloc(writer->file, room);
    if (!file) {
      writer->status.fault = PLUSH_PICTURE_NO_MEMORY;
      png_error(png, "no memory");
    }
    writer->file = file;
    writer->room = room;
  }
  memcpy(writer->file + writer->count, bytes, count);
  writer->count += count;
}

static void flush_nothing(png_structp png) { (void)png; }

static void write_picture(Writer *writer, const uint8_t *pixels, PlushPictureSize size, int level) {
  static const int types[] = {
      PNG_COLOR_TYPE_GRAY, PNG_COLOR_TYPE_GRAY_ALPHA, PNG_COLOR_TYPE_RGB, PNG_COLOR_TYPE_RGB_ALPHA};
  writer->png =
      png_create_write_struct(PNG_LIBPNG_VER_STRING, writer, fail_writing, ignore_warning);
  writer->info = writer->png ? png_create_info_struct(writer->png) : NULL;
  if (!writer->info) {
    writer->status.fault = PLUSH_PICTURE_NO_MEMORY;
    longjmp(writer->jump, 1);
  }
  png_set_write_fn(writer->png, writer, write_bytes, flush_nothing);
  png_set_user_limits(writer->png, SIDE_LIMIT, SIDE_LIMIT);
  png_set_compression_level(writer->png, level);
  png_set_IHDR(
      writer->png, writer->info, size.width, size.height, 8, types[size.channels - 1],
      PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  png_write_info(writer->png, writer->info);
  size_t stride = (size_t)size.width * size.channels;
  for (size_t row = 0; row < size.height; row++)
    png_write_row(writer->png, pixels + row * stride);
  png_write_end(writer->png, NULL);
}

PlushPictureStatus plush_png_write(
    const uint8_t *pixels, PlushPictureSize size, int level, uint8_t **file, size_t *count) {
  Writer writer = {.status = sound()};
  if (!setjmp(writer.jump)) write_picture(&writer, pixels, size, level);
  if (writer.png) png_destroy_write_struct(&writer.png, &writer.info);
  if (writer.status.fault != PLUSH_PICTURE_SOUND) {
    free(writer.file);
    return writer.status;
  }
  *file = writer.file;
  *count = writer.count;
  return writer.status;
}

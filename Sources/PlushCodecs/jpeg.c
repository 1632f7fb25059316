#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#include <jpeglib.h>

#include <jerror.h>

#include "picture_codecs.h"

// A file of more scans than this keeps a processor busy and shows no more.
enum { SCAN_LIMIT = 100 };

// Where errors go; `errors` comes first, so that the library's pointer to it is one to all of it.
typedef struct {
  struct jpeg_error_mgr errors;
  jmp_buf jump;
  PlushPictureStatus status;
} Guard;

static PlushPictureFault fault(int code) {
  switch (code) {
    case JERR_OUT_OF_MEMORY:
    case JERR_NO_BACKING_STORE:
      return PLUSH_PICTURE_NO_MEMORY;
    case JERR_IMAGE_TOO_BIG:
      return PLUSH_PICTURE_TOO_LARGE;
    case JERR_INPUT_EMPTY:
    case JERR_INPUT_EOF:
    case JWRN_JPEG_EOF:
      return PLUSH_PICTURE_TRUNCATED;
    case JERR_SOF_UNSUPPORTED:
    case JERR_BAD_PRECISION:
    case JERR_ARITH_NOTIMPL:
    case JERR_NOT_COMPILED:
    case JERR_CONVERSION_NOTIMPL:
      return PLUSH_PICTURE_UNSUPPORTED;
    default:
      return PLUSH_PICTURE_CORRUPT;
  }
}

static void fail(j_common_ptr info) {
  Guard *guard = (Guard *)info->err;
  char message[JMSG_LENGTH_MAX];
  guard->errors.format_message(info, message);
  guard->status.fault = fault(guard->errors.msg_code);
  snprintf(guard->status.message, sizeof guard->status.message, "%s", message);
  longjmp(guard->jump, 1);
}

// The library warns of damage and goes on with grey; only what leaves the picture sound may pass.
static void take_message(j_common_ptr info, int level) {
  if (level >= 0) return;
  switch (info->err->msg_code) {
    case JWRN_EXTRANEOUS_DATA:
    case JWRN_JFIF_MAJOR:
    case JWRN_ADOBE_XFORM:
    case JWRN_TOO_MUCH_DATA:
      return;
    default:
      fail(info);
  }
}

static struct jpeg_error_mgr *begin_guard(Guard *guard) {
  guard->status.fault = PLUSH_PICTURE_SOUND;
  guard->status.message[0] = 0;
  struct jpeg_error_mgr *errors = jpeg_std_error(&guard->errors);
  errors->error_exit = fail;
  errors->emit_message = take_message;
  return errors;
}

static void limit_scans(j_common_ptr info) {
  j_decompress_ptr reader = (j_decompress_ptr)info;
  if (reader->input_scan_number > SCAN_LIMIT) ERREXIT(info, JERR_BAD_PROGRESSION);
}

typedef struct {
  Guard guard;
  struct jpeg_decompress_struct info;
  struct jpeg_progress_mgr progress;
} Reader;

// Reads the header; leaves by longjmp.
static PlushPictureSize begin(Reader *reader, const uint8_t *file, size_t count) {
  struct jpeg_decompress_struct *info = &reader->info;
  jpeg_create_decompress(info);
  reader->progress.progress_monitor = limit_scans;
  info->progress = &reader->progress;
  jpeg_mem_src(info, (unsigned char *)file, (unsigned long)count);
  jpeg_read_header(info, TRUE);
  switch (info->jpeg_color_space) {
    case JCS_GRAYSCALE:
      info->out_color_space = JCS_GRAYSCALE;
      break;
    case JCS_CMYK:
    case JCS_YCCK:
      info->out_color_space = JCS_CMYK;
      break;
    default:
      info->out_color_space = JCS_RGB;
  }
  PlushPictureSize size = {
      info->image_width, info->image_height, info->out_color_space == JCS_GRAYSCALE ? 1 : 3};
  return size;
}

PlushPictureStatus plush_jpeg_read_size(const uint8_t *file, size_t count, PlushPictureSize *size) {
  Reader reader = {0};
  reader.info.err = begin_guard(&reader.guard);
  if (!setjmp(reader.guard.jump)) *size = begin(&reader, file, count);
  jpeg_destroy_decompress(&reader.info);
  return reader.guard.status;
}

// Programs that follow Adobe store inks turned round: 255 is none.
static void convert_inks(const uint8_t *inks, size_t width, int is_turned, uint8_t *pixels) {
  for (size_t x = 0; x < width; x++) {
    for (size_t channel = 0; channel < 3; channel++) {
      unsigned ink = inks[4 * x + channel], black = inks[4 * x + 3];
      unsigned light = is_turned ? ink * black : (255 - ink) * (255 - black);
      pixels[3 * x + channel] = (uint8_t)((light + 127) / 255);
    }
  }
}

static void read_pixels(
    Reader *reader, const uint8_t *file, size_t count, PlushPictureSize size, uint8_t *pixels) {
  struct jpeg_decompress_struct *info = &reader->info;
  PlushPictureSize found = begin(reader, file, count);
  jpeg_start_decompress(info);
  if (found.width != size.width || found.height != size.height ||
      found.channels != size.channels || info->output_width != size.width ||
      info->output_height != size.height)
    ERREXIT(info, JERR_BAD_LENGTH);
  size_t stride = (size_t)size.width * size.channels;
  int has_inks = info->out_color_space == JCS_CMYK;
  JSAMPARRAY inks = NULL;
  if (has_inks) {
    inks = info->mem->alloc_sarray((j_common_ptr)info, JPOOL_IMAGE, info->output_width * 4, 1);
  }
  while (info->output_scanline < info->output_height) {
    uint8_t *row = pixels + info->output_scanline * stride;
    JSAMPROW target = has_inks ? inks[0] : row;
    jpeg_read_scanlines(info, &target, 1);
    if (has_inks) convert_inks(inks[0], size.width, info->saw_Adobe_marker, row);
  }
  jpeg_finish_decompress(info);
}

PlushPictureStatus plush_jpeg_read(
    const uint8_t *file, size_t count, PlushPictureSize size, uint8_t *pixels) {
  Reader reader = {0};
  reader.info.err = begin_guard(&reader.guard);
  if (!setjmp(reader.guard.jump)) read_pixels(&reader, file, count, size, pixels);
  jpeg_destroy_decompress(&reader.info);
  return reader.guard.status;
}

typedef struct {
  Guard guard;
  struct jpeg_compress_struct info;
  unsigned char *file;
  unsigned long count;
} Writer;

static void write_picture(
    Writer *writer, const uint8_t *pixels, PlushPictureSize size, int quality) {
  struct jpeg_compress_struct *info = &writer->info;
  jpeg_create_compress(info);
  jpeg_mem_dest(info, &writer->file, &writer->count);
  info->image_width = size.width;
  info->image_height = size.height;
  info->input_components = (int)size.channels;
  info->in_color_space = size.channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
  jpeg_set_defaults(info);
  jpeg_set_quality(info, quality, TRUE);
  info->optimize_coding = TRUE;
  jpeg_start_compress(info, TRUE);
  size_t stride = (size_t)size.width * size.channels;
  while (info->next_scanline < info->image_height) {
    JSAMPROW row = (JSAMPROW)(pixels + info->next_scanline * stride);
    jpeg_write_scanlines(info, &row, 1);
  }
  jpeg_finish_compress(info);
}

PlushPictureStatus plush_jpeg_write(
    const uint8_t *pixels, PlushPictureSize size, int quality, uint8_t **file, size_t *count) {
  Writer writer = {0};
  writer.info.err = begin_guard(&writer.guard);
  if (!setjmp(writer.guard.jump)) write_picture(&writer, pixels, size, quality);
  jpeg_destroy_compress(&writer.info);
  // After a fault the library's buffer may have moved, so what is known of it is not freed.
  if (writer.guard.status.fault != PLUSH_PICTURE_SOUND) return writer.guard.status;
  *file = writer.file;
  *count = writer.count;
  return writer.guard.status;
}

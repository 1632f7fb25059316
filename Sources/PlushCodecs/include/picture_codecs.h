// PNG and JPEG, through libpng and libjpeg-turbo. Both leave by longjmp when something is wrong, and
// Swift must not be left that way: here every fault becomes a value.
#pragma once

#include <stddef.h>
#include <stdint.h>

typedef enum {
  PLUSH_PICTURE_SOUND,
  PLUSH_PICTURE_CORRUPT,
  PLUSH_PICTURE_TRUNCATED,
  PLUSH_PICTURE_UNSUPPORTED,
  PLUSH_PICTURE_TOO_LARGE,
  PLUSH_PICTURE_NO_MEMORY,
} PlushPictureFault;

// What is wrong, in the words of the library.
typedef struct {
  PlushPictureFault fault;
  char message[200];
} PlushPictureStatus;

// Channels are 1 (grey), 2 (grey, alpha), 3 (red, green, blue) or 4 (red, green, blue, alpha), of 8
// bits each; they lie side by side in a pixel, pixels in rows, rows from the top.
typedef struct {
  uint32_t width;
  uint32_t height;
  uint32_t channels;
} PlushPictureSize;

// Reads what the header tells; allocates no pixels.
PlushPictureStatus plush_png_read_size(const uint8_t *file, size_t count, PlushPictureSize *size);
PlushPictureStatus plush_jpeg_read_size(const uint8_t *file, size_t count, PlushPictureSize *size);

// Reads the pixels into width * height * channels bytes; the size must be that of the header.
PlushPictureStatus plush_png_read(
    const uint8_t *file, size_t count, PlushPictureSize size, uint8_t *pixels);
PlushPictureStatus plush_jpeg_read(
    const uint8_t *file, size_t count, PlushPictureSize size, uint8_t *pixels);

// Makes a file; whoever calls frees it. A JPEG has 1 or 3 channels; level and quality are those of
// the libraries, 1 to 9 and 1 to 100.
PlushPictureStatus plush_png_write(
    const uint8_t *pixels, PlushPictureSize size, int level, uint8_t **file, size_t *count);
PlushPictureStatus plush_jpeg_write(
    const uint8_t *pixels, PlushPictureSize size, int quality, uint8_t **file, size_t *count);

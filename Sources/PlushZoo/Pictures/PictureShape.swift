import Plush
import PlushMedia

/// The sizes in which a network takes pictures.
package struct PictureShape: Sendable, Hashable {
  /// Rows of pixels.
  package var height: Int
  /// Pixels in a row.
  package var width: Int
  /// 1 for grey, 3 for colors.
  package var channels: Int

  /// Sizes.
  package init(height: Int, width: Int, channels: Int) {
    (self.height, self.width, self.channels) = (height, width, channels)
  }

  /// The sizes of an input of shape [samples, height, width, channels]; nil for other inputs.
  package init?(input: Shape?) {
    guard let input, input.count == 4, let height = input[1], let width = input[2],
      let channels = input[3], (1...4).contains(channels)
    else { return nil }
    self.init(height: height, width: width, channels: channels)
  }

  /// The sizes in a record of data; nil if it has none.
  ///
  /// - Throws: `ZooError` if they are none.
  init?(record: JSON) throws {
    guard let json = record["picture"] else { return nil }
    let sizes = (json.array ?? []).compactMap(\.int)
    guard sizes.count == 3, sizes.allSatisfy({ (1...65536).contains($0) }) else {
      throw ZooError("the record of the model has no sizes of pictures, but \(json.plainText)")
    }
    self.init(height: sizes[0], width: sizes[1], channels: sizes[2])
  }

  /// The sizes as they are recorded.
  var json: JSON { .array(shape.map(JSON.int)) }

  /// The sizes as a shape: [height, width, channels].
  package var shape: [Int] { [height, width, channels] }
  /// Numbers in a picture.
  package var count: Int { height * width * channels }
  /// `28×28`, with colors `28×28×3`.
  package var text: String { "\(width)×\(height)" + (channels == 1 ? "" : "×\(channels)") }

  /// The largest part in the middle of a picture, in these sizes.
  package func fit(_ picture: Picture) -> Picture {
    picture.converted(channels: channels).resized(width: width, height: height, fit: .crop)
  }

  /// The pictures in a file, of shape [pictures, height, width, channels], from 0 to 1.
  ///
  /// A PNG or JPEG file has one, of any size. An IDX file has many of these sizes, and a table has
  /// a row for each, with a column for each number.
  ///
  /// - Throws: `FileError` if the file cannot be read, `ZooError` if its pictures have other sizes.
  package func pictures(inFile path: String) throws -> Tensor {
    if PictureFormat(path: path) != nil {
      return fit(try Picture(file: path)).tensor().expandDims(axis: 0)
    }
    if path.hasSuffix(".csv") || path.hasSuffix(".csv.gz") { return try pictures(inTable: path) }
    let images = try IDXArray(file: path)
    guard images.shape.count > 1, images.shape.dropFirst().reduce(1, *) == count,
      images.element == .uint8
    else {
      throw ZooError(
        "\(path): expected pictures of \(text) bytes, found the shape \(images.shape) of "
          + "\(images.element)")
    }
    return pictures(of: images)
  }

  /// The sizes of the pictures in an IDX array: [pictures, height, width] or with channels.
  init?(_ images: IDXArray) {
    let shape = images.shape
    guard shape.count == 3 || shape.count == 4 && (1...4).contains(shape[3]), shape[0] > 0,
      shape[1] > 0, shape[2] > 0, images.element == .uint8
    else { return nil }
    self.init(height: shape[1], width: shape[2], channels: shape.count == 4 ? shape[3] : 1)
  }

  /// The pictures in an array of as many bytes, from 0 to 1.
  func pictures(of images: IDXArray) -> Tensor {
    let pixels = images.bytes.withUnsafeBytes {
      Tensor(bytes: $0, shape: [images.count / count] + shape, dtype: images.dtype)
    }
    return pixels.cast(to: .float32) / 255
  }

  private func pictures(inTable path: String) throws -> Tensor {
    let (values, shape) = try Table(file: path).matrix()
    guard shape[1] == count else {
      throw ZooError(
        "\(path): expected \(count) columns, one for each pixel, found \(shape[1])",
        hint: "the first line of the file names the columns")
    }
    let pixels = Tensor(values, shape: [shape[0]] + self.shape)
    return (values.max() ?? 0) > 1 ? pixels / 255 : pixels
  }
}

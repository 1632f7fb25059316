import Plush

/// What a classifier of pictures must remember of its data: sizes, and the names of classes.
struct PictureRecord {
  var shape: PictureShape
  var classes: [String]

  /// Handwritten digits, as MNIST has them.
  static let digits = PictureRecord(
    shape: PictureShape(height: 28, width: 28, channels: 1), classes: (0..<10).map(String.init))

  init(shape: PictureShape, classes: [String]) { (self.shape, self.classes) = (shape, classes) }

  /// What was recorded; other than that where nothing was.
  ///
  /// - Throws: `ZooError` if it is damaged.
  init(_ json: JSON, otherwise usual: PictureRecord) throws {
    guard let shape = try PictureShape(record: json) else {
      self = usual
      return
    }
    let classes = (json["classes"]?.array ?? []).compactMap(\.string)
    guard classes.count > 1 else { throw ZooError("the record of the model names no classes") }
    self.init(shape: shape, classes: classes)
  }

  var json: JSON { ["picture": shape.json, "classes": .array(classes.map(JSON.string))] }
}

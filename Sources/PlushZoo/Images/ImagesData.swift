import Plush
import PlushMedia

extension Images {
  /// Changes that leave what a photograph shows.
  static let augmentation = Augmentation(
    flipsHorizontally: true, shift: 0.1, rotation: 15, zoom: 0.25, brightness: 0.1, contrast: 0.25)

  var usualRecord: PictureRecord { PictureRecord(shape: pictureShape, classes: ["0", "1"]) }

  public func data(from path: String?, seed: Int, reporter: any Reporter) throws -> NetworkData {
    guard let path else {
      throw ZooError(
        "images needs a folder with a folder of pictures for each class",
        hint: "say plush train images FOLDER")
    }
    return try ClassFolders(path, reporter)
      .data(pictureShape, augment ? Self.augmentation : nil, seed: seed)
  }
}

extension CNN: DigitNetwork {
  /// Pictures come with one channel of grey; the rest of the data is that of every `DigitNetwork`.
  static let pictureShape = [28, 28, 1]
}

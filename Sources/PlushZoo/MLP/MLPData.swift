extension MLP: DigitNetwork {
  /// Pictures come as rows of pixels; the rest of the data is that of every `DigitNetwork`.
  static let pictureShape = [28 * 28]
}

extension MLP: DigitNetwork {
  /// Pictures come as rows of pixels; the rest of the data is that of every `DigitNetwork`.
  func inputShape(of shape: PictureShape) -> [Int] { [shape.count] }
}

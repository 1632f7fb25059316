import PlushNN

extension Picture {
  /// The picture with another number of channels.
  ///
  /// Grey is 0.299 red + 0.587 green + 0.114 blue (ITU-R BT.601). Alpha is dropped, or 255 where
  /// there was none.
  ///
  /// - Precondition: channels are 1 to 4.
  public func converted(channels target: Int) -> Picture {
    if target == channels { return self }
    precondition((1...4).contains(target), "a picture has 1 to 4 channels, not \(target)")
    let count = width * height
    let converted = [UInt8](unsafeUninitializedCapacity: count * target) { output, initialized in
      pixels.withUnsafeBufferPointer { input in
        for pixel in 0..<count {
          let start = pixel * channels
          let source = UnsafeBufferPointer(rebasing: input[start..<start + channels])
          let place = pixel * target
          if target < 3 {
            output[place] = channels < 3 ? source[0] : Self.grey(source[0], source[1], source[2])
          } else {
            for channel in 0..<3 { output[place + channel] = source[channels < 3 ? 0 : channel] }
          }
          if target % 2 == 0 { output[place + target - 1] = hasAlpha ? source[channels - 1] : 255 }
        }
      }
      initialized = count * target
    }
    return Picture(width: width, height: height, channels: target, pixels: converted)
  }

  private static func grey(_ red: UInt8, _ green: UInt8, _ blue: UInt8) -> UInt8 {
    // 65536 times the weights.
    let parts = SIMD4<UInt32>(UInt32(red), UInt32(green), UInt32(blue), 32768)
    return UInt8((parts &* [19595, 38470, 7471, 1]).wrappedSum() >> 16)
  }

  /// The picture laid over a color, without alpha.
  public func laid(over color: Drawing.Color) -> Picture {
    guard hasAlpha else { return self }
    let base = converted(channels: 3)
    var pixels = base.pixels
    for place in pixels.indices {
      let alpha = Int(self.pixels[(place / 3 + 1) * channels - 1])
      let below = Int(color.parts[place % 3])
      pixels[place] = UInt8((Int(pixels[place]) * alpha + below * (255 - alpha) + 127) / 255)
    }
    return Picture(width: width, height: height, channels: 3, pixels: pixels)
  }
}

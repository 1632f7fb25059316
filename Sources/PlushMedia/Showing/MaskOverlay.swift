import PlushNN

extension Picture {
  /// The picture with what a mask marks in a color, and a line along its edge.
  ///
  /// - Parameters:
  ///   - mask: a picture of the same size; what is brighter than half is marked.
  ///   - color: the color.
  ///   - opacity: how much of the picture the color hides, from 0 to 1.
  /// - Precondition: both have the same size.
  public func overlaid(
    mask: Picture, color: Drawing.Color = 0xF43F5E, opacity: Double = 0.35
  ) -> Picture {
    let grey = mask.converted(channels: 1)
    let labels = grey.pixels.map { UInt8($0 > 127 ? 1 : 0) }
    return overlaid(
      labels: Picture(width: mask.width, height: mask.height, channels: 1, pixels: labels),
      colors: [color], opacity: opacity)
  }

  /// The picture with each class or thing in a color of its own, and lines along their edges.
  ///
  /// - Parameters:
  ///   - labels: a picture of the same size, whose grey values are numbers; 0 is not marked.
  ///   - colors: the colors from number 1 on; they begin anew after the last.
  ///   - opacity: how much of the picture the colors hide, from 0 to 1.
  /// - Precondition: both have the same size, and there is a color.
  public func overlaid(
    labels: Picture, colors: [Drawing.Color] = labelColors, opacity: Double = 0.35
  ) -> Picture {
    precondition(
      (labels.width, labels.height) == (width, height) && !colors.isEmpty,
      "\(labels) does not fit \(self)")
    let numbers = labels.converted(channels: 1).pixels
    var result = laid(over: 0xFFFFFF).converted(channels: 3)
    var pixels = result.pixels
    for y in 0..<height {
      for x in 0..<width {
        let place = y * width + x
        guard numbers[place] > 0 else { continue }
        let beside = [
          x > 0 ? place - 1 : place, x + 1 < width ? place + 1 : place,
          y > 0 ? place - width : place, y + 1 < height ? place + width : place,
        ]
        let isEdge = beside.contains { numbers[$0] != numbers[place] }
        let color = colors[(Int(numbers[place]) - 1) % colors.count]
        let below = Drawing.Color(
          red: pixels[3 * place], green: pixels[3 * place + 1], blue: pixels[3 * place + 2])
        let mix = below.mixed(with: color, isEdge ? 1 : opacity)
        for channel in 0..<3 { pixels[3 * place + channel] = mix.parts[channel] }
      }
    }
    result.pixels = pixels
    return result
  }

  /// Colors that are easy to tell apart.
  public static let labelColors: [Drawing.Color] = [
    0xF43F5E, 0x3B82F6, 0x22C55E, 0xF59E0B, 0xA855F7, 0x06B6D4, 0xEC4899, 0x84CC16, 0xF97316,
    0x6366F1, 0x14B8A6, 0xEAB308,
  ]
}

import PlushNN

extension Picture {
  /// Pictures in rows and columns with a line or more of text below each, on white.
  ///
  /// ```swift
  /// let pictures = Picture.all(in: x)
  /// try Picture.grid(pictures, captions: names, columns: 8).write(to: "samples.png")
  /// ```
  ///
  /// Small pictures are enlarged without smoothing, each by a whole number, very large ones made
  /// smaller. To compare things side by side give them in turn, with as many columns as there are
  /// things: inputs and what was made of them, two columns.
  ///
  /// - Parameters:
  ///   - pictures: the pictures, row by row.
  ///   - captions: a text for each; lines are cut where the picture ends.
  ///   - columns: how many stand beside each other; by default about as many as below each other.
  ///   - title: a text above all.
  ///   - cell: the least length that the longer side of a picture is to have; four times that is
  ///     the most.
  public static func grid(
    _ pictures: [Picture], captions: [String] = [], columns: Int? = nil, title: String? = nil,
    cell: Int = 120
  ) -> Picture {
    let cell = max(1, cell)
    let count = columns ?? Int(Double(pictures.count).squareRoot().rounded(.up))
    let grid = PictureGrid(
      pictures: pictures.map { $0.shrunk(to: cell * 4).enlarged(to: cell) },
      captions: captions.map { $0.split(separator: "\n").map(String.init) },
      columns: max(1, min(count, pictures.count)), title: title)
    return grid.picture
  }

  /// The picture with sides of at most a length.
  private func shrunk(to limit: Int) -> Picture {
    let longest = max(width, height)
    if longest <= limit { return self }
    return resized(
      width: max(1, width * limit / longest), height: max(1, height * limit / longest))
  }

  /// The picture on white, without alpha, each pixel as a square of as many as that length needs.
  private func enlarged(to length: Int) -> Picture {
    let longest = max(width, height)
    let factor = max(1, (length + longest - 1) / longest)
    return laid(over: 0xFFFFFF).converted(channels: 3)
      .resized(width: width * factor, height: height * factor, resampling: .nearest)
  }
}

private struct PictureGrid {
  let pictures: [Picture]
  let captions: [[String]]
  let columns: Int
  let title: String?

  private static let (margin, gap, size, lineHeight) = (16, 14, 15.0, 20)

  private let cell: (width: Int, height: Int)
  private let captionHeight: Int

  init(pictures: [Picture], captions: [[String]], columns: Int, title: String?) {
    (self.pictures, self.captions, self.columns, self.title) = (pictures, captions, columns, title)
    cell = (pictures.map(\.width).max() ?? 1, pictures.map(\.height).max() ?? 1)
    let lines = captions.map(\.count).max() ?? 0
    captionHeight = lines == 0 ? 0 : lines * Self.lineHeight + 6
  }

  private var head: Int { title == nil ? Self.margin : Self.margin + 36 }

  var picture: Picture {
    let rows = (pictures.count + columns - 1) / columns
    let titleWidth = title.map { StrokeFont.lines(of: $0, size: 20, isBold: true).width } ?? 0
    let width = columns * (cell.width + Self.gap) - Self.gap
    var raster = Raster(
      width: max(width, Int(titleWidth) + 4) + 2 * Self.margin,
      height: head + rows * (cell.height + captionHeight + Self.gap) - Self.gap + Self.margin)
    if let title {
      raster.text(
        title, at: [Double(Self.margin), Double(Self.margin) + 18], size: 20, color: 0x111827,
        isBold: true)
    }
    for (number, caption) in captions.prefix(pictures.count).enumerated() {
      let place = place(number)
      for (row, line) in caption.enumerated() {
        let y = place.y + cell.height + 19 + row * Self.lineHeight
        raster.text(
          fitted(line), at: [Double(place.x + cell.width / 2), Double(y)], size: Self.size,
          color: 0x374151, anchor: .middle)
      }
    }
    var picture = raster.picture
    for (number, one) in pictures.enumerated() {
      let place = place(number)
      picture.put(
        one, x: place.x + (cell.width - one.width) / 2, y: place.y + (cell.height - one.height) / 2)
    }
    return picture
  }

  private func place(_ number: Int) -> (x: Int, y: Int) {
    let (row, column) = (number / columns, number % columns)
    return (
      Self.margin + column * (cell.width + Self.gap),
      head + row * (cell.height + captionHeight + Self.gap)
    )
  }

  /// As much of a line as there is room for.
  private func fitted(_ line: String) -> String {
    let room = Double(cell.width + Self.gap - 4)
    func width(_ text: String) -> Double { StrokeFont.lines(of: text, size: Self.size).width }
    if width(line) <= room { return line }
    var part = line[...]
    while !part.isEmpty && width("\(part)…") > room { part = part.dropLast() }
    return "\(part)…"
  }
}

import PlushZoo

/// Grey pictures drawn with half blocks, two rows of pixels in a line, and what is said about them.
struct DigitPictures {
  private let pictures: [JudgedPicture]
  private let style: Style
  private let width: Int

  init(_ pictures: [JudgedPicture], _ style: Style, width: Int) {
    self.pictures = pictures
    self.style = style
    self.width = width
  }

  /// The pictures, as many beside each other as there is room for.
  func draw() -> String {
    guard let first = pictures.first else { return "" }
    let side = first.width / 2
    let row = max(1, width / (side + 3))
    return stride(from: 0, to: pictures.count, by: row).map { start in
      lines(Array(pictures[start..<min(start + row, pictures.count)]), side)
    }.joined(separator: "\n")
  }

  private func lines(_ row: [JudgedPicture], _ side: Int) -> String {
    let drawings = row.map { drawing($0) }
    let captions = row.map { caption($0, side) }
    let all = zip(drawings, captions).map { $0 + $1 }
    return (0..<(all.map(\.count).max() ?? 0)).map { line in
      all.map { $0[line] }.joined(separator: "   ") + "\n"
    }.joined()
  }

  /// Half the size: a character shows two pixels above each other, each the mean of four.
  private func drawing(_ picture: JudgedPicture) -> [String] {
    let width = picture.width
    let height = picture.pixels.count / width
    func shade(_ row: Int, _ column: Int) -> Float {
      let places = [(0, 0), (0, 1), (1, 0), (1, 1)].map { (row * 2 + $0.0, column * 2 + $0.1) }
      return places.reduce(0) { $0 + picture.pixels[$1.0 * width + $1.1] } / 4
    }
    return stride(from: 0, to: height / 2, by: 2).map { row in
      (0..<width / 2).map { column in
        style.halfBlock(
          above: shade(row, column), below: shade(min(row + 1, height / 2 - 1), column))
      }.joined()
    }
  }

  private func caption(_ picture: JudgedPicture, _ side: Int) -> [String] {
    func line(_ text: String) -> String { String(text.prefix(side)).padded(to: side) }
    // Where nothing is answered the truth is a caption.
    guard let answer = picture.answers.first else { return [line(picture.truth)] }
    let answers = picture.answers.prefix(2).map {
      let share = " \(Int(($0.probability * 100).rounded())) %"
      return line($0.name.prefix(max(1, side - share.count)) + share)
    }
    let isRight = answer.name == picture.truth
    let mark = line("\(isRight ? "✓" : "✗") is \(picture.truth)")
    return answers + [isRight ? style.green(mark) : style.red(mark)]
  }
}

extension Style {
  /// Two shades above each other in one character.
  func halfBlock(above: Float, below: Float) -> String {
    if let codes = grey(above, below) { return codes }
    let (top, bottom) = (above > 0.3, below > 0.3)
    return top ? (bottom ? "█" : "▀") : (bottom ? "▄" : " ")
  }
}

import PlushData
import PlushMedia
import PlushNN
import PlushTestSupport
import Testing

@Suite struct DrawingPictureTests {
  private func drawn(_ draw: (inout Drawing) -> Void) -> Picture {
    var drawing = Drawing(width: 40, height: 30, title: "test")
    draw(&drawing)
    return drawing.picture(scale: 2)
  }

  /// How much ink there is, in pixels of the drawing.
  private func ink(_ picture: Picture) -> Double {
    picture.pixels.reduce(0.0) { $0 + Double(255 - $1) / 255 } / 3 / 4
  }

  @Test func shapesCoverTheirArea() {
    let empty = drawn { _ in }
    #expect((empty.width, empty.height, empty.channels) == (80, 60, 3))
    #expect(ink(empty) == 0)
    let box = drawn { $0.rectangle(at: [5, 5], size: [20, 10], fill: 0x000000) }
    #expect(abs(ink(box) - 200) < 0.5)
    #expect(box[10, 10, 0] == 0 && box[9, 10, 0] == 255 && box[49, 29, 0] == 0)
    let disc = drawn { $0.circle(at: [20, 15], radius: 8, fill: 0x000000) }
    #expect(abs(ink(disc) - 201.06) < 1)
    let triangle = drawn { $0.polygon([[5, 5], [35, 5], [20, 25]], fill: 0x000000) }
    #expect(abs(ink(triangle) - 300) < 2)
    let turned = drawn { $0.polygon([[20, 25], [35, 5], [5, 5]], fill: 0x000000) }
    #expect(turned == triangle)
    let line = drawn { $0.line(from: [5, 15], to: [35, 15], stroke: 0x000000, width: 2) }
    #expect(abs(ink(line) - 63.1) < 1)
    let dashed = drawn {
      $0.line(from: [5, 15], to: [35, 15], stroke: 0x000000, width: 2, isDashed: true)
    }
    #expect(ink(dashed) > 30 && ink(dashed) < 50)
    let thin = drawn { $0.line(from: [5, 5], to: [35, 25], stroke: 0x000000, width: 0.2) }
    #expect(ink(thin) > 3 && ink(thin) < 20)
    let beyond = drawn { $0.rectangle(at: [-50, -50], size: [500, 500], fill: 0x000000) }
    #expect(ink(beyond) == 1200)
  }

  @Test func textsLieWhereTheirAnchorSays() {
    func columns(_ anchor: Drawing.Anchor) -> ClosedRange<Int> {
      let picture = drawn { $0.text("Hm", at: [20, 20], size: 10, anchor: anchor) }
      let used = (0..<picture.width).filter { x in
        (0..<picture.height).contains { picture[x, $0, 0] < 128 }
      }
      return (used.first ?? -1)...(used.last ?? -1)
    }
    #expect(columns(.start).lowerBound >= 40)
    #expect(columns(.end).upperBound <= 40)
    let middle = columns(.middle)
    #expect(abs(middle.lowerBound + middle.upperBound - 80) <= 3)
  }

  /// Texts must fit where drawings made room for them.
  @Test func lettersAreThereAndNoWiderThanExpected() {
    let letters = (33...126).compactMap(UnicodeScalar.init).map(Character.init) + "äöüßéçÅ·×−°…"
    let unknown = drawn { $0.text("\u{4E2D}", at: [10, 20], size: 16) }
    for letter in letters {
      let picture = drawn { $0.text(String(letter), at: [10, 20], size: 16) }
      #expect(ink(picture) > 0.5, "\(letter)")
      #expect(picture != unknown, "\(letter)")
    }
    for text in ["training", "validation", "prediction", "accuracy 99.12 % of 10000 samples"] {
      var drawing = Drawing(width: 400, height: 30, title: "")
      drawing.text(text, at: [0, 20], size: 12)
      let picture = drawing.picture(scale: 1)
      let last = (0..<picture.width).last { x in (0..<30).contains { picture[x, $0, 0] < 128 } }
      let expected = Drawing.width(of: text, size: 12)
      #expect(Double(last ?? 0) <= expected && Double(last ?? 0) > expected * 0.75, "\(text)")
    }
  }

  @Test func theEndingOfTheNameTellsTheFormat() throws {
    let folder = try TestFolder()
    let matrix = try ConfusionMatrix(truths: [0, 1], predictions: [0, 1])
    try matrix.drawing().write(to: folder("a.svg"))
    try matrix.drawing().write(to: folder("a.png"), scale: 1)
    #expect(throws: FileError.self) { try matrix.drawing().write(to: folder("a.pdf")) }
    let svg = String(decoding: try readFile(folder("a.svg")), as: UTF8.self)
    #expect(svg == matrix.drawing().svg())
    let picture = try Picture(file: folder("a.png"))
    #expect(picture.width == Int(matrix.drawing().width))
    // The matrix has blue cells.
    #expect(
      stride(from: 0, to: picture.pixels.count, by: 3).contains {
        picture.pixels[$0..<$0 + 3].elementsEqual([0x1D, 0x4E, 0xD8])
      })
  }

  @Test func hugeDrawingsStayWithinMemory() {
    let huge = Drawing(width: 200_000, height: 40_000, title: "")
    let picture = huge.picture(scale: 50)
    #expect(picture.width * picture.height <= (1 << 24) * 101 / 100)
  }
}

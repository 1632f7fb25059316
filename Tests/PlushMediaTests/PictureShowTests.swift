import PlushMedia
import PlushNN
import PlushTensor
import PlushTestSupport
import Testing

@Suite struct PictureShowTests {
  @Test func gridsHoldTheirPictures() {
    let red = Picture(width: 4, height: 3, color: 0xFF0000)
    let pictures = (0..<5).map { red.converted(channels: $0 % 4 + 1) }
    let captions = (0..<5).map { "picture \($0)" }
    let grid = Picture.grid(pictures, captions: captions, columns: 3, cell: 40)
    #expect(grid.channels == 3)
    // The pictures are red or the grey of red, four of them in whole squares of 40×30.
    let colors = stride(from: 0, to: grid.pixels.count, by: 3).map {
      Array(grid.pixels[$0..<$0 + 3])
    }
    #expect(colors.count { $0 == [255, 0, 0] } == 2 * 40 * 30)
    #expect(colors.count { $0 == [76, 76, 76] } >= 3 * 40 * 30)
    #expect(grid.width == 16 + 3 * 54 - 14 + 16)
    let taller = Picture.grid(pictures, captions: ["a\nb\nc"], columns: 3, title: "Title", cell: 40)
    #expect(taller.height > grid.height)
    #expect(Picture.grid([]).width > 0)
    let large = Picture.grid([Picture(width: 400, height: 100, color: 0xFF0000)], cell: 20)
    #expect((large.width, large.height) == (16 + 80 + 16, 16 + 20 + 16))
  }

  @Test func heatGoesFromLowToHigh() {
    let picture = Picture(heat: Tensor([[0, 1], [2, Float.nan]]))
    func light(_ x: Int, _ y: Int) -> Int { (0..<3).reduce(0) { $0 + Int(picture[x, y, $1]) } }
    #expect(light(0, 0) < light(1, 0) && light(1, 0) < light(0, 1))
    #expect(picture[1, 1, 0] == 0x9C)
    let signed = Picture(signed: Tensor([[-2, 0, 1]] as [[Float]]))
    #expect(signed[0, 0, 2] > signed[0, 0, 0])
    #expect((0..<3).map { signed[1, 0, $0] } == [255, 255, 255])
    #expect(signed[2, 0, 0] > signed[2, 0, 2])
  }

  @Test func filtersAndFeatureMaps() {
    let colors = Picture.filters(of: Tensor.randomNormal([5, 5, 3, 8]))
    #expect(colors.count == 8 && colors[0].width == 5 && colors[0].channels == 3)
    let grey = Picture.filters(of: Tensor.randomNormal([3, 3, 4, 2]))
    #expect(grey.count == 2 && grey[0].width == 7 && grey[0].height == 7)
    let activation = Tensor.range(Float(0), 2 * 4 * 6 * 3).reshape([2, 4, 6, 3])
    let maps = Picture.featureMaps(of: activation, sample: 1)
    #expect(maps.count == 3 && maps[0].width == 6 && maps[0].height == 4)
    #expect(maps[0] == maps[2])
  }

  @Test func masksColorWhatTheyMark() {
    let picture = Picture(width: 5, height: 5, color: 0x000000)
    var mask = Picture(width: 5, height: 5, color: 0x000000).converted(channels: 1)
    for y in 1..<4 { for x in 1..<4 { mask[x, y, 0] = 255 } }
    let marked = picture.overlaid(mask: mask, color: 0xC80000, opacity: 0.5)
    #expect(marked[0, 0, 0] == 0 && marked[1, 1, 0] == 200 && marked[2, 2, 0] == 100)
    #expect(marked[2, 2, 1] == 0)
    mask[2, 2, 0] = 2
    let labels = picture.overlaid(labels: mask, colors: [0x0000FF, 0x00FF00])
    #expect(labels[2, 2, 1] == 255)
  }

  @Test func worstMistakesComeFirst() throws {
    let predictions = Tensor([[0.9, 0.1], [0.2, 0.8], [0.05, 0.95], [0.6, 0.4]])
    let truths = Tensor([0, 0, 0, 1])
    let mistakes = try Mistake.mostConfident(truths: truths, predictions: predictions)
    #expect(mistakes.map(\.sample) == [2, 1, 3])
    #expect(mistakes[0].answer == 1 && abs(mistakes[0].probability - 0.95) < 1e-6)
    let hot = Tensor([[1, 0], [1, 0], [1, 0], [0, 1]])
    #expect(try Mistake.mostConfident(truths: hot, predictions: predictions, limit: 1).count == 1)
    #expect(throws: DataError.self) {
      try Mistake.mostConfident(truths: Tensor([1]), predictions: predictions)
    }
    let grid = Picture.grid(of: mistakes, in: Tensor.zeros([4, 8, 8]), names: ["cat", "dog"])
    #expect(grid.width > 2 * 120)
    #expect(Picture.grid(of: [], in: Tensor.zeros([4, 8, 8])).width > 0)
  }
}

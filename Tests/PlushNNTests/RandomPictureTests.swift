import PlushNN
import PlushTensor
import Testing

/// Layers that change pictures at random.
@Suite struct RandomPictureTests {
  static let layers: [@Sendable () -> Layer] = [
    { RandomFlip() }, { RandomFlip(.vertical, channelsFirst: true) }, { RandomRotation(0.1) },
    { RandomRotation(-0.1...0.3, fillMode: .constant(2), interpolation: .nearest) },
    { RandomZoom(0.2, fillMode: .wrap) }, { RandomZoom(0...0.5, widthFactor: -0.5...0) },
    { RandomTranslation(0.2, 0.3, fillMode: .nearest) },
    { RandomBrightness(0.2, valueRange: -1...1) },
    { RandomContrast(0.3, channelsFirst: true) },
  ]

  /// Training and use without it; the way through a configuration.
  @Test(arguments: layers.indices) func contract(_ place: Int) throws {
    let make = Self.layers[place]
    try checkLayer(make, [[2, 4, 4, 3]], gives: [2, 4, 4, 3], parameters: 0)
    try withRandomKey(seed: 4) {
      let x = Tensor.randomUniform([8, 4, 4, 3])
      #expect(try make()(x).dataSync() == x.dataSync())
      let changed = try make()(x, training: true)
      #expect(changed.shape == x.shape)
      #expect(changed.dataSync() != x.dataSync())
      #expect(changed.dataSync().allSatisfy { $0.isFinite })
    }
  }

  @Test func cropping() throws {
    try checkLayer(
      { RandomCrop(height: 2, width: 3) }, [[2, 4, 4, 2]], gives: [2, 2, 3, 2], parameters: 0)
    try withRandomKey(seed: 4) {
      let x = Tensor.range(0, 16, dtype: .float32).reshape([1, 4, 4, 1]).tile([20, 1, 1, 1])
      let parts = try RandomCrop(height: 2, width: 2)(x, training: true)
      var corners: Set<Float> = []
      for part in parts.unstack() {
        let numbers = part.dataSync()
        corners.insert(numbers[0])
        #expect(numbers == [0, 1, 4, 5].map { $0 + numbers[0] })
      }
      #expect(corners.count > 3)
    }
    let middle = try RandomCrop(height: 2, width: 2)(
      Tensor.range(0, 16, dtype: .float32).reshape([1, 4, 4, 1]))
    #expect(middle.dataSync() == [5, 6, 9, 10])
  }

  @Test func flipsEveryOther() throws {
    try withRandomKey(seed: 4) {
      let x = Tensor([0.0, 1]).reshape([1, 1, 2, 1]).tile([400, 1, 1, 1])
      let flipped = try RandomFlip(.horizontal)(x, training: true)
      let first = flipped[.all, 0, 0, 0].sum().item()
      #expect(abs(first - 200) < 50)
      #expect(flipped.sum(axes: [1, 2, 3]).dataSync().allSatisfy { $0 == 1 })
    }
  }

  @Test func movesByWhatIsSaid() throws {
    let x = Tensor.range(0, 9, dtype: .float32).reshape([1, 3, 3, 1])
    let down = RandomTranslation(1.0 / 3...1.0 / 3, 0...0, fillMode: .constant(-1))
    expectClose(
      try down(x, training: true).flatten(), Tensor([-1.0, -1, -1, 0, 1, 2, 3, 4, 5]),
      absolute: 1e-4, "translation")
    let half = RandomRotation(0.5...0.5)
    expectClose(
      try half(x, training: true), x.reverse(axes: [1, 2]), absolute: 1e-3, "rotation")
    let out = RandomZoom(1...1, fillMode: .constant(0))
    expectClose(
      try out(x, training: true).flatten()[4], Tensor(4, dtype: .float32), absolute: 1e-4, "zoom")
    let bright = RandomBrightness(0.5...0.5, valueRange: 0...10)
    #expect(try bright(x, training: true).dataSync() == [5, 6, 7, 8, 9, 10, 10, 10, 10])
    let flat = RandomContrast(below: 1, above: 0)
    let contrast = try flat(x, training: true)
    #expect(contrast.dataSync().allSatisfy { (0...8).contains($0) })
    #expect(abs(contrast.mean().item() - 4) < 1e-4)
  }

  @Test func wrongOnesAreRefused() throws {
    let picture: Shape = [nil, 4, 4, 3]
    #expect(throws: ModelError.self) {
      try RandomCrop(height: 5, width: 2).outputShape(for: picture)
    }
    #expect(throws: ModelError.self) {
      try RandomContrast(below: 2, above: 0).outputShape(for: picture)
    }
    #expect(throws: ModelError.self) { try RandomFlip().outputShape(for: [nil, 4]) }
    #expect(throws: ModelError.self) {
      try Layer.make(className: "RandomRotation", config: ["factor": [2, 1]])
    }
    #expect(throws: ModelError.self) {
      try Layer.make(className: "RandomZoom", config: ["height_factor": 1, "fill_mode": "air"])
    }
  }
}

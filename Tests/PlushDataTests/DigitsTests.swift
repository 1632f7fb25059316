import PlushData
import PlushTestSupport
import Testing

@Suite struct DigitsTests {
  let digits = Digits(count: 2000, seed: 1)

  func picture(_ index: Int) -> ArraySlice<UInt8> {
    digits.images.bytes[index * 784..<(index + 1) * 784]
  }

  @Test func drawsEveryDigit() {
    #expect(digits.images.shape == [2000, 28, 28])
    #expect(digits.labels.shape == [2000])
    for digit in 0..<10 {
      #expect((140...260).contains(digits.labels.bytes.count { $0 == digit }))
    }
    #expect(Digits(count: 0, seed: 1).images.shape == [0, 28, 28])
  }

  @Test func dependsOnlyOnTheSeed() {
    let few = Digits(count: 50, seed: 1)
    #expect(few.images.bytes[...] == digits.images.bytes.prefix(50 * 784))
    #expect(Digits(count: 50, seed: 2) != few)
    #expect(Digits.draw(3, seed: 5) == Digits.draw(3, seed: 5))
    #expect(Digits.draw(3, seed: 5) != Digits.draw(3, seed: 6))
    let sum = digits.images.bytes.reduce(UInt64(14_695_981_039_346_656_037)) {
      ($0 ^ UInt64($1)) &* 1_099_511_628_211
    }
    #expect(sum == 11_219_024_678_445_171_077)
  }

  @Test func fillsTheBoxOfMNIST() {
    for index in 0..<2000 {
      var (mass, x, y) = (0.0, 0.0, 0.0)
      for (place, ink) in picture(index).enumerated() {
        mass += Double(ink)
        x += Double(ink) * Double(place % 28)
        y += Double(ink) * Double(place / 28)
      }
      #expect((4...100).contains(mass / 784))
      #expect(abs(x / mass - 13.5) < 2.5 && abs(y / mass - 13.5) < 2.5)
    }
  }

  @Test(.enabled(if: sharedData != nil)) func resembleMNIST() throws {
    let folder = try #require(sharedData) + "/mnist/"
    let images = try IDXArray(file: folder + "t10k-images-idx3-ubyte.gz").bytes
    let labels = try IDXArray(file: folder + "t10k-labels-idx1-ubyte.gz").bytes
    var right = 0
    for index in 0..<300 {
      let image = Array(images[index * 784..<(index + 1) * 784])
      if nearestLabel(to: image) == labels[index] { right += 1 }
    }
    // The nearest of 2000 drawn digits tells most written ones.
    #expect(right > 225, "\(right) of 300")
  }

  func nearestLabel(to image: [UInt8]) -> UInt8 {
    var best = (distance: Int32.max, index: 0)
    digits.images.bytes.withUnsafeBufferPointer { bytes in
      for index in 0..<2000 {
        var distance: Int32 = 0
        for pixel in 0..<784 {
          let difference = Int32(bytes[index * 784 + pixel]) - Int32(image[pixel])
          distance &+= difference &* difference
        }
        if distance < best.distance { best = (distance, index) }
      }
    }
    return digits.labels.bytes[best.index]
  }
}

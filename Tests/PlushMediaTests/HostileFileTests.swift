import PlushData
import PlushMedia
import PlushTestSupport
import Testing

/// Files that somebody damaged end in an error or give a picture, and soon.
@Suite struct HostileFileTests {
  private static let files: [(name: String, bytes: [UInt8])] = {
    let pictures: [(String, PictureFormat, Picture)] = [
      ("grey.png", .png, samplePicture(channels: 1)),
      ("alpha.png", .png, samplePicture(channels: 4)),
      ("large.png", .png, samplePicture(width: 150, height: 90)),
      ("grey.jpg", .jpeg, samplePicture(width: 40, height: 30, channels: 1)),
      ("color.jpg", .jpeg, samplePicture(width: 90, height: 70)),
    ]
    return pictures.map { ($0, (try? $2.encoded(as: $1)) ?? []) }
  }()

  /// Reads what may be no picture; only errors of files may come of it.
  private func read(_ bytes: [UInt8], _ name: String) -> Picture? {
    do {
      let picture = try Picture(parsing: bytes, path: name, pixelLimit: 1 << 22)
      #expect(picture.pixels.count == picture.width * picture.height * picture.channels)
      return picture
    } catch {
      #expect(error is FileError, "\(name): \(error)")
      return nil
    }
  }

  @Test func mutationsAreErrorsOrPictures() {
    var generator = TestGenerator(seed: 7)
    var counts = (pictures: 0, errors: 0)
    let clock = ContinuousClock()
    let took = clock.measure {
      for round in 0..<300 {
        let (name, sound) = Self.files[round % Self.files.count]
        var bytes = sound
        switch round / Self.files.count % 4 {
        case 0: bytes = generator.flippingBits(of: bytes)
        case 1:
          for _ in 0..<8 {
            bytes[Int.random(in: 2..<bytes.count, using: &generator)] =
              .random(in: 0...255, using: &generator)
          }
        case 2:
          let start = Int.random(in: 2..<bytes.count, using: &generator)
          bytes.removeSubrange(start..<min(bytes.count, start + 9))
        default:
          let other = Self.files[Int.random(in: 0..<Self.files.count, using: &generator)].bytes
          let place = Int.random(in: 2..<bytes.count, using: &generator)
          bytes.insert(contentsOf: other.shuffled(using: &generator).prefix(40), at: place)
        }
        if read(bytes, "\(name) \(round)") == nil {
          counts.errors += 1
        } else {
          counts.pictures += 1
        }
      }
    }
    #expect(counts.errors > 100 && counts.pictures > 0, "\(counts)")
    #expect(took < .seconds(20))
  }

  @Test func everyTruncationIsAnError() throws {
    for (name, bytes) in [Self.files[0], Self.files[1], Self.files[3]] {
      for length in 0..<bytes.count {
        let picture = read(Array(bytes[..<length]), "\(name) cut to \(length)")
        // Without its last two bytes a JPEG has all of its pixels.
        if length < bytes.count - 2 { #expect(picture == nil, "\(name) cut to \(length)") }
      }
      #expect(read(bytes, name) != nil)
    }
  }

  @Test func noiseIsAnError() {
    var generator = TestGenerator(seed: 3)
    for head in [Self.files[0].bytes.prefix(8), Self.files[3].bytes.prefix(20)] {
      for _ in 0..<40 {
        let noise = (0..<400).map { _ in UInt8.random(in: 0...255, using: &generator) }
        #expect(read(head + noise, "noise") == nil)
      }
    }
  }
}

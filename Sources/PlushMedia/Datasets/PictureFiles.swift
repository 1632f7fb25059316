import PlushData
import PlushNN

/// The names in a folder that do not begin with a dot, sorted.
func visibleNames(in folder: String) throws -> [String] {
  guard case .directory = try PathStatus(folder) else {
    throw FileError(.missing, folder, expected: "a folder", found: "none")
  }
  return FileSystem.names(in: folder).filter { !$0.hasPrefix(".") }.sorted()
}

/// The paths of the pictures in a folder, sorted by name.
func pictureFiles(in folder: String) throws -> [String] {
  try visibleNames(in: folder).filter { PictureFormat(path: $0) != nil }.map { "\(folder)/\($0)" }
}

/// The entries whose files can all be read; what is wrong with the others is added to `skipped`.
func readable<Entry>(
  _ entries: [Entry], _ skipped: inout [FileError], _ paths: (Entry) -> [String]
) throws -> [Entry] {
  try entries.filter { entry in
    do {
      for path in paths(entry) { _ = try Picture(file: path) }
      return true
    } catch let error as FileError {
      skipped.append(error)
      return false
    }
  }
}

/// Which of some entries are split off; those of other folds are others.
func splitOff(
  _ part: Double, fold: Int = 0, of count: Int, seed: Int, label: Int
) throws -> ArraySlice<Int> {
  guard part > 0, part < 1 else {
    throw DataError(.argument, expected: "a part from 0 to 1 for validation", found: "\(part)")
  }
  guard fold >= 0, part * Double(fold) < 1 else {
    throw DataError(
      .argument, expected: "a fold from 0 on that begins within the data", found: "\(fold)")
  }
  let order = shuffledOrder(count: count, seed: seed, epoch: label).map { Int($0) }
  func border(_ fold: Int) -> Int {
    min(count, Int((Double(count) * part * Double(fold)).rounded()))
  }
  return order[border(fold)..<border(fold + 1)]
}

func checkPart(_ count: Int, _ part: Double, of all: Int) throws {
  if count > 0 { return }
  throw DataError(.count, expected: "enough pictures to split off \(part)", found: "\(all)")
}

extension Dataset {
  /// Elements that are loaded from entries on other threads, each with chance of its own.
  static func pictures<Entry: Sendable>(
    _ entries: [Entry], shuffle: Bool, seed: Int, ahead: Int,
    _ load: @escaping @Sendable (Entry, inout SeededGenerator) throws -> Samples
  ) -> Dataset {
    Dataset(count: entries.count, parallel: ahead) { epoch in
      let order =
        shuffle ? shuffledOrder(count: entries.count, seed: seed, epoch: epoch) : nil
      return { index in
        let place = order.map { Int($0[index]) } ?? index
        var generator = SeededGenerator(seed, epoch, place)
        return try load(entries[place], &generator)
      }
    }
  }
}

extension SeededGenerator {
  /// The chance of an entry in an epoch.
  fileprivate init(_ numbers: Int...) {
    self.init(
      seed: numbers.reduce(0) { seed, number in
        var generator = SeededGenerator(seed: seed ^ UInt64(bitPattern: Int64(number)))
        return generator.next()
      })
  }
}

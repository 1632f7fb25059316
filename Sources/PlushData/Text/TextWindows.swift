import PlushNN
import PlushTensor

/// Windows over the tokens of a text, as samples of a network that predicts what comes next.
///
/// Window `i` begins at token `i * stride`; its truth is the token that follows it, or with
/// `everyPosition` the token that follows each of its tokens.
public struct TextWindows: Sendable {
  /// The tokens of the text.
  public let tokens: [Int]
  /// How many tokens a window holds.
  public let length: Int
  /// How many tokens lie between the starts of windows.
  public let stride: Int

  /// Lays windows over the tokens of a text.
  ///
  /// - Throws: `TextError` if the text has no window and a token after it.
  public init(_ tokens: [Int], length: Int = 40, stride: Int = 3) throws {
    guard length >= 1, stride >= 1 else {
      throw TextError(
        .argument, expected: "windows of at least one token, at least one token apart",
        found: "windows of \(length), \(stride) apart")
    }
    guard tokens.count > length else {
      throw TextError(
        .tooShort, expected: "a text of more than \(length) tokens, which is a window",
        found: "\(tokens.count)", hint: "give more text, or make windows shorter")
    }
    self.tokens = tokens
    self.length = length
    self.stride = stride
  }

  /// How many windows there are.
  public var count: Int { (tokens.count - length - 1) / stride + 1 }

  /// The windows as samples.
  ///
  /// Shapes: the input is [length] (int32), the truth [] or with `everyPosition` [length] (int32).
  ///
  /// - Parameter everyPosition: whether every token of a window is followed by a truth.
  public func dataset(everyPosition: Bool = false) -> Dataset {
    let tokens = tokens.map(Int32.init)
    let (length, stride) = (length, stride)
    return Dataset(count: count) { index in
      let start = index * stride
      let input = Tensor(Array(tokens[start..<start + length]), shape: [length])
      if everyPosition {
        return Samples(input, Tensor(Array(tokens[start + 1...start + length]), shape: [length]))
      }
      return Samples(input, Tensor(tokens[start + length]))
    }
  }
}

extension TextWindows {
  /// Windows end to end, in another order and with another beginning in each epoch, with the token
  /// that follows each of theirs; `stride` has no part in it.
  ///
  /// Shapes: the input is [length], the truth [length] (int32).
  public func shuffledDataset(seed: Int) -> Dataset {
    let tokens = tokens.map(Int32.init)
    let length = length
    let count = max(1, (tokens.count - 1) / length - 1)
    let room = min(length - 1, tokens.count - 1 - count * length)
    return Dataset(count: count) { epoch in
      var generator = SeededGenerator(
        seed: UInt64(bitPattern: Int64(seed)) &* 1_000_003 &+ UInt64(epoch))
      let offset = generator.index(below: room + 1)
      var order = generator.permutation(of: count)[...]
      return {
        guard let window = order.popFirst() else { return nil }
        let start = offset + window * length
        return Samples(
          Tensor(Array(tokens[start..<start + length]), shape: [length]),
          Tensor(Array(tokens[start + 1...start + length]), shape: [length]))
      }
    }
  }
}

extension String {
  /// The first part of a text and the rest, cut by position.
  ///
  /// - Parameter fraction: the size of the first part in characters, from 0 to 1.
  public func split(at fraction: Double) -> (first: String, rest: String) {
    let count = Int((Double(count) * min(1, max(0, fraction))).rounded())
    let cut = index(startIndex, offsetBy: count)
    return (String(self[..<cut]), String(self[cut...]))
  }
}

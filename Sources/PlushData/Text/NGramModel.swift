#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Tells how likely a token is after those before it, by how often it came so: what a network has to
/// be better than.
///
/// Where the longest context was never seen, or not with this token, it backs off to shorter ones:
/// interpolated Kneser–Ney smoothing (Chen and Goodman, "An empirical study of smoothing techniques
/// for language modeling", 1999). The probabilities of all tokens sum to 1 in every context, so its
/// nats per token compare with the loss of a network.
public struct NGramModel: Sendable {
  /// The tokens of a context and the one after it.
  private struct Edge: Hashable {
    let context: Int32
    let token: Int32
  }

  /// A sequence of tokens that came in the text; the sequence of none is at 0.
  private struct Node {
    let context: Int
    let length: Int
    /// How often it came; of those shorter than the order, after how many different tokens.
    var count = 0
    /// The sum of `count` over the tokens that follow.
    var total = 0
    /// How many different tokens follow.
    var kinds = 0
  }

  /// How many tokens a sequence has: the context and the one that is told.
  public let order: Int
  /// How many different tokens there are.
  public let count: Int
  private var nodes = [Node(context: 0, length: 0)]
  private var edges: [Edge: Int32] = [:]
  private var discounts: [Double] = []

  /// Counts the sequences in a text.
  ///
  /// - Parameters:
  ///   - tokens: the tokens of the text, from 0 to below `count`.
  ///   - count: how many different tokens there are.
  ///   - order: how many tokens a sequence has.
  /// - Throws: `TextError` if there is no text, the order is below 1 or a token out of range.
  public init(training tokens: [Int], count: Int, order: Int = 5) throws {
    guard order >= 1 else {
      throw TextError(.argument, expected: "an order of at least 1", found: "\(order)")
    }
    guard !tokens.isEmpty else {
      throw TextError(.tooShort, expected: "a text to count", found: "none")
    }
    if let wrong = tokens.first(where: { !(0..<count).contains($0) }) {
      throw TextError(.argument, expected: "tokens from 0 to below \(count)", found: "\(wrong)")
    }
    self.order = order
    self.count = count
    countSequences(tokens)
    countFollowers()
  }

  private mutating func countSequences(_ tokens: [Int]) {
    // The sequences that end at the last token, the empty one first.
    var ended = [0]
    for token in tokens {
      var next = [0]
      for (length, context) in ended.prefix(order).enumerated() {
        let known = nodes.count
        let node = node(context, token, length: length + 1)
        if length + 1 == order { nodes[node].count += 1 }
        // A new sequence is one more before which its end is found.
        if node == known && length > 0 { nodes[next[length]].count += 1 }
        next.append(node)
      }
      ended = next
    }
  }

  private mutating func node(_ context: Int, _ token: Int, length: Int) -> Int {
    let edge = Edge(context: Int32(context), token: Int32(token))
    if let node = edges[edge] { return Int(node) }
    edges[edge] = Int32(nodes.count)
    nodes.append(Node(context: context, length: length))
    return nodes.count - 1
  }

  private mutating func countFollowers() {
    // How many sequences of each length have the count 1, and 2.
    var rare = Array(repeating: [0.0, 0.0], count: order + 1)
    for place in 1..<nodes.count where nodes[place].count > 0 {
      let node = nodes[place]
      nodes[node.context].total += node.count
      nodes[node.context].kinds += 1
      if node.count <= 2 { rare[node.length][node.count - 1] += 1 }
    }
    discounts = rare.map { min(0.95, max(0.05, $0[0] / max(1, $0[0] + 2 * $0[1]))) }
  }

  /// The probability of a token after others, of which the last count.
  public func probability(of token: Int, after context: some Collection<Int>) -> Double {
    var probability = 1 / Double(count)
    // From the shortest context to the longest that was seen.
    for length in 0..<min(order, context.count + 1) {
      guard let node = find(context.suffix(length)) else { break }
      let (seen, discount) = (nodes[node], discounts[length + 1])
      if seen.total == 0 { continue }
      let edge = Edge(context: Int32(node), token: Int32(token))
      let times = edges[edge].map { Double(nodes[Int($0)].count) } ?? 0
      let left = discount * Double(seen.kinds) * probability
      probability = (max(0, times - discount) + left) / Double(seen.total)
    }
    return probability
  }

  private func find(_ tokens: some Collection<Int>) -> Int? {
    var node = 0
    for token in tokens {
      guard let next = edges[Edge(context: Int32(node), token: Int32(token))] else { return nil }
      node = Int(next)
    }
    return node
  }

  /// The mean of −log p over the tokens of another text, each after those before it.
  ///
  /// - Precondition: the text has a token.
  public func natsPerToken(_ tokens: [Int]) -> Double {
    precondition(!tokens.isEmpty, "nats per token need a token")
    let sum = tokens.indices.reduce(0.0) { sum, place in
      let context = tokens[max(0, place - order + 1)..<place]
      return sum - log(probability(of: tokens[place], after: context))
    }
    return sum / Double(tokens.count)
  }
}

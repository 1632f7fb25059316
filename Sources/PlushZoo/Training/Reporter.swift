import Plush

/// Is told how training goes, and may ask for its end.
public protocol Reporter: AnyObject {
  /// Takes a message.
  func report(_ event: Event)
  /// Whether the running step is to be the last.
  var isStopRequested: Bool { get }
}

/// What happens while a network is trained or used.
public enum Event {
  /// Training begins.
  case start(network: any Network, options: TrainingOptions, data: NetworkData)
  /// Something worth knowing.
  case note(String)
  /// Something the user must know to understand the result.
  case warning(String)
  /// A file comes over the network.
  case download(name: String, received: Int, total: Int?)
  /// A step was made.
  case batch(TrainingProgress)
  /// An epoch is over.
  case epoch(number: Int, of: Int, logs: Logs, seconds: Double)
  /// Pictures with what the network says about them.
  case pictures([JudgedPicture])
  /// A file was written for people to look at.
  case file(path: String, shows: String)
}

/// A grey picture and what the network says about it.
public struct JudgedPicture: Sendable {
  /// Brightness from 0 to 1, row by row.
  public let pixels: [Float]
  /// Pixels in a row.
  public let width: Int
  /// What it shows.
  public let truth: String
  /// What the network says, the likeliest first.
  public let answers: [(name: String, probability: Float)]

  /// Creates a judged picture.
  public init(
    pixels: [Float], width: Int, truth: String, answers: [(name: String, probability: Float)]
  ) {
    self.pixels = pixels
    self.width = width
    self.truth = truth
    self.answers = answers
  }
}

/// A reporter that says nothing.
public final class SilentReporter: Reporter {
  /// Creates the reporter.
  public init() {}
  /// Nothing.
  public func report(_ event: Event) {}
  /// Never.
  public var isStopRequested: Bool { false }
}

/// What `fit` prints.
public enum Verbosity: Sendable {
  /// A progress bar on a terminal, else a line for each epoch.
  case automatic
  /// Nothing.
  case silent
  /// A bar that moves with the batches.
  case progressBar
  /// A line for each epoch.
  case linePerEpoch
}

import PlushTestSupport
import Testing

/// Recurrent networks that Keras saved, and twenty steps of training of some of them.
@Suite(.enabled(if: conformance != nil)) struct KerasRecurrentTests {
  @Test(arguments: ["lstm2", "gru", "simple_rnn", "embedding_lstm"]) func network(
    _ name: String
  ) throws {
    try KerasConvolutionTests().network(name)
  }

  @Test(arguments: [("lstm2", "sgd_momentum"), ("gru", "adam"), ("embedding_lstm", "adagrad")])
  func trace(_ name: String, _ trace: String) throws {
    try KerasConvolutionTests().trace(name, trace)
  }
}

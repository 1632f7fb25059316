import Plush

extension Translate {
  /// A bidirectional LSTM reads the source; the decoder begins with the mean of what it has
  /// understood, and looks back at every word of it before it writes the next (Luong, Pham and
  /// Manning, "Effective approaches to attention-based neural machine translation", 2015).
  public func model(for record: JSON) throws -> Model {
    let words = record["source"] == nil ? nil : try PairVocabularies(json: record)
    let (sourceWords, targetWords) = (words?.source.count ?? 5000, words?.target.count ?? 5000)

    let source = Input(shape: [nil], dtype: .int32, name: "source")
    let read = Embedding(sourceWords, embedding, maskZero: true, name: "source_words")(source)
    let encoder = try Bidirectional(LSTM(units, returnSequences: true), name: "encoder")
    let understood = encoder(Dropout(dropout)(read))
    let mean = GlobalAveragePooling1D()(understood)
    let states = ["hidden", "cell"].map {
      Dense(units, activation: .tanh, name: "first_\($0)")(mean)
    }

    let target = Input(shape: [nil], dtype: .int32, name: "target")
    let written = Embedding(targetWords, embedding, maskZero: true, name: "target_words")(target)
    let decoder = LSTM(units, returnSequences: true, name: "decoder")
    let decoded = decoder([Dropout(dropout)(written)] + states)
    let query = Dense(2 * units, name: "query")(decoded)
    let seen = Attention(name: "attention")([query, understood])
    let joined = Dense(units, activation: .tanh, name: "joined")(Concatenate()([decoded, seen]))
    let output = Dense(targetWords, activation: .softmax, name: "words")(Dropout(dropout)(joined))
    return try Model(inputs: [source, target], outputs: [output], name: "translate")
  }

  public func compile(_ model: Model, _ parameters: Hyperparameters) throws {
    try model.compile(
      optimizer: .adam(
        learningRate: parameters.learningRate, options: .init(globalClipNorm: 1)),
      loss: .sparseCategoricalCrossentropy, metrics: [.accuracy])
  }
}

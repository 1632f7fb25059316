import Plush

extension Formatter {
  /// A convolution sees the tokens around each, an LSTM reads on from there in both directions; what
  /// they have understood of a place, the line so far and the last gap decide what stands there.
  public func model(for record: JSON) throws -> Model {
    let vocabulary = record["gaps"] == nil ? nil : try LayoutVocabulary(json: record)
    let (words, gaps) = (vocabulary?.words.count ?? words, vocabulary?.gaps.count ?? 40)

    let tokens = Input(shape: [nil], dtype: .int32, name: "tokens")
    let sizes = Input(shape: [nil, LayoutVocabulary.sizeCount], name: "sizes")
    let embedded = Embedding(words, 48, name: "words")(tokens)
    let neighbours = Conv1D(
      2 * units, kernelSize: 5, padding: .same, activation: .relu, name: "neighbours")(
        Concatenate()([embedded, sizes]))
    let context = try Bidirectional(LSTM(units, returnSequences: true), name: "context")(neighbours)

    let lines = Input(shape: [nil, 2], dtype: .int32, name: "lines")
    let lastGaps = Input(shape: [nil], dtype: .int32, name: "last_gaps")
    let measures = Input(shape: [nil, LayoutVocabulary.measureCount], name: "measures")
    let known = [
      Concatenate(name: "understood")([neighbours, context]),
      Reshape([-1, 64], name: "line_words")(Embedding(words, 32, name: "lines_begin")(lines)),
      Embedding(gaps + 1, 16, name: "gap_before")(lastGaps), measures,
    ]
    let joined = Concatenate(name: "known")(known)
    let hidden = Dense(256, activation: .relu, name: "hidden")(joined)
    let rested = Dropout(0.2, name: "rest")(hidden)
    let deciding = Dense(128, activation: .relu, name: "deciding")(rested)
    let output = Dense(gaps, activation: .softmax, name: "gaps")(deciding)
    return try Model(
      inputs: [tokens, sizes, lines, lastGaps, measures], outputs: [output], name: "formatter")
  }

  public func compile(_ model: Model, _ parameters: Hyperparameters) throws {
    try model.compile(
      optimizer: .adam(learningRate: parameters.learningRate),
      loss: .sparseCategoricalCrossentropy, metrics: [.accuracy])
  }
}

/// The two parts of a formatter: what reads the tokens at once, and what decides gap after gap.
struct FormatterParts {
  let reader: Model
  let decider: Model

  /// - Throws: `ZooError` if the model is of another network.
  init(_ model: Model) throws {
    func layer(_ name: String) throws -> Layer {
      if let layer = model.layer(named: name) { return layer }
      throw ZooError("the model has no layer '\(name)': it is not of the network 'formatter'")
    }
    let tokens = Input(shape: [nil], dtype: .int32)
    let sizes = Input(shape: [nil, LayoutVocabulary.sizeCount])
    let neighbours = try layer("neighbours")(Concatenate()([layer("words")(tokens), sizes]))
    let read = try layer("understood")([neighbours, layer("context")(neighbours)])
    reader = try Model(inputs: [tokens, sizes], outputs: [read])

    let understood = Input(shape: [nil, read.shape.last.flatMap { $0 }])
    let lines = Input(shape: [nil, 2], dtype: .int32)
    let lastGaps = Input(shape: [nil], dtype: .int32)
    let measures = Input(shape: [nil, LayoutVocabulary.measureCount])
    let known = try [
      understood, layer("line_words")(layer("lines_begin")(lines)), layer("gap_before")(lastGaps),
      measures,
    ]
    let hidden = try layer("hidden")(Concatenate()(known))
    let output = try layer("gaps")(layer("deciding")(layer("rest")(hidden)))
    decider = try Model(inputs: [understood, lines, lastGaps, measures], outputs: [output])
  }
}

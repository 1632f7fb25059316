import Plush
import PlushZoo

/// Shows training to people: a bar on a terminal, a line for each epoch elsewhere.
final class HumanReporter: Reporter {
  private let style = Style(of: .output)
  private let isTerminal = Stream.output.isTerminal
  private let isQuiet: Bool
  private let clock = ContinuousClock()
  private var trainingStart: ContinuousClock.Instant?
  private var stepsAtStart = 0
  private var line = ProgressLine()
  private var nextEpochLine = 1

  init(isQuiet: Bool) { self.isQuiet = isQuiet }

  var isStopRequested: Bool { Interrupt.isRequested }

  func report(_ event: Event) {
    switch event {
    case .warning(let text):
      line.clear()
      writeError("\(Style(of: .error).yellow("warning:")) \(text)\n")
    case _ where isQuiet: break
    case .start(let network, let options, let data): start(network, options, data)
    case .note(let text): say(text)
    case .file(let path, let shows): say("\(path) shows \(shows)")
    case .download(let name, let received, let total): download(name, received, total)
    case .batch(let progress): batch(progress)
    case .epoch(let number, let of, let logs, let seconds): epoch(number, of, logs, seconds)
    case .pictures(let pictures):
      line.clear()
      let width = isTerminal ? Stream.output.width : 80
      writeOutput("\n" + DigitPictures(pictures, style, width: width).draw() + "\n")
    }
  }

  /// Prints a line, out of the way of the bar.
  func say(_ text: String) {
    if isQuiet { return }
    line.clear()
    writeOutput(text + "\n")
  }

  private func start(_ network: any Network, _ options: TrainingOptions, _ data: NetworkData) {
    let parameters = options.parameters
    say("\(style.bold(network.name)): \(network.summary)")
    say(
      style.dim(
        "\(data.training.count) samples to learn from, \(data.test.count) to be judged by: "
          + data.origin))
    say(
      style.dim(
        "\(parameters.epochs) epochs, batch size \(parameters.batchSize), learning rate "
          + "\(parameters.learningRate), seed \(options.seed)" + settings(network)))
  }

  /// `, filters 16, size 128`
  private func settings(_ network: any Network) -> String {
    let values = (network.settingValues.object ?? [:]).sorted { $0.key < $1.key }
    return values.map { name, value in
      let words = name.split(separator: "_").joined(separator: " ")
      return ", \(words) \(value.plainText)"
    }.joined()
  }

  private func download(_ name: String, _ received: Int, _ total: Int?) {
    guard isTerminal, let total, total > 0 else { return }
    if received >= total {
      line.clear()
    } else if line.isDue {
      let share = Double(received) / Double(total)
      line.draw("fetching \(name) \(ProgressLine.bar(share, width: 24)) \(share.percent)")
    }
  }

  private func batch(_ progress: TrainingProgress) {
    let now = clock.now
    if trainingStart == nil {
      trainingStart = now
      stepsAtStart = progress.epoch * progress.batches + progress.batch
    }
    guard isTerminal, line.isDue, let start = trainingStart else { return }
    let total = progress.epochs * progress.batches
    let done = progress.epoch * progress.batches + progress.batch
    let speed = (now - start).seconds / Double(max(1, done - stepsAtStart))
    let left = done > stepsAtStart ? "  \((speed * Double(total - done)).timeText) left" : ""
    let logs = (try? progress.logs).map { "  \($0)" } ?? ""
    let epoch = "epoch \(progress.epoch + 1)/\(progress.epochs)"
    if total == 0 { return line.draw("\(epoch)  \(progress.batch) batches\(logs)") }
    let share = Double(done) / Double(total)
    line.draw("\(ProgressLine.bar(share, width: 20)) \(epoch)\(left)\(logs)")
  }

  private func epoch(_ number: Int, _ count: Int, _ logs: Logs, _ seconds: Double) {
    // Many epochs are shown a few at a time.
    guard number >= nextEpochLine || number == count else { return }
    let step = max(1, count / 20)
    nextEpochLine = (number / step + 1) * step
    let name = "epoch \("\(number)".leftPadded(to: "\(count)".count))/\(count)"
    say("\(name)  \(seconds.timeText)  \(logs)")
  }

  /// Shows what came out of training.
  func end(_ result: TrainingResult) {
    line.clear()
    let curves = LearningCurves(result.history)
    if !isQuiet {
      let chart = curves.draw(style, width: isTerminal ? Stream.output.width : 80)
      if !chart.isEmpty { writeOutput("\n\(chart)\n") }
    }
    let time = result.seconds.timeText
    if result.wasInterrupted {
      writeOutput(
        "interrupted after \(time); the state is saved in \(result.out)\n"
          + "go on with: \(style.bold("plush train \(result.network) --resume --out \(result.out)"))\n"
      )
      return
    }
    if let test = result.test { writeOutput("\(style.green("✓")) \(summary(test)) in \(time)\n") }
    say("saved in \(result.out) (curves.png and curves.svg show how it learned)")
    say("next: \(style.bold("plush \(next(result))"))")
  }

  private func summary(_ test: Logs) -> String {
    test.entries.map { entry in
      let isShare = entry.name.hasSuffix("accuracy")
      return "test \(entry.name) \(isShare ? entry.value.percent : entry.value.short)"
    }.reversed().joined(separator: ", ")
  }

  private func next(_ result: TrainingResult) -> String {
    result.network == "xor" ? "summary \(result.out)" : "evaluate \(result.out)"
  }
}

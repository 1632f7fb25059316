/// The curves of a training: a chart for each figure, with its validation beside it.
package struct LearningCurves {
  /// A curve.
  package struct Curve {
    /// The name, such as `val_loss`.
    package let name: String
    /// The numbers of epochs, from 1, with their values.
    package let points: [(epoch: Int, value: Double)]
    /// The values.
    package var values: [Double] { points.map(\.value) }
  }

  /// A chart of some curves.
  package struct Chart {
    /// The figure, such as `loss`.
    package let title: String
    /// The curve of training, then that of validation.
    package let curves: [Curve]

    /// From the smallest to the largest value; from zero if all are the same.
    package var range: ClosedRange<Double> {
      let values = curves.flatMap(\.values).filter(\.isFinite)
      let (low, high) = (values.min() ?? 0, values.max() ?? 1)
      if low < high { return low...high }
      return low == 0 ? 0...1 : min(0, low)...max(0, low)
    }
  }

  /// The numbers of the first and the last epoch, from 1.
  package let epochs: ClosedRange<Int>
  /// A chart for each figure, in the order of the history.
  package let charts: [Chart]

  /// The curves of what was recorded.
  package init(_ history: History) {
    let numbers = history.epochs.map { $0 + 1 }
    epochs = (numbers.min() ?? 1)...(numbers.max() ?? 1)
    var titles: [String] = []
    for name in history.logs.flatMap(\.names) {
      let title = name.hasPrefix("val_") ? String(name.dropFirst(4)) : name
      if !titles.contains(title) { titles.append(title) }
    }
    charts = titles.map { title in
      let curves = [title, "val_\(title)"].map { name in
        Curve(
          name: name,
          points: zip(numbers, history.logs).compactMap { epoch, logs in
            logs[name].map { (epoch, $0) }
          })
      }
      return Chart(title: title, curves: curves.filter { !$0.points.isEmpty })
    }
  }
}

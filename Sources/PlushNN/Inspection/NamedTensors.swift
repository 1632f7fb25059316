import PlushTensor

/// Tensors with names, in order: what looking inside a model gives.
public struct NamedTensors: Sendable, RandomAccessCollection {
  /// A tensor with its name.
  public struct Entry: Sendable {
    /// The name, such as `dense` or `dense/kernel`.
    public let name: String
    /// The tensor.
    public let tensor: Tensor
  }

  private let entries: [Entry]

  init(_ names: [String], _ tensors: [Tensor]) {
    entries = zip(names, tensors).map { Entry(name: $0, tensor: $1) }
  }

  /// The values that weights have now.
  public init(_ weights: [NamedWeight]) {
    self.init(weights.map(\.name), weights.map(\.variable.value))
  }

  /// The tensor with this name; nil if there is none.
  public subscript(_ name: String) -> Tensor? { entries.first { $0.name == name }?.tensor }

  /// The names, in order.
  public var names: [String] { entries.map(\.name) }

  /// The figures of each tensor.
  ///
  /// - Parameter bins: how many parts the histograms have.
  public func statistics(bins: Int = 10) -> StatisticsTable {
    realize(entries.map(\.tensor))
    return StatisticsTable(
      rows: entries.map {
        StatisticsTable.Row(
          name: $0.name, shape: $0.tensor.shape,
          statistics: TensorStatistics($0.tensor, bins: bins))
      })
  }

  public var startIndex: Int { 0 }
  public var endIndex: Int { entries.count }
  /// The entry at a position, from 0.
  public subscript(position: Int) -> Entry { entries[position] }
}

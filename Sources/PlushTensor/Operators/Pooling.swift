import PlushEngine

// One number for each place of a window and each channel, of one to three spatial axes. Shapes are
// for channels last; with `channelsFirst` they come right after the batch. Padding does not count.

extension Tensor {
  /// The largest number in each place of a window: [batch, spatial…, channels] gives [batch,
  /// places…, channels].
  ///
  /// - Parameters:
  ///   - size: sizes of the window.
  ///   - strides: elements from one place to the next; the size if not given.
  ///   - padding: what stands around the input.
  ///   - dilations: elements of the input from one element of the window to the next.
  ///   - channelsFirst: whether input and result are [batch, channels, spatial…].
  public func maxPool(
    size: SpatialSizes, strides: SpatialSizes? = nil, padding: SpatialPadding = .valid,
    dilations: SpatialSizes = 1, channelsFirst: Bool = false
  ) -> Tensor {
    withChannelsLast(channelsFirst) { input in
      let pooling = input.pooling(.max, "maxPool", size, strides, padding, dilations)
      return .record(.pool(pooling), [input])
    }
  }

  /// The mean of each place of a window: [batch, spatial…, channels] gives [batch, places…,
  /// channels]; parameters as of `maxPool`. Integers give float32.
  public func averagePool(
    size: SpatialSizes, strides: SpatialSizes? = nil, padding: SpatialPadding = .valid,
    dilations: SpatialSizes = 1, channelsFirst: Bool = false
  ) -> Tensor {
    floating.withChannelsLast(channelsFirst) { input in
      let pooling = input.pooling(.average, "averagePool", size, strides, padding, dilations)
      return .record(.pool(pooling), [input])
    }
  }

  /// The largest number in each place of a window over pictures [batch, rows, columns, channels],
  /// and its position (int32) in [rows, columns, channels] or, with the batch, in all of the input.
  public func maxPoolWithArgmax(
    size: SpatialSizes, strides: SpatialSizes? = nil, padding: SpatialPadding = .valid,
    includeBatchInIndex: Bool = false
  ) -> (values: Tensor, indices: Tensor) {
    requireRank(4, "maxPoolWithArgmax", "[batch, rows, columns, channels]")
    let pooling = pooling(.max, "maxPoolWithArgmax", size, strides, padding, 1)
    let positions = Tensor.iota([count], axis: 0).reshape(shape)
    let found = positions.windows(pooling).gatherElements(firstOfLargest(pooling), axis: 0)
      .squeeze(axis: 0)
    let inSample = includeBatchInIndex ? found : found.modulo(count / Swift.max(1, shape[0]))
    return (.record(.pool(pooling), [self]), inSample)
  }

  /// The largest number of each channel: [batch, spatial…, channels] gives [batch, channels].
  public func globalMaxPool(keepDims: Bool = false, channelsFirst: Bool = false) -> Tensor {
    max(axes: spatialAxes(channelsFirst), keepDims: keepDims)
  }

  /// The mean of each channel: [batch, spatial…, channels] gives [batch, channels].
  public func globalAveragePool(keepDims: Bool = false, channelsFirst: Bool = false) -> Tensor {
    mean(axes: spatialAxes(channelsFirst), keepDims: keepDims)
  }

  /// The largest number of each of `sizes` parts, as equal as can be, of the spatial axes.
  /// [batch, spatial…, channels] gives [batch, sizes…, channels].
  public func adaptiveMaxPool(sizes: SpatialSizes, channelsFirst: Bool = false) -> Tensor {
    adaptivelyPooled(sizes, channelsFirst) { $0.max(axes: [$1 + 1]) }
  }

  /// The mean of each of `sizes` parts, as equal as can be, of the spatial axes.
  /// [batch, spatial…, channels] gives [batch, sizes…, channels].
  public func adaptiveAveragePool(sizes: SpatialSizes, channelsFirst: Bool = false) -> Tensor {
    floating.adaptivelyPooled(sizes, channelsFirst) { parts, axis in
      // What repeats the last element of a short part does not count.
      let (count, size) = (parts.shape[axis], self.shape[axis + (channelsFirst ? 1 : 0)])
      let bounds = adaptiveParts(count, of: size)
      let weights = bounds.flatMap { part in
        (0..<parts.shape[axis + 1]).map { $0 < part.count ? 1 / Double(part.count) : 0 }
      }
      var shape = [Int](repeating: 1, count: parts.rank)
      (shape[axis], shape[axis + 1]) = (count, parts.shape[axis + 1])
      return (parts * Tensor(weights, shape: shape, dtype: parts.dtype)).sum(axes: [axis + 1])
    }
  }

  /// One spatial axis after the other: the parts of an axis become an axis of parts and one of their
  /// elements, short parts repeating their last, which `reduce` makes one.
  private func adaptivelyPooled(
    _ sizes: SpatialSizes, _ channelsFirst: Bool, _ reduce: (Tensor, Int) -> Tensor
  ) -> Tensor {
    withChannelsLast(channelsFirst) { input in
      guard let counts = sizes.values(rank: input.rank - 2), counts.allSatisfy({ $0 > 0 }) else {
        stop("Adaptive pooling of \(shape) expects sizes above 0; got \(sizes).")
      }
      return counts.indices.reduce(input) { result, axis in
        let bounds = adaptiveParts(counts[axis], of: result.shape[axis + 1])
        let longest = bounds.map(\.count).max() ?? 1
        let places = bounds.flatMap { part in
          (0..<longest).map { Int32(Swift.min(part.lowerBound + $0, part.upperBound - 1)) }
        }
        let indices = Tensor(places, shape: [counts[axis], longest])
        return reduce(result.gather(indices, axis: axis + 1), axis + 1)
      }
    }
  }

  private func spatialAxes(_ channelsFirst: Bool) -> [Int] {
    guard rank > 2 else {
      stop("Global pooling expects [batch, spatial…, channels]; got \(shape).")
    }
    return channelsFirst ? Array(2..<rank) : Array(1..<rank - 1)
  }

  private func pooling(
    _ kind: Pooling.Kind, _ name: String, _ size: SpatialSizes, _ strides: SpatialSizes?,
    _ padding: SpatialPadding, _ dilations: SpatialSizes
  ) -> Pooling {
    guard (3...5).contains(rank), let window = size.values(rank: rank - 2),
      window.allSatisfy({ $0 > 0 })
    else {
      stop(
        "\(name) expects [batch, spatial…, channels] with 1 to 3 spatial axes and a window for "
          + "them; got \(shape), window \(size).")
    }
    return Pooling(
      kind, window: window,
      WindowMotion(name, spatialSizes, window: window, strides ?? size, padding, dilations))
  }
}

/// So many parts of an axis: part i goes from i · size / count, rounded down, to (i + 1) · size /
/// count, rounded up.
private func adaptiveParts(_ count: Int, of size: Int) -> [Range<Int>] {
  (0..<count).map { $0 * size / count..<(($0 + 1) * size + count - 1) / count }
}

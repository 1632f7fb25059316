import PlushEngine

extension Tensor {
  /// The transposition of a convolution: [batch, spatial…, channels] and [window…, filters, channels]
  /// give [batch, sizes…, filters], of which the convolution with this filter, these strides, padding
  /// and dilations has the input's shape.
  ///
  /// - Parameters:
  ///   - filter: the filters.
  ///   - strides: elements of the result from one element of the input to the next.
  ///   - padding: what that convolution has around the result.
  ///   - outputPadding: elements that the result has at its ends beyond the smallest of which that is
  ///     true. Without it, the strides times the input's sizes, or, if larger and not `same`, all
  ///     that the windows reach, as Keras has it.
  ///   - outputSizes: the spatial sizes of the result, in place of `outputPadding`.
  ///   - dilations: elements of the result from one element of the window to the next.
  ///   - groups: equal parts of channels and filters: [window…, filters / groups, channels].
  ///   - channelsFirst: whether input and result are [batch, channels, spatial…].
  public func convolutionTranspose(
    _ filter: Tensor, strides: SpatialSizes = 1, padding: SpatialPadding = .valid,
    outputPadding: SpatialSizes? = nil, outputSizes: [Int]? = nil, dilations: SpatialSizes = 1,
    groups: Int = 1, channelsFirst: Bool = false
  ) -> Tensor {
    withChannelsLast(channelsFirst) { input in
      guard (3...5).contains(input.rank), filter.rank == input.rank else {
        stop(
          "convolutionTranspose expects [batch, spatial…, channels] and [window…, filters, "
            + "channels] with 1 to 3 spatial axes; got \(input.shape) and \(filter.shape).")
      }
      let geometry = TransposedGeometry(
        input.spatialSizes, window: Array(filter.shape.dropLast(2)), strides, padding,
        outputPadding, outputSizes, dilations)
      let (x, w) = input.inOneFloatingType(with: filter)
      let convolution = Convolution(geometry.motion, groups: groups)
      return .record(.convolutionInputGradient(convolution, sizes: geometry.sizes), [x, w])
    }
  }

  /// The transposition of a convolution of sequences: [batch, steps, channels] and [window, filters,
  /// channels]; see `convolutionTranspose`.
  public func conv1dTranspose(
    _ filter: Tensor, stride: Int = 1, padding: SpatialPadding = .valid,
    outputPadding: SpatialSizes? = nil, outputSizes: [Int]? = nil, dilation: Int = 1,
    channelsFirst: Bool = false
  ) -> Tensor {
    requireRank(3, "conv1dTranspose", "[batch, steps, channels]")
    return convolutionTranspose(
      filter, strides: SpatialSizes(stride), padding: padding, outputPadding: outputPadding,
      outputSizes: outputSizes, dilations: SpatialSizes(dilation), channelsFirst: channelsFirst)
  }

  /// The transposition of a convolution of pictures: [batch, rows, columns, channels] and [window
  /// rows, window columns, filters, channels]; see `convolutionTranspose`.
  public func conv2dTranspose(
    _ filter: Tensor, strides: SpatialSizes = 1, padding: SpatialPadding = .valid,
    outputPadding: SpatialSizes? = nil, outputSizes: [Int]? = nil, dilations: SpatialSizes = 1,
    channelsFirst: Bool = false
  ) -> Tensor {
    requireRank(4, "conv2dTranspose", "[batch, rows, columns, channels]")
    return convolutionTranspose(
      filter, strides: strides, padding: padding, outputPadding: outputPadding,
      outputSizes: outputSizes, dilations: dilations, channelsFirst: channelsFirst)
  }

  /// The transposition of a convolution of volumes: [batch, a, b, c, channels] and [window…, filters,
  /// channels]; see `convolutionTranspose`.
  public func conv3dTranspose(
    _ filter: Tensor, strides: SpatialSizes = 1, padding: SpatialPadding = .valid,
    outputPadding: SpatialSizes? = nil, outputSizes: [Int]? = nil, dilations: SpatialSizes = 1,
    channelsFirst: Bool = false
  ) -> Tensor {
    requireRank(5, "conv3dTranspose", "[batch, a, b, c, channels]")
    return convolutionTranspose(
      filter, strides: strides, padding: padding, outputPadding: outputPadding,
      outputSizes: outputSizes, dilations: dilations, channelsFirst: channelsFirst)
  }
}

/// The sizes that a transposed convolution gives, and the motion of the convolution that it
/// transposes.
private struct TransposedGeometry {
  var sizes: [Int]
  var motion: WindowMotion

  init(
    _ input: [Int], window: [Int], _ strides: SpatialSizes, _ padding: SpatialPadding,
    _ outputPadding: SpatialSizes?, _ outputSizes: [Int]?, _ dilations: SpatialSizes
  ) {
    let rank = input.count
    guard let steps = strides.values(rank: rank), steps.allSatisfy({ $0 > 0 }),
      let spread = dilations.values(rank: rank), spread.allSatisfy({ $0 > 0 }),
      outputSizes == nil || outputSizes?.count == rank, padding != .causal
    else {
      stop(
        "convolutionTranspose over spatial axes \(input) expects strides and dilations above 0 and "
          + "sizes for each; got \(strides), \(dilations), \(outputSizes ?? []), \(padding).")
    }
    let reaches = zip(window, spread).map { ($0 - 1) * $1 + 1 }
    sizes =
      outputSizes
      ?? transposedSizes(
        input.map { $0 }, reaches: reaches, strides: steps, padding,
        outputPadding: outputPadding?.values(rank: rank)
      ).map { $0 ?? 0 }
    var low = [Int](repeating: 0, count: rank)
    switch padding {
    case .valid, .causal: break
    case .same:
      for axis in 0..<rank {
        let total = (input[axis] - 1) * steps[axis] + reaches[axis] - sizes[axis]
        low[axis] = Swift.max(0, total) / 2
      }
    case .explicit(let before, _): low = before
    }
    // What the last windows reach beyond the end.
    var high = [Int](repeating: 0, count: rank)
    for axis in 0..<rank {
      let end = (input[axis] - 1) * steps[axis] + reaches[axis] - low[axis]
      high[axis] = Swift.max(0, end - sizes[axis])
    }
    motion = WindowMotion(strides: steps, dilations: spread, low: low, high: high)
  }
}

/// Spatial sizes of the result of a transposed convolution; nil where the input's is not known.
///
/// - Parameters:
///   - sizes: those of the input.
///   - reaches: sizes of the window with its dilations.
package func transposedSizes(
  _ sizes: [Int?], reaches: [Int], strides: [Int], _ padding: SpatialPadding,
  outputPadding: [Int]?
) -> [Int?] {
  sizes.enumerated().map { axis, size in
    guard let size else { return nil }
    let (reach, stride) = (reaches[axis], strides[axis])
    let steps = (size - 1) * stride
    switch padding {
    case .valid, .causal:
      return steps + reach + (outputPadding?[axis] ?? Swift.max(0, stride - reach))
    case .same: return outputPadding.map { steps + reach % 2 + $0[axis] } ?? size * stride
    case .explicit(let low, let high):
      return steps + reach - low[axis] - high[axis] + (outputPadding?[axis] ?? 0)
    }
  }
}

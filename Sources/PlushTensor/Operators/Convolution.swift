import PlushEngine

// Convolutions as networks have them: the filter is not reversed. Shapes are for channels last;
// with `channelsFirst` the channels of inputs and results come right after the batch, while filters
// keep their layout.

extension Tensor {
  /// The convolution of [batch, spatial…, channels] with [window…, channels / groups, filters], of
  /// one to three spatial axes: [batch, places…, filters].
  ///
  /// - Parameters:
  ///   - filter: the filters.
  ///   - strides: elements from one place to the next.
  ///   - padding: what stands around the input.
  ///   - dilations: elements of the input from one element of the window to the next.
  ///   - groups: equal parts of channels and filters; a filter sees the channels of its own part.
  ///   - channelsFirst: whether input and result are [batch, channels, spatial…].
  /// - Precondition: ranks are equal, from 3 to 5, and the filter has `channels / groups` channels.
  public func convolution(
    _ filter: Tensor, strides: SpatialSizes = 1, padding: SpatialPadding = .valid,
    dilations: SpatialSizes = 1, groups: Int = 1, channelsFirst: Bool = false
  ) -> Tensor {
    withChannelsLast(channelsFirst) { input in
      guard (3...5).contains(input.rank), filter.rank == input.rank else {
        stop(
          "convolution expects [batch, spatial…, channels] and [window…, channels, filters] with "
            + "1 to 3 spatial axes; got \(input.shape) and \(filter.shape).")
      }
      let motion = WindowMotion(
        "convolution", input.spatialSizes, window: Array(filter.shape.dropLast(2)), strides,
        padding, dilations)
      let (x, w) = input.inOneFloatingType(with: filter)
      return .record(.convolution(Convolution(motion, groups: groups)), [x, w])
    }
  }

  /// The convolution of sequences [batch, steps, channels] with [window, channels / groups,
  /// filters]; see `convolution`.
  public func conv1d(
    _ filter: Tensor, stride: Int = 1, padding: SpatialPadding = .valid, dilation: Int = 1,
    groups: Int = 1, channelsFirst: Bool = false
  ) -> Tensor {
    requireRank(3, "conv1d", "[batch, steps, channels]")
    return convolution(
      filter, strides: SpatialSizes(stride), padding: padding, dilations: SpatialSizes(dilation),
      groups: groups, channelsFirst: channelsFirst)
  }

  /// The convolution of pictures [batch, rows, columns, channels] with [window rows, window columns,
  /// channels / groups, filters]; see `convolution`.
  public func conv2d(
    _ filter: Tensor, strides: SpatialSizes = 1, padding: SpatialPadding = .valid,
    dilations: SpatialSizes = 1, groups: Int = 1, channelsFirst: Bool = false
  ) -> Tensor {
    requireRank(4, "conv2d", "[batch, rows, columns, channels]")
    return convolution(
      filter, strides: strides, padding: padding, dilations: dilations, groups: groups,
      channelsFirst: channelsFirst)
  }

  /// The convolution of volumes [batch, a, b, c, channels] with [window…, channels / groups,
  /// filters]; see `convolution`.
  public func conv3d(
    _ filter: Tensor, strides: SpatialSizes = 1, padding: SpatialPadding = .valid,
    dilations: SpatialSizes = 1, groups: Int = 1, channelsFirst: Bool = false
  ) -> Tensor {
    requireRank(5, "conv3d", "[batch, a, b, c, channels]")
    return convolution(
      filter, strides: strides, padding: padding, dilations: dilations, groups: groups,
      channelsFirst: channelsFirst)
  }

  /// The convolution of each channel with filters of its own: [batch, spatial…, channels] and
  /// [window…, channels, multiplier] give [batch, places…, channels · multiplier], those of one
  /// channel side by side.
  public func depthwiseConvolution(
    _ filter: Tensor, strides: SpatialSizes = 1, padding: SpatialPadding = .valid,
    dilations: SpatialSizes = 1, channelsFirst: Bool = false
  ) -> Tensor {
    let channels = rank < 2 ? 0 : shape[channelsFirst ? 1 : rank - 1]
    guard filter.rank == rank, rank > 2, filter.shape[rank - 2] == channels else {
      stop(
        "depthwiseConvolution of \(channels) channels expects filters [window…, \(channels), "
          + "multiplier]; got \(shape) and \(filter.shape).")
    }
    let window = Array(filter.shape.dropLast(2))
    let single = filter.reshape(window + [1, channels * filter.shape[rank - 1]])
    return convolution(
      single, strides: strides, padding: padding, dilations: dilations, groups: channels,
      channelsFirst: channelsFirst)
  }

  /// The convolution of each channel of pictures [batch, rows, columns, channels] with filters
  /// [window rows, window columns, channels, multiplier]; see `depthwiseConvolution`.
  public func depthwiseConv2d(
    _ filter: Tensor, strides: SpatialSizes = 1, padding: SpatialPadding = .valid,
    dilations: SpatialSizes = 1, channelsFirst: Bool = false
  ) -> Tensor {
    requireRank(4, "depthwiseConv2d", "[batch, rows, columns, channels]")
    return depthwiseConvolution(
      filter, strides: strides, padding: padding, dilations: dilations,
      channelsFirst: channelsFirst)
  }

  /// A depthwise convolution with [window…, channels, multiplier], then one of single elements with
  /// [1…, channels · multiplier, filters] (Chollet, "Xception", 2017).
  public func separableConvolution(
    depthwise: Tensor, pointwise: Tensor, strides: SpatialSizes = 1,
    padding: SpatialPadding = .valid, dilations: SpatialSizes = 1, channelsFirst: Bool = false
  ) -> Tensor {
    withChannelsLast(channelsFirst) { input in
      input.depthwiseConvolution(
        depthwise, strides: strides, padding: padding, dilations: dilations
      ).convolution(pointwise)
    }
  }

  /// A separable convolution of pictures [batch, rows, columns, channels]; see
  /// `separableConvolution`.
  public func separableConv2d(
    depthwise: Tensor, pointwise: Tensor, strides: SpatialSizes = 1,
    padding: SpatialPadding = .valid, dilations: SpatialSizes = 1, channelsFirst: Bool = false
  ) -> Tensor {
    requireRank(4, "separableConv2d", "[batch, rows, columns, channels]")
    return separableConvolution(
      depthwise: depthwise, pointwise: pointwise, strides: strides, padding: padding,
      dilations: dilations, channelsFirst: channelsFirst)
  }

  /// The largest sum of a window and a filter for each channel: [batch, rows, columns, channels] and
  /// [window rows, window columns, channels] give [batch, places…, channels]. Padding does not count.
  public func dilation2d(
    _ filter: Tensor, strides: SpatialSizes = 1, padding: SpatialPadding = .valid,
    dilations: SpatialSizes = 1
  ) -> Tensor {
    requireRank(4, "dilation2d", "[batch, rows, columns, channels]")
    guard filter.rank == 3, filter.shape[2] == shape[3] else {
      stop("dilation2d of \(shape) expects [rows, columns, \(shape[3])]; got \(filter.shape).")
    }
    let window = Array(filter.shape.dropLast())
    let motion = WindowMotion(
      "dilation2d", spatialSizes, window: window, strides, padding, dilations)
    let (x, w) = inOneFloatingType(with: filter)
    let seen = x.windows(Pooling(.max, window: window, motion), padding: -.infinity)
    return (seen + w.reshape([window.elementCount, 1, 1, 1, shape[3]])).max(axes: [0])
  }

  func inOneFloatingType(with other: Tensor) -> (Tensor, Tensor) {
    let dtype = Tensor.commonType(self, other).floating
    return (cast(to: dtype), other.cast(to: dtype))
  }

  func requireRank(_ rank: Int, _ name: String, _ expected: String) {
    guard self.rank == rank else { stop("\(name) expects \(expected); got \(shape).") }
  }
}

import PlushTensor

/// How the windows of a layer move over inputs [batch, spatial…, channels], or [batch, channels,
/// spatial…]: what layers of convolution and pooling share.
struct WindowShape {
  /// Sizes of the window.
  var window: SpatialSizes
  /// Elements from one place of the window to the next.
  var strides: SpatialSizes
  /// What stands around the input.
  var padding: SpatialPadding
  /// Elements of the input from one element of the window to the next.
  var dilations: SpatialSizes = 1
  /// Whether the axis of channels comes right after that of samples.
  var channelsFirst: Bool

  /// Sizes of the window along each axis; the layer has checked that there are so many.
  func window(_ rank: Int) -> [Int] { window.values(rank: rank) ?? [] }

  /// How far the window reaches along each axis.
  func reaches(_ rank: Int) -> [Int] {
    zip(window(rank), dilations.values(rank: rank) ?? []).map { ($0 - 1) * $1 + 1 }
  }

  /// The output's spatial sizes, nil where the input's is not known; 0 or less where the window does
  /// not fit.
  func places(in sizes: [Int?]) -> [Int?] {
    let (reaches, steps) = (reaches(sizes.count), strides.values(rank: sizes.count) ?? [])
    return sizes.indices.map { axis in
      guard let size = sizes[axis] else { return nil }
      switch padding {
      case .same, .causal: return (size + steps[axis] - 1) / steps[axis]
      case .valid, .explicit:
        return size < reaches[axis] ? 0 : (size - reaches[axis]) / steps[axis] + 1
      }
    }
  }

  /// The part of a configuration that tells this, the window under `windowName`.
  func write(to config: inout JSON, windowName: String, rank: Int) {
    config[windowName] = window.config(rank: rank)
    config["strides"] = strides.config(rank: rank)
    config["padding"] = .string(padding.name)
    config["data_format"] = .string(channelsFirst ? "channels_first" : "channels_last")
  }
}

// MARK: - Convolutions

extension WindowShape {
  /// The window that the configuration of a convolution tells.
  ///
  /// - Throws: `ModelError` if it tells none.
  init(config: JSON) throws {
    window = try SpatialSizes(config: config["kernel_size"], default: nil)
    strides = try SpatialSizes(config: config["strides"], default: 1)
    padding = try SpatialPadding(config: config["padding"])
    dilations = try SpatialSizes(config: config["dilation_rate"], default: 1)
    channelsFirst = isChannelsFirst(config: config)
  }

  /// The part of the configuration of a convolution that tells this.
  func write(to config: inout JSON, rank: Int) {
    write(to: &config, windowName: "kernel_size", rank: rank)
    config["dilation_rate"] = dilations.config(rank: rank)
  }
}

extension SpatialSizes {
  /// The sizes in a configuration: one for each axis.
  func config(rank: Int) -> JSON { .array((values(rank: rank) ?? sizes).map(JSON.int)) }

  /// The sizes in a configuration, a number or a list, or `standard` if there are none.
  ///
  /// - Throws: `ModelError` if it is something else.
  init(config json: JSON?, default standard: SpatialSizes?) throws {
    if let json, let sizes = [Int](axisConfig: json),
      json.array.map({ $0.count == sizes.count }) ?? true
    {
      self.init(sizes)
    } else if let standard, json?.isNull ?? true {
      self = standard
    } else {
      throw ModelError(
        expected: "a whole number or a list of them for the axes of a window",
        found: json?.summary ?? "nothing")
    }
  }
}

extension SpatialPadding {
  /// The name in configurations.
  var name: String {
    switch self {
    case .valid: "valid"
    case .same: "same"
    case .causal: "causal"
    case .explicit: "explicit"
    }
  }

  /// The padding that a configuration names.
  ///
  /// - Throws: `ModelError` if there is none of this name.
  init(config json: JSON?) throws {
    switch json?.string?.lowercased() ?? "valid" {
    case "valid": self = .valid
    case "same": self = .same
    case "causal": self = .causal
    default: throw ModelError(expected: "padding valid, same or causal", found: json?.summary ?? "")
    }
  }
}

/// Whether a configuration puts the channels right after the samples.
func isChannelsFirst(config: JSON) -> Bool { config["data_format"]?.string == "channels_first" }

extension Layer {
  /// The spatial sizes and the channels of an input of so many spatial axes.
  ///
  /// - Throws: `ModelError` if the input has more or fewer.
  func spatialSizes(
    of shape: Shape, rank: Int, channelsFirst: Bool
  ) throws -> (sizes: [Int?], channels: Int?) {
    guard shape.count == rank + 2 else {
      throw shapeError(
        expected: "an input of \(rank + 2) axes, [batch, "
          + (channelsFirst ? "channels, \(rank) spatial]" : "\(rank) spatial, channels]"),
        found: shape.text)
    }
    return channelsFirst
      ? (Array(shape[2...]), shape[1]) : (Array(shape[1...rank]), shape[rank + 1])
  }

  /// The shape of an output with these spatial sizes and channels.
  ///
  /// - Throws: `ModelError` if a size is not above 0.
  func shape(
    _ input: Shape, sizes: [Int?], channels: Int?, channelsFirst: Bool
  ) throws -> Shape {
    guard sizes.allSatisfy({ $0 ?? 1 > 0 }) else {
      throw shapeError(
        expected: "an input that the window fits into", found: input.text,
        hint: "a smaller window, or padding: .same")
    }
    return [input[0]] + (channelsFirst ? [channels] + sizes : sizes + [channels])
  }

  /// Checks that each number of a window makes sense for so many axes.
  ///
  /// - Throws: `ModelError` if one does not.
  func check(_ window: WindowShape, rank: Int) throws {
    let all = [window.window, window.strides, window.dilations]
    guard all.allSatisfy({ $0.values(rank: rank)?.allSatisfy { $0 > 0 } ?? false }) else {
      throw shapeError(
        expected: "sizes of the window, strides and dilations above 0, one or \(rank) of each",
        found: all.map { "\($0.sizes)" }.joined(separator: ", "))
    }
    if case .explicit = window.padding {
      throw shapeError(
        expected: "padding valid, same or causal", found: "explicit padding",
        hint: "put a layer of zero padding before it")
    }
    if window.padding == .causal, rank != 1 || window.channelsFirst {
      throw shapeError(
        expected: "padding valid or same", found: "causal",
        hint: "causal padding is for steps in time: Conv1D with channels last")
    }
  }
}

extension Convolution {
  /// The sums of products that define the output.
  func output(_ input: ReferenceArray, _ filter: ReferenceArray, _ type: TensorType)
    -> ReferenceValue
  {
    var result = [Double](repeating: 0, count: type.count)
    forEachProduct(input.shape, filter.shape, type.shape) { i, f, o in
      result[o] += input.reals[i] * filter.reals[f]
    }
    return .real(result)
  }

  /// What each element of the input contributes to a gradient of the output.
  func inputGradient(_ output: ReferenceArray, _ filter: ReferenceArray, _ type: TensorType)
    -> ReferenceValue
  {
    var result = [Double](repeating: 0, count: type.count)
    forEachProduct(type.shape, filter.shape, output.shape) { i, f, o in
      result[i] += output.reals[o] * filter.reals[f]
    }
    return .real(result)
  }

  /// What each element of the filter contributes to a gradient of the output.
  func filterGradient(_ input: ReferenceArray, _ output: ReferenceArray, _ type: TensorType)
    -> ReferenceValue
  {
    var result = [Double](repeating: 0, count: type.count)
    forEachProduct(input.shape, type.shape, output.shape) { i, f, o in
      result[f] += input.reals[i] * output.reals[o]
    }
    return .real(result)
  }

  /// Calls `body` with the positions in input, filter and output of every product.
  private func forEachProduct(
    _ input: [Int], _ filter: [Int], _ output: [Int], _ body: (Int, Int, Int) -> Void
  ) {
    let rank = input.count - 2
    let sizes = Array(input[1...rank])
    let meetings = motion.meetings(of: Array(filter[..<rank]), in: sizes)
    let places = output[1...rank].reduce(1, *)
    let (channels, filters) = (filter[rank], output[rank + 1] / groups)
    for batch in 0..<input[0] {
      for meeting in meetings {
        let inputStart = (batch * sizes.elementCount + meeting.element) * input[rank + 1]
        let outputStart = (batch * places + meeting.place) * output[rank + 1]
        for group in 0..<groups {
          for c in 0..<channels {
            for f in 0..<filters {
              body(
                inputStart + group * channels + c,
                (meeting.windowElement * channels + c) * output[rank + 1] + group * filters + f,
                outputStart + group * filters + f)
            }
          }
        }
      }
    }
  }
}

extension Pooling {
  /// The largest or the mean of each window.
  func output(_ input: ReferenceArray, _ type: TensorType) -> ReferenceValue {
    let values = input.reals
    return .real(
      windows(input.shape, type.shape).map { window in
        switch kind {
        case .max: first(of: window, values).map { values[$0] } ?? -.infinity
        case .average: window.reduce(0) { $0 + values[$1] } / Double(max(1, window.count))
        }
      })
  }

  /// What each element of the input contributes to a gradient of the output; operands as of the op.
  func inputGradient(_ operands: [ReferenceArray], _ type: TensorType) -> ReferenceValue {
    var result = [Double](repeating: 0, count: type.count)
    let windows = windows(type.shape, operands[0].shape)
    for (gradient, window) in zip(operands[0].reals, windows) {
      switch kind {
      case .max:
        if let position = first(of: window, operands[1].reals) { result[position] += gradient }
      case .average:
        for position in window { result[position] += gradient / Double(window.count) }
      }
    }
    return .real(result)
  }

  /// The first of the largest values; NaN is larger than all.
  private func first(of window: [Int], _ values: [Double]) -> Int? {
    window.first { values[$0].isNaN }
      ?? window.reduce(nil) { best, position in
        best.map { values[position] > values[$0] ? position : $0 } ?? position
      }
  }

  /// The positions in the input that each element of the output is made of, in order.
  private func windows(_ input: [Int], _ output: [Int]) -> [[Int]] {
    let rank = window.count
    let sizes = Array(input[1...rank])
    let channels = input[rank + 1]
    var windows = [[Int]](repeating: [], count: output.elementCount)
    let places = output[1...rank].reduce(1, *)
    for meeting in motion.meetings(of: window, in: sizes) {
      for batch in 0..<input[0] {
        for channel in 0..<channels {
          windows[(batch * places + meeting.place) * channels + channel].append(
            (batch * sizes.elementCount + meeting.element) * channels + channel)
        }
      }
    }
    return windows
  }
}

extension WindowMotion {
  /// An element of a window at a place on an element of the array; positions in row-major order.
  struct Meeting {
    var element: Int
    var windowElement: Int
    var place: Int
  }

  /// All of them but those on padding: place by place, each window in order.
  func meetings(of window: [Int], in sizes: [Int]) -> [Meeting] {
    guard let places = places(of: window, in: sizes) else { return [] }
    var meetings: [Meeting] = []
    for place in 0..<places.elementCount {
      let corner = places.index(at: place)
      for windowElement in 0..<window.elementCount {
        let offset = window.index(at: windowElement)
        let index = sizes.indices.map {
          corner[$0] * strides[$0] + offset[$0] * dilations[$0] - low[$0]
        }
        guard zip(index, sizes).allSatisfy({ (0..<$1).contains($0) }) else { continue }
        meetings.append(
          Meeting(
            element: sizes.position(of: index), windowElement: windowElement, place: place))
      }
    }
    return meetings
  }
}

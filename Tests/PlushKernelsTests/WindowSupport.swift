import PlushKernels

/// One dimension of space with windows that lie in it or in its padding.
func randomAxis(upTo most: Int, window: Int, stride: Int, dilation: Int) -> PlushAxis {
  while true {
    let input = Int.random(in: 1...most)
    let before = Int.random(in: 0...2)
    let after = Int.random(in: 0...2)
    let room = input + before + after - (window - 1) * dilation - 1
    guard room >= 0 else { continue }
    return PlushAxis(
      input: input, output: room / stride + 1, window: window, stride: stride, dilation: dilation,
      padding: before)
  }
}

/// The index that tap t of window o sees, if it is in the input.
func seen(_ axis: PlushAxis, _ o: Int, _ t: Int) -> Int? {
  let index = o * axis.stride + t * axis.dilation - axis.padding
  return 0..<axis.input ~= index ? index : nil
}

/// What each window sees: for each output, counted over the batch and space, each tap and the pixel
/// under it, if there is one.
func seenPixels(batch: Int, _ depth: PlushAxis, _ height: PlushAxis, _ width: PlushAxis)
  -> [[Int?]]
{
  var windows: [[Int?]] = []
  for image in 0..<batch {
    for d in 0..<depth.output {
      for h in 0..<height.output {
        for w in 0..<width.output {
          var window: [Int?] = []
          for kd in 0..<depth.window {
            for kh in 0..<height.window {
              for kw in 0..<width.window {
                guard let z = seen(depth, d, kd), let y = seen(height, h, kh),
                  let x = seen(width, w, kw)
                else {
                  window.append(nil)
                  continue
                }
                window.append(((image * depth.input + z) * height.input + y) * width.input + x)
              }
            }
          }
          windows.append(window)
        }
      }
    }
  }
  return windows
}

/// Counts how often an epilogue was called for each element.
final class WindowCoverage {
  var counts: [Int]
  let columns: Int

  init(pixels: Int, columns: Int) {
    counts = Array(repeating: 0, count: pixels * columns)
    self.columns = columns
  }

  static let epilogue: PlushEpilogue = { context, _, row, rows, column, columns in
    guard let context else { return }
    let coverage = Unmanaged<WindowCoverage>.fromOpaque(context).takeUnretainedValue()
    for i in row..<row + rows {
      for j in column..<column + columns { coverage.counts[i * coverage.columns + j] += 1 }
    }
  }
}

/// Whether the body gives the same on 1, 2, 3 and 8 threads.
func isSameOnAnyThreads<Result: Equatable>(_ body: () -> Result) -> Bool {
  let results = onThreads([1, 2, 3, 8], body)
  return results.allSatisfy { $0 == results[0] }
}

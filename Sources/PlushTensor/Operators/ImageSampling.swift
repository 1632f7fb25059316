import PlushEngine

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// How numbers between the elements of a picture are found.
public enum Interpolation: Sendable {
  /// The nearest element; of two, the later.
  case nearest
  /// Straight lines along rows and columns.
  case bilinear
}

/// What lies outside of a picture.
public enum OutsideMode: Sendable {
  /// A number.
  case constant(Double)
  /// The mirror image with the edge: `d c b a | a b c d | d c b a`.
  case reflect
  /// The picture again: `a b c d | a b c d | a b c d`.
  case wrap
  /// The edge: `a a a a | a b c d | d d d d`.
  case nearest
}

extension Tensor {
  /// Parts of pictures, [batch, rows, columns, channels], brought to one size: [boxes, size.rows,
  /// size.columns, channels].
  ///
  /// - Parameters:
  ///   - boxes: [boxes, 4]: top, left, bottom, right, of which 0 and 1 are the first and last row or
  ///     column; a box upside down gives a part upside down.
  ///   - boxIndices: which picture each box is a part of.
  ///   - size: rows and columns of the results.
  ///   - extrapolationValue: what lies outside of the pictures.
  public func cropAndResize(
    boxes: Tensor, boxIndices: Tensor, size: (rows: Int, columns: Int),
    interpolation: Interpolation = .bilinear, extrapolationValue: Double = 0
  ) -> Tensor {
    requireRank(4, "cropAndResize", "[batch, rows, columns, channels]")
    guard boxes.rank == 2, boxes.shape[1] == 4, boxIndices.shape == [boxes.shape[0]] else {
      stop(
        "cropAndResize expects boxes [count, 4] and an index for each; got \(boxes.shape), "
          + "\(boxIndices.shape).")
    }
    let (n, rows, columns) = (boxes.shape[0], size.rows, size.columns)
    let edges = boxes.floating.unstack(axis: 1)
    let y = places(from: edges[0], to: edges[2], count: rows, of: shape[1])
    let x = places(from: edges[1], to: edges[3], count: columns, of: shape[2])
    let isInside = (y .>= 0).logicalAnd(y .<= Double(shape[1] - 1)).reshape([n, rows, 1, 1])
      .logicalAnd(
        (x .>= 0).logicalAnd(x .<= Double(shape[2] - 1)).reshape([n, 1, columns, 1]))
    let found = floating.sampled(
      y.reshape([n, rows, 1]).broadcast(to: [n, rows, columns]),
      x.reshape([n, 1, columns]).broadcast(to: [n, rows, columns]),
      pictures: boxIndices.cast(to: .int32), interpolation, outside: .nearest)
    return isInside.select(found, extrapolationValue)
  }

  /// `count` places at equal distances between parts of an axis: [boxes] and [boxes] give [boxes,
  /// count]; one place lies in the middle.
  private func places(from low: Tensor, to high: Tensor, count: Int, of size: Int) -> Tensor {
    let last = Double(size - 1)
    let (low, high) = (low.expandDims(axis: 1), high.expandDims(axis: 1))
    if count == 1 { return (low + high) * (0.5 * last) }
    let steps = Tensor.iota([1, count], axis: 1, dtype: low.dtype)
    return low * last + steps * ((high - low) * (last / Double(count - 1)))
  }

  /// Pictures, [batch, rows, columns, channels], seen through projective transformations: the element
  /// at column x and row y is that at `(a x + b y + c) / d`, `(e x + f y + g) / d` with `d = h x +
  /// i y + 1`.
  ///
  /// - Parameters:
  ///   - transforms: a, b, c, e, f, g, h, i: [batch, 8], or [1, 8] for all.
  ///   - outside: what lies outside of the pictures.
  ///   - size: rows and columns of the results; those of the pictures if not given.
  public func transform(
    _ transforms: Tensor, interpolation: Interpolation = .nearest,
    outside: OutsideMode = .constant(0), size: (rows: Int, columns: Int)? = nil
  ) -> Tensor {
    requireRank(4, "transform", "[batch, rows, columns, channels]")
    let (n, rows, columns) = (shape[0], size?.rows ?? shape[1], size?.columns ?? shape[2])
    guard transforms.rank == 2, transforms.shape[1] == 8, [1, n].contains(transforms.shape[0])
    else { stop("transform expects [1 or \(n), 8]; got \(transforms.shape).") }
    let k = transforms.floating.unstack(axis: 1).map { $0.reshape([-1, 1, 1]) }
    let x = Tensor.iota([1, 1, columns], axis: 2, dtype: k[0].dtype)
    let y = Tensor.iota([1, rows, 1], axis: 1, dtype: k[0].dtype)
    let divisor = k[6] * x + k[7] * y + 1
    let isVisible = divisor .!= 0
    let inverse = isVisible.select(divisor, 1).reciprocal()
    let grid = [n, rows, columns]
    let column = ((k[0] * x + k[1] * y + k[2]) * inverse).broadcast(to: grid)
    let row = ((k[3] * x + k[4] * y + k[5]) * inverse).broadcast(to: grid)
    let found = floating.sampled(
      row, column, pictures: .iota([n], axis: 0), interpolation, outside: outside)
    guard case .constant(let fill) = outside else { return found }
    return isVisible.broadcast(to: grid).expandDims(axis: 3).select(found, fill)
  }

  /// Pictures, [batch, rows, columns, channels], turned about a point. The shape stays.
  ///
  /// - Parameters:
  ///   - radians: the angle.
  ///   - center: the point, in parts of columns and rows.
  ///   - interpolation: how numbers between the elements are found.
  ///   - outside: what lies outside of the pictures.
  public func rotate(
    radians: Double, center: (x: Double, y: Double) = (0.5, 0.5),
    interpolation: Interpolation = .nearest, outside: OutsideMode = .constant(0)
  ) -> Tensor {
    requireRank(4, "rotate", "[batch, rows, columns, channels]")
    let (c, s) = (cosine(radians), sine(radians))
    let (x, y) = (center.x * Double(shape[2]), center.y * Double(shape[1]))
    let numbers = [c, -s, x - c * x + s * y, s, c, y - s * x - c * y, 0, 0]
    return transform(
      Tensor(numbers, shape: [1, 8], dtype: .float32), interpolation: interpolation,
      outside: outside)
  }

  /// Elements of pictures at rows and columns, both [count, rows, columns], of the pictures with
  /// these indices, [count]: [count, rows, columns, channels].
  private func sampled(
    _ row: Tensor, _ column: Tensor, pictures: Tensor, _ interpolation: Interpolation,
    outside: OutsideMode
  ) -> Tensor {
    let (y, x) = (outside.mapped(row, shape[1]), outside.mapped(column, shape[2]))
    let reader = PictureReader(self, pictures, outside)
    switch interpolation {
    case .nearest: return reader.element((y + 0.5).floor(), (x + 0.5).floor())
    case .bilinear:
      let (top, left) = (y.floor(), x.floor())
      let (down, right) = ((y - top).expandDims(axis: 3), (x - left).expandDims(axis: 3))
      let upper =
        reader.element(top, left) * (1 - right) + reader.element(top, left + 1) * right
      let lower =
        reader.element(top + 1, left) * (1 - right) + reader.element(top + 1, left + 1) * right
      return upper * (1 - down) + lower * down
    }
  }
}

extension OutsideMode {
  /// The places on an axis of so many elements that show what lies at some places.
  fileprivate func mapped(_ place: Tensor, _ size: Int) -> Tensor {
    let last = Double(size - 1)
    switch self {
    case .constant: return place
    case .nearest: return place.clip(min: 0, max: last)
    case .reflect:
      let period = Double(2 * size)
      let within = (place .< 0).select(-place - 1, place).modulo(period)
      return (within .>= Double(size)).select(period - 1 - within, within)
        .clip(min: 0, max: last)
    case .wrap:
      if size == 1 { return place * 0 }
      let turns = (place .< 0).select(
        (-place / last).truncate() + 1, -(place / last).truncate())
      let isInside = (place .>= 0).logicalAnd(place .<= last)
      return isInside.select(place, place + turns * Double(size)).clip(min: 0, max: last)
    }
  }
}

/// Reads elements of pictures at whole rows and columns.
private struct PictureReader {
  private let table: Tensor
  private let pictures: Tensor
  private let rows: Int
  private let columns: Int
  private let outside: OutsideMode

  init(_ images: Tensor, _ pictures: Tensor, _ outside: OutsideMode) {
    (rows, columns) = (images.shape[1], images.shape[2])
    table = images.reshape([-1, images.shape[3]])
    self.pictures = pictures.reshape([-1, 1, 1])
    self.outside = outside
  }

  func element(_ row: Tensor, _ column: Tensor) -> Tensor {
    let y = row.clip(min: 0, max: Double(rows - 1))
    let x = column.clip(min: 0, max: Double(columns - 1))
    let place = (pictures * rows + y.cast(to: .int32)) * columns + x.cast(to: .int32)
    let found = table.gather(place)
    guard case .constant(let fill) = outside else { return found }
    return (y .== row).logicalAnd(x .== column).expandDims(axis: 3).select(found, fill)
  }
}

// Within an extension of Tensor the plain names mean its operators.
private func sine(_ x: Double) -> Double { sin(x) }
private func cosine(_ x: Double) -> Double { cos(x) }

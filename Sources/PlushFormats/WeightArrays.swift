import PlushData

extension NamedArray {
  /// All arrays in a file of weights alone: safetensors, `.npz` or HDF5, where names are paths.
  ///
  /// - Throws: `FileError` if the file is missing, damaged or holds no weights alone.
  public static func all(in path: String) throws -> [NamedArray] {
    switch try ModelFormat(contentOf: path) {
    case .safetensors: return try Safetensors(file: path).arrays
    case .npz: return try NPZ(file: path).arrays
    case .hdf5Weights:
      let root = try HDF5File(path).root
      return try root.datasetPaths().map { try root.dataset($0).read() }
    case .folder, .keras, .hdf5:
      throw FileError(
        .unsupported, path, expected: "a file of weights alone", found: "a whole model")
    }
  }

  /// Writes arrays into a file of weights alone, as its name says.
  ///
  /// - Throws: `FileError` if writing fails, or the name is that of another format.
  public static func write(_ arrays: [NamedArray], to path: String) throws {
    switch ModelFormat(named: path) {
    case .safetensors: try Safetensors(arrays).write(to: path)
    case .npz: try NPZ(arrays).write(to: path)
    case .hdf5, .hdf5Weights:
      let root = HDF5GroupToWrite()
      for array in arrays {
        root.put(
          HDF5ArrayToWrite(dtype: array.dtype, shape: array.shape) { array.bytes }, at: array.name)
      }
      try root.write(to: path)
    case .folder, .keras:
      throw FileError(
        .unsupported, path, expected: "a name that ends in .safetensors, .npz or .weights.h5",
        found: "another")
    }
  }
}

extension HDF5Group {
  /// The paths of all arrays here and below, in order.
  ///
  /// - Throws: `FileError` if groups stand in each other in a circle, or deeper than 64 levels.
  public func datasetPaths() throws -> [String] {
    var paths: [String] = []
    var open: [(path: String, depth: Int)] = names.reversed().map { ($0, 0) }
    while let (path, depth) = open.popLast() {
      if try isDataset(path) {
        paths.append(path)
      } else {
        try checkTree(depth: depth, count: paths.count + open.count, path)
        open += try group(path).names.reversed().map { ("\(path)/\($0)", depth + 1) }
      }
    }
    return paths
  }
}

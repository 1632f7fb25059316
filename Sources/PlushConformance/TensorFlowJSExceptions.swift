/// Cases that are not replayed, and why.
enum TensorFlowJSExceptions {
  /// The reason to skip a case, by its name or the operators of its steps.
  static func reason(toSkip name: String, _ operators: [String]) -> String? {
    if let difference = differences.first(where: { name.contains($0.key) }) {
      return difference.value
    }
    return operators.lazy.compactMap { families[$0] }.first
  }

  /// Where Plush follows JAX, NumPy and Keras 3 instead, by parts of names.
  private static let differences = [
    "maximum gradients: Tensor": "equal elements share the gradient",
    "minimum gradients: Tensor": "equal elements share the gradient",
    "gradient: ties": "equal elements share the gradient",
    "gradient: 1D, ties": "equal elements share the gradient",
    "div gradient: 1d<int32> with 1d<bool>": "the gradient ends where truth values become numbers",
    "ignores NaNs": "NaN is an extreme",
    "sign does not propagate NaNs": "the sign of NaN is NaN",
    "mirrorPad gradient": "the gradient of a mirror image flows back",
    "avgPool gradient x=[3,3,1] f=[3,3] s=1 p=explicit": "padding counts in no mean",
    "avgPool3d x=[1,1,1,1,1] f=[1,1,3] s=1 p=valid": "the window is larger than the array",
    "x=[2,2,3] f=[1,1] s=2 p=1 fractional outputs": "some windows see padding alone",
    "StartEndPacker tensor array truncation": "widths of padding are not below 0",
    "StartEndPacker start only": "widths of padding are not below 0",
    "Concatenate Layer: Tensor axis=0": "the first axis counts samples",
    "BatchNormalization Layers: Tensor Inference, 2D, axis=0": "the first axis counts samples",
    "BatchNormalization Layers: Tensor Inference, 3D, axis=0": "the first axis counts samples",
    "BatchNormalization Layers: Tensor no ": "the first axis counts samples",
    "multiHot outputMode rank 0": "layers take batches",
    "CenterCrop Layer Crops unbatched": "layers take batches",
    "Resizing Layer Returns the same tensor": "layers take batches",
    "Resizing Layer Returns a tensor of the correct dtype": "layers take batches",
    "CenterCrop Layer Crops batched image with odd": "the larger part is cut off the end",
    "CenterCrop Layer Crops batched image with non-square": "the larger part is cut off the end",
    "CenterCrop Layer Upsizes": "pixels are intervals, not points",
    "Resizing Layer Returns correctly downscaled": "pixels are intervals, not points",
    "UpSampling2D Layer interpolation bilinear": "pixels are intervals, not points",
    "LayersModel as constituent layer": "the model inside declares another shape",
  ]

  /// Families of operators that have no replay.
  private static let families: [String: String] = {
    let names = [
      "a record has no functions": ["multiRNNCell"],
      "tensors hold no texts": [
        "staticRegexReplace", "stringNGrams", "stringSplit", "stringToHashBucketFast",
      ],
    ]
    return names.reduce(into: [:]) { reasons, family in
      for name in family.value { reasons[name] = family.key }
    }
  }()
}

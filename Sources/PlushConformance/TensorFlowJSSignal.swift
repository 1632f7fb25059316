import PlushTensor

extension TensorFlowJSOperators {
  static let signal: [String: Operator] = [
    "fft": { [.complex(try $0.value(0).complex.fft())] },
    "frame": one {
      try $0.tensor(0).frame(
        length: try $0.requiredInt(1), step: try $0.requiredInt(2), padEnd: $0.flag(3),
        padValue: $0.double(4) ?? 0)
    },
    "hammingWindow": one { .hammingWindow(try $0.requiredInt(0)) },
    "hannWindow": one { .hannWindow(try $0.requiredInt(0)) },
    "ifft": { [.complex(try $0.value(0).complex.ifft())] },
    "irfft": { arguments in
      // One signal makes a batch of one.
      let signals = try arguments.value(0).complex.irfft()
      return [.tensor(signals.rank == 1 ? signals.expandDims(axis: 0) : signals)]
    },
    "rfft": { [.complex(try $0.tensor(0).rfft(length: $0.int(1)))] },
    "stft": {
      [
        .complex(
          try $0.tensor(0).stft(
            frameLength: try $0.requiredInt(1), frameStep: try $0.requiredInt(2),
            fftLength: $0.int(3)))
      ]
    },
  ]

  static let normalization: [String: Operator] = [
    "batchNorm": one { try batchNorm($0) }, "batchNorm2d": one { try batchNorm($0) },
    "batchNorm3d": one { try batchNorm($0) }, "batchNorm4d": one { try batchNorm($0) },
    "localResponseNormalization": one {
      try $0.tensor(0).localResponseNormalization(
        depthRadius: $0.int(1) ?? 5, bias: $0.double(2) ?? 1, alpha: $0.double(3) ?? 1,
        beta: $0.double(4) ?? 0.5)
    },
    "movingAverage": one { arguments in
      let isUnbiased = arguments.given(4)?.bool ?? true
      return try arguments.tensor(0).movingAverage(
        try arguments.tensor(1), decay: try arguments.requiredDouble(2),
        step: isUnbiased ? try arguments.requiredInt(3) : nil)
    },
  ]

  private static func batchNorm(_ arguments: TensorFlowJSArguments) throws -> Tensor {
    try arguments.tensor(0).batchNormalization(
      mean: try arguments.tensor(1), variance: try arguments.tensor(2),
      offset: try arguments.optionalTensor(3), scale: try arguments.optionalTensor(4),
      epsilon: arguments.double(5) ?? 0.001)
  }
}

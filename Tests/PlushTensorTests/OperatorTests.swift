import PlushEngine
import PlushTensor
import Testing

/// Values of composed operators on every device; NumPy and TensorFlow.js give the same.
@Suite struct OperatorTests {
  private func onEachDevice(_ body: () -> Void) {
    for device in devices { withDevice(device, body) }
  }

  private func expectEqual(
    _ actual: Tensor, _ expected: [Double], shape: [Int]? = nil,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(actual.shape == shape ?? [expected.count], sourceLocation: sourceLocation)
    #expect(actual.dataSync(as: Double.self) == expected, sourceLocation: sourceLocation)
  }

  let matrix = Tensor([[1.0, 2, 3], [4, 5, 6]])

  @Test func lossesAreWeighedAndReduced() {
    onEachDevice {
      let (losses, weights) = (Tensor([[1.0, 2, 3]]), Tensor([1.0, 0, 3]))
      expectEqual(losses.weighed(by: weights, .none), [1, 0, 9], shape: [1, 3])
      expectEqual(losses.weighed(by: weights, .sum), [10], shape: [])
      expectEqual(losses.weighed(by: weights, .mean), [2.5], shape: [])
      expectEqual(losses.weighed(by: weights), [5], shape: [])
      expectEqual(losses.weighed(by: Tensor(4.0), .mean), [2], shape: [])
      expectEqual(losses.weighed(), [2], shape: [])
      expectEqual(
        Tensor([0.0, 3, -1]).huberLoss(Tensor([0.5, 0, 0]), reduction: .none), [0.125, 2.5, 0.5])
    }
  }

  @Test func gathersInBatches() {
    onEachDevice {
      expectEqual(
        matrix.gather(Tensor([[2, 0], [1, 1]]), axis: 1, batchAxes: 1), [3, 1, 5, 5],
        shape: [2, 2])
      let cube = Tensor.range(0, 12).reshape([2, 3, 2])
      expectEqual(
        cube.gather(Tensor([[2], [0]]), axis: 1, batchAxes: 1), [4, 5, 6, 7], shape: [2, 1, 2])
      expectEqual(
        cube.gather(Tensor([[1], [0]]), axis: 2, batchAxes: 1), [1, 3, 5, 6, 8, 10],
        shape: [2, 3, 1])
    }
  }

  @Test func gathersAndScattersAtPositions() {
    onEachDevice {
      expectEqual(matrix.gatherND(Tensor([[1, 2], [0, 0]])), [6, 1])
      expectEqual(matrix.gatherND(Tensor([[1]])), [4, 5, 6], shape: [1, 3])
      expectEqual(matrix.gatherND(Tensor([[2], [0]]), batchAxes: 1), [3, 4])
      expectEqual(
        Tensor([1.0, 2, 4]).scatterND(Tensor([[1], [3], [1]]), shape: [4]), [0, 5, 0, 2])
      expectEqual(
        matrix.scatterUpdate(Tensor([[0, 1], [1, 0], [0, 1]]), Tensor([7.0, 8, 9])),
        [1, 9, 3, 8, 5, 6], shape: [2, 3])
      expectEqual(
        matrix.scatterUpdate(Tensor([[1]]), Tensor([[Double.nan, 1, 2]]))[1][1...], [1, 2])
      expectEqual(
        matrix.scatterUpdateElements(
          Tensor([[2, 0, 2]]), Tensor([[10.0, 20, 30]]), axis: 1), [20, 2, 30, 4, 5, 6],
        shape: [2, 3])
    }
  }

  @Test func positionsOutsideAreErrors() {
    for device in devices {
      withDevice(device) {
        // In a row-major row the place after the end would be the next row's first.
        let pick = Compiled { [$0[0].gatherND($0[1])] }
        #expect(throws: ExecutionError.self) { try pick([matrix, Tensor([[0, 3]])]) }
      }
    }
  }

  @Test func sumsGroups() {
    onEachDevice {
      expectEqual(
        matrix.segmentSum(Tensor([1, 1]), count: 3), [0, 0, 0, 5, 7, 9, 0, 0, 0], shape: [3, 3])
      expectEqual(matrix.segmentSum(Tensor([-1, 0]), count: 1), [4, 5, 6], shape: [1, 3])
      expectEqual(
        Tensor([1.0, 2, 6]).segmentMean(Tensor([2, 0, 2]), count: 3), [2, 0, 3.5])
      expectEqual(Tensor([1, 3, 1, 7]).bincount(size: 4), [0, 2, 0, 1])
      expectEqual(
        Tensor([[1, 1], [0, 5]]).bincount(size: 2, weights: Tensor([[0.5, 2], [3, 4]])),
        [0, 2.5, 3, 0], shape: [2, 2])
      expectEqual(
        Tensor([0.0, 0.5, 1, 2, 2.5, -1, .nan]).histogram(bins: 2, low: 0, high: 2), [2, 2])
      expectEqual(
        confusionMatrix(
          labels: Tensor([0, 1, 1, 2]), predictions: Tensor([0, 1, 0, 9]), classCount: 2),
        [1, 0, 1, 1], shape: [2, 2])
    }
  }

  @Test func searchesSequences() {
    onEachDevice {
      let sequence = Tensor([1.0, 2, 2, 5])
      expectEqual(sequence.searchSorted(Tensor([2.0, 0, 5, 9])), [1, 0, 3, 4])
      expectEqual(
        sequence.searchSorted(Tensor([[2.0], [5]]), side: .right), [3, 4], shape: [2, 1])
      expectEqual(
        Tensor([[1, 2, 3], [0, 0, 9]]).searchSorted(Tensor([[3], [0]]), side: .right), [3, 2],
        shape: [2, 1])
      expectEqual(Tensor.zeros([0]).searchSorted(Tensor([1.0])), [0])
    }
  }

  @Test func ranksPredictions() {
    onEachDevice {
      let scores = Tensor([[1.0, 3, 2], [5, 5, 9], [.infinity, 0, 1]])
      expectEqual(scores.inTopK(Tensor([2, 1, 0]), k: 2), [1, 1, 0])
      expectEqual(scores.inTopK(Tensor([2, 1, 1]), k: 1), [0, 0, 0])
    }
  }

  @Test func picksExtremes() {
    onEachDevice {
      let x = Tensor([[3, 1], [2, 8], [3, 0]])
      let (values, indices) = x.topK(2, axis: 0, largest: false)
      expectEqual(values, [2, 0, 3, 1], shape: [2, 2])
      expectEqual(indices, [1, 2, 0, 0], shape: [2, 2])
    }
  }

  @Test func findsQuantiles() {
    onEachDevice {
      let x = Tensor([[3.0, 1, 2, 10], [4, 8, 6, 5]])
      expectEqual(x.quantile(0.25, axis: 1), [1.75, 4.75])
      expectEqual(x.quantile(0.5, axis: 1, method: .lower), [2, 5])
      expectEqual(x.quantile(0.5, axis: 1, method: .higher), [3, 6])
      expectEqual(x.quantile(0.4, axis: 1, method: .midpoint), [2.5, 5.5])
      expectEqual(x.quantile(0.5, axis: 1, method: .nearest), [3, 6])
      expectEqual(x.percentile(100, keepDims: true), [10], shape: [1, 1])
      #expect(Tensor([1.0, .nan]).median().item().isNaN)
    }
  }

  @Test func measuresLengths() {
    onEachDevice {
      let x = Tensor([[1.0, -2], [-3, 4]])
      expectEqual(x.norm(order: .one), [10], shape: [])
      expectEqual(x.norm(order: .infinity, axis: 0), [3, 4])
      expectEqual(x.norm(order: .minusInfinity, axis: 1), [1, 3])
      expectClose(x.norm(order: .p(3)), Tensor(100.0).pow(1.0 / 3))
      expectEqual(x.matrixNorm(order: .one), [6], shape: [])
      expectEqual(x.matrixNorm(order: .infinity, keepDims: true), [7], shape: [1, 1])
      expectClose(x.matrixNorm(), Tensor(30.0).sqrt())
      expectClose(x.matrixNorm(order: .spectral), Tensor(5.4649857))
      expectClose(x.matrixNorm(order: .nuclear), Tensor(5.8309519))
    }
  }

  @Test func selectsByValue() {
    onEachDevice {
      let mask = Tensor([[true, false, true], [false, false, true]])
      expectEqual(mask.argWhere(), [0, 0, 0, 2, 1, 2], shape: [3, 2])
      expectEqual(matrix.booleanMask(mask), [1, 3, 6])
      expectEqual(
        matrix.booleanMask(Tensor([false, true, true]), axis: 1), [2, 3, 5, 6], shape: [2, 2])
      let (values, indices) = Tensor([1, 2, 3, 4]).setDifference(Tensor([2, 4, 9]))
      expectEqual(values, [1, 3])
      expectEqual(indices, [0, 2])
    }
  }

  @Test func findsDifferentElements() {
    onEachDevice {
      let first = Tensor([4.0, 0, 4, -0.0, 2]).unique()
      expectEqual(first.values, [4, 0, 2])
      expectEqual(first.indices, [0, 1, 4])
      expectEqual(first.inverse, [0, 1, 0, 1, 2])
      expectEqual(first.counts, [2, 2, 1])
      let sorted = Tensor([4.0, 0, 4, -0.0, 2]).unique(sorted: true)
      expectEqual(sorted.values, [0, 2, 4])
      expectEqual(sorted.indices, [1, 4, 0])
      expectEqual(sorted.inverse, [2, 0, 2, 0, 1])
      expectEqual(sorted.counts, [2, 1, 2])
      let columns = Tensor([[2, 1, 2, 1], [0, 5, 0, 4]]).unique(axis: 1, sorted: true)
      expectEqual(columns.values, [1, 1, 2, 4, 5, 0], shape: [2, 3])
      expectEqual(columns.inverse, [2, 1, 2, 0])
    }
  }

  @Test func movesBlocks() {
    onEachDevice {
      let x = Tensor.range(1, 9).reshape([1, 2, 4, 1])
      let blocks = x.spaceToBatch(blockShape: [2, 2], paddings: [(0, 0), (2, 0)])
      #expect(blocks.shape == [4, 1, 3, 1])
      expectEqual(blocks[0].flatten(), [0, 1, 3])
      expectEqual(blocks[3].flatten(), [0, 6, 8])
      expectEqual(
        blocks.batchToSpace(blockShape: [2, 2], crops: [(0, 0), (2, 1)]),
        [1, 2, 3, 5, 6, 7], shape: [1, 2, 3, 1])
    }
  }

  @Test func spansGrids() {
    onEachDevice {
      let grid = meshgrid([Tensor([1, 2, 3]), Tensor([4, 5])])
      expectEqual(grid[0], [1, 2, 3, 1, 2, 3], shape: [2, 3])
      expectEqual(grid[1], [4, 4, 4, 5, 5, 5], shape: [2, 3])
      let other = meshgrid([Tensor([1, 2, 3]), Tensor([4, 5])], indexing: .ij)
      expectEqual(other[1], [4, 5, 4, 5, 4, 5], shape: [3, 2])
    }
  }

  @Test func productsOfUnnamedAxesBroadcast() {
    onEachDevice {
      let a = Tensor.range(0, 12, dtype: .float32).reshape([2, 1, 2, 3])
      let b = Tensor.range(0, 12, dtype: .float32).reshape([2, 3, 2])
      let product = einsum("...ij,...jk->...ik", a, b)
      #expect(product.shape == [2, 2, 2, 2])
      expectClose(product, matmul(a, b))
      expectClose(einsum("...ij->...ji", b), b.swapAxes(1, 2))
      expectClose(einsum("i...", b), b.moveAxis(0, to: -1))
      expectClose(einsum("...,...->...", a, a), a * a)
    }
  }

  @Test func boundsOfBands() {
    onEachDevice {
      let ones = Tensor.ones([3, 3])
      expectEqual(
        ones.bandPart(lower: 0, upper: 1), [1, 1, 0, 0, 1, 1, 0, 0, 1], shape: [3, 3])
      expectEqual(
        ones.bandPart(lower: 1, upper: -1), [1, 1, 1, 1, 1, 1, 0, 1, 1], shape: [3, 3])
    }
  }

  @Test func dividesByZero() {
    onEachDevice {
      expectEqual(Tensor([1.0, 2]).divideNoNaN(Tensor([0.0, 4])), [0, 0.5])
      let g = gradient(at: Tensor([0.0, 4])) { Tensor([1.0, 2]).divideNoNaN($0).sum() }
      expectEqual(g, [0, -0.125])
    }
  }

  @Test func sparseTensors() {
    onEachDevice {
      let places: Tensor = [[2, 1], [0, 3], [2, 0]]
      let x = SparseTensor(indices: places, values: Tensor([5.0, 6, 7]), shape: [4, 6])
      let whole = x.dense(fill: -1)
      #expect(whole.sum().item() == 18 - 21)
      expectEqual(whole[2][0..<2], [7, 5])
      let reshaped = x.reshape([3, -1])
      #expect(reshaped.shape == [3, 8])
      #expect((reshaped.dense() - x.dense().reshape([3, 8])).abs().max().item() == 0)
      let (filled, isEmpty, moved) = x.fillEmptyRows(9)
      expectEqual(filled.indices, [0, 3, 1, 0, 2, 1, 2, 0, 3, 0], shape: [5, 2])
      expectEqual(filled.values, [6, 9, 5, 7, 9])
      expectEqual(isEmpty, [0, 1, 0, 1])
      expectEqual(moved, [2, 0, 3])
    }
  }

  @Test func rowsOfDifferentLengths() {
    onEachDevice {
      // [[[1], [2, 3]], [], [[4, 5, 6]]]
      let x = RaggedTensor(
        values: Tensor([1.0, 2, 3, 4, 5, 6]), rowSplits: [[0, 2, 2, 3], [0, 1, 3, 6]])
      expectEqual(
        x.dense(fill: -1),
        [1, -1, -1, 2, 3, -1, -1, -1, -1, -1, -1, -1, 4, 5, 6, -1, -1, -1], shape: [3, 2, 3])
      expectEqual(x.dense(sizes: [4, 1, 2]), [1, 0, 0, 0, 4, 5, 0, 0], shape: [4, 1, 2])
      let chosen = x.gather([2, 0])
      #expect(chosen.rowSplits == [[0, 1, 3], [0, 3, 4, 6]])
      expectEqual(chosen.values, [4, 5, 6, 1, 2, 3])
      let byRow = RaggedTensor(
        values: x.values, rowIDs: [[0, 0, 2], [0, 1, 1, 2, 2, 2]], rowCount: 3)
      #expect(byRow.rowSplits == x.rowSplits)
      let counting = RaggedTensor.range(
        starts: Tensor([0, 5, 8]), limits: Tensor([5, 7, 8]), deltas: Tensor(2))
      #expect(counting.rowSplits == [[0, 3, 4, 4]])
      expectEqual(counting.values, [0, 2, 4, 5])
    }
  }

  @Test func drawsFollowTheirDistributions() {
    withRandomKey(seed: 5) {
      let logits = Tensor([[0.1, 0.2, 0.7], [0.5, 0.5, 0]]).log()
      let draws = Tensor.randomCategorical(logits, count: 20_000)
      #expect(draws.shape == [2, 20_000])
      let shares = draws.bincount(size: 3).dataSync().map { $0 / 20_000 }
      for (share, p) in zip(shares, [0.1, 0.2, 0.7, 0.5, 0.5, 0] as [Float]) {
        #expect(abs(share - p) < 0.012, "\(shares)")
      }
      for (alpha, beta) in [(0.5, 1.0), (3, 2)] {
        let (mean, variance) = Tensor.randomGamma([40_000], alpha: alpha, beta: beta).moments()
        #expect(abs(Double(mean.item()) - alpha / beta) < 0.03)
        #expect(abs(Double(variance.item()) - alpha / (beta * beta)) < 0.06)
      }
      let dropped = Tensor.ones([10_000]).dropout(rate: 0.25)
      for dtype in [DType.float16, .bfloat16, .float64] {
        #expect(Tensor.ones([4], dtype: dtype).dropout(rate: 0.25).dtype == dtype)
      }
      #expect(Set(dropped.dataSync()) == [0, Float(1 / 0.75)])
      #expect(abs(dropped.mean().item() - 1) < 0.03)
    }
  }
}

import PlushTensor
import Testing

/// Layouts that TensorFlow.js prints.
@Suite struct PrintingTests {
  @Test func scalarsPrintAllDigits() {
    #expect("\(Tensor(2))" == "Tensor\n    2")
    #expect("\(Tensor([0.1])[0])" == "Tensor\n    0.10000000149011612")
    #expect("\(Tensor(true))" == "Tensor\n    true")
  }

  @Test func vectorsAndMatrices() {
    #expect("\(Tensor([1, 2, 3, 4]))" == "Tensor\n    [1, 2, 3, 4]")
    #expect("\(Tensor([[1, 2], [3, 4]]))" == "Tensor\n    [[1, 2],\n     [3, 4]]")
    #expect("\(Tensor([[1, 2, 3]]))" == "Tensor\n     [[1, 2, 3],]")
    #expect("\(Tensor([[1], [2]]))" == "Tensor\n    [[1],\n     [2]]")
    #expect("\(Tensor.zeros([0]))" == "Tensor\n    []")
    #expect("\(Tensor([true, false]))" == "Tensor\n    [true, false]")
  }

  @Test func columnsHaveOneWidth() {
    let text = "\(Tensor([[0.5, 100], [1.25, -3]]))"
    #expect(text == "Tensor\n    [[0.5 , 100],\n     [1.25, -3 ]]")
  }

  @Test func numbersHaveSevenDecimals() {
    let tensor = Tensor([1.0 / 3, 1e-8, 1e-7, 123456.789, 0x1p80, 5e-7, -0.0, 0.00390625])
    #expect(
      "\(tensor)"
        == "Tensor\n    [0.3333333, 0, 1e-7, 123456.7890625, 1.2089258196146292e+24, 5e-7, 0, 0.0039063]"
    )
    #expect(
      "\(Tensor([Float.nan, .infinity, -.infinity]))" == "Tensor\n    [NaN, Infinity, -Infinity]")
  }

  @Test func blocksOfHigherRanksAreApart() {
    let text = "\(Tensor([[[1, 2], [3, 4]], [[5, 6], [7, 8]]]))"
    #expect(
      text == "Tensor\n    [[[1, 2],\n      [3, 4]],\n\n     [[5, 6],\n      [7, 8]]]")
  }

  @Test func longAxesAreSummarised() {
    #expect("\(Tensor.range(0, 21))" == "Tensor\n    [0, 1, 2, ..., 18, 19, 20]")
    #expect("\(Tensor.range(0, 20))".contains("...") == false)
    let rows = "\(Tensor.range(0, 21).reshape([21, 1]))"
    #expect(
      rows
        == "Tensor\n    [[0 ],\n     [1 ],\n     [2 ],\n     ...,\n     [18],\n     [19],\n     [20]]"
    )
  }

  @Test func verboseTellsTypeAndShape() {
    #expect(
      Tensor([[1.5, 2], [3, 4]]).text(verbose: true)
        == "Tensor\n  dtype: float32\n  rank: 2\n  shape: [2,2]\n  values:\n"
        + "    [[1.5, 2],\n     [3  , 4]]")
  }
}

import Foundation
import PlushNN
import PlushTensor
import Testing

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// The elements of a picture, as a reader of XML finds them.
private final class Picture: NSObject, XMLParserDelegate {
  typealias Element = (name: String, attributes: [String: String], text: String)

  private(set) var elements: [Element] = []
  private(set) var isSound = false

  init(_ text: String) {
    super.init()
    let parser = XMLParser(data: Data(text.utf8))
    parser.delegate = self
    isSound = parser.parse()
  }

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
    qualifiedName: String?, attributes: [String: String]
  ) {
    elements.append((name, attributes, ""))
  }

  func parser(_ parser: XMLParser, foundCharacters text: String) {
    if !elements.isEmpty { elements[elements.count - 1].text += text }
  }

  func all(_ name: String) -> [Element] { elements.filter { $0.name == name } }

  /// The texts; the parser adds the line break that follows an element.
  var texts: [String] { all("text").map { $0.text.trimmingCharacters(in: .newlines) } }

  /// Left, top, width and height of the rectangles, the background left out.
  var boxes: [(x: Double, y: Double, width: Double, height: Double)] {
    all("rect").dropFirst().map { element in
      func number(_ name: String) -> Double { Double(element.attributes[name] ?? "") ?? .nan }
      return (number("x"), number("y"), number("width"), number("height"))
    }
  }

  var size: (width: Double, height: Double) {
    let root = elements[0].attributes
    return (Double(root["width"] ?? "") ?? 0, Double(root["height"] ?? "") ?? 0)
  }
}

@Suite struct DrawingTests {
  @Test func everyLayerHasABoxOfItsOwn() throws {
    let input = Input(shape: [8])
    let inner = Sequential(name: "inner") {
      Dense(8, inputShape: [8])
      Dense(4)
    }
    var branches = (0..<4).map { Dense(4 + $0, name: "branch\($0)")(input) }
    branches.append(inner(input))
    let joined = Concatenate()(branches)
    let skipped = Concatenate(name: "late")([Dense(3)(Dense(5)(joined)), branches[0], input])
    let model = try Model(inputs: input, outputs: skipped, name: "<a & b>")
    let picture = Picture(try model.drawing().svg())
    #expect(picture.isSound)
    #expect(picture.texts.first?.hasPrefix("<a & b>") == true)
    #expect(picture.texts.contains("Sequential"))
    #expect(picture.texts.contains("inner · 2 layers"))
    #expect(picture.texts.contains("output 4 · 108 parameters"))
    let boxes = picture.boxes
    #expect(boxes.count == 10)
    for (place, box) in boxes.enumerated() {
      #expect(box.x >= 0 && box.x + box.width <= picture.size.width)
      #expect(box.y >= 0 && box.y + box.height <= picture.size.height)
      for other in boxes[(place + 1)...] {
        let isBeside = box.x + box.width < other.x || other.x + other.width < box.x
        #expect(isBeside || box.y + box.height < other.y || other.y + other.height < box.y)
      }
    }
    #expect(picture.all("polygon").count == 15)
  }

  /// Arrows go straight down through rows of boxes, so their upright parts tell where they are.
  @Test func arrowsPassBesideBoxes() throws {
    var outputs = [Input(shape: [4])]
    for layer in 0..<12 {
      let inputs = stride(from: outputs.count - 1, through: 0, by: -3).map { outputs[$0] }
      let input = inputs.count > 1 ? Add(name: "add\(layer)")(inputs) : inputs[0]
      outputs.append(Dense(4)(input))
    }
    let picture = Picture(try Model(inputs: outputs[0], outputs: outputs[12]).drawing().svg())
    var uprights = 0
    for path in picture.all("path").compactMap({ $0.attributes["d"] }) {
      for part in path.split(separator: "V").dropLast() {
        let numbers = part.split { " CM".contains($0) }.compactMap { Double($0) }
        let (x, y) = (numbers[numbers.count - 2], numbers[numbers.count - 1])
        uprights += 1
        for box in picture.boxes where box.y <= y + 1 && y < box.y + box.height {
          #expect(x < box.x || x > box.x + box.width)
        }
      }
    }
    #expect(uprights > 0)
  }

  @Test func aModelThatIsNotBuiltIsRefused() {
    #expect(throws: ModelError.self) { try Sequential { Dense(1) }.drawing() }
  }

  private func history(_ logs: [[(String, Double)]]) throws -> History {
    let json: JSON = [
      "epochs": .array(logs.indices.map(JSON.int)), "end": "completed", "reason": .null,
      "logs": .array(logs.map { .array($0.map { [.string($0.0), .double($0.1)] }) }),
    ]
    return try #require(History(json: json))
  }

  @Test func curvesHaveRoundTicksAndALegend() throws {
    let logs = (0..<20).map { epoch -> [(String, Double)] in
      let number = Double(epoch + 1)
      return [("loss", 1.93 / number), ("val_loss", 2.2 / number), ("mae", 3e-6)]
    }
    let picture = Picture(try history(logs).drawing(title: "<curves>").svg())
    #expect(picture.isSound)
    let texts = picture.texts
    #expect(texts.contains("<curves>"))
    for label in ["loss", "mae", "0.5", "1.0", "1.5", "2.0", "2.5", "20", "epoch"] {
      #expect(texts.contains(label), "\(label)")
    }
    #expect(texts.contains("1e-6"))
    #expect(texts.filter { $0 == "training" }.count == 2)
    #expect(texts.filter { $0 == "validation" }.count == 1)
  }

  @Test func curvesWithGapsAndOfOneEpochAreDrawn() throws {
    let gaps = try history([1, .nan, 3, 4, .infinity, 2].map { [("loss", $0)] })
    let picture = Picture(gaps.drawing().svg())
    #expect(picture.isSound)
    #expect(picture.all("circle").count == 4)
    #expect(!gaps.drawing().svg().contains("nan") && !gaps.drawing().svg().contains("inf"))
    let one = Picture(try history([[("loss", 0)]]).drawing().svg())
    #expect(one.all("circle").count == 1)
    #expect(Picture(try history([]).drawing().svg()).texts.contains("no epochs"))
  }

  @Test func everyCellOfAConfusionMatrixIsDrawn() throws {
    let matrix = try ConfusionMatrix(
      truths: [0, 1, 2], predictions: [0, 1, 1], names: ["a long name", "<b>", "c"])
    let picture = Picture(matrix.drawing().svg())
    #expect(picture.isSound)
    #expect(picture.boxes.count == 9)
    #expect(picture.texts.filter { $0 == "<b>" }.count == 2)
    #expect(picture.texts.contains("accuracy 66.67 % of 3 samples"))
  }
}

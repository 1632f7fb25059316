// swift-tools-version: 6.2
import PackageDescription

// Each target is a floor of the house: it knows only the floors below it.
let package = Package(
  name: "Plush",
  platforms: [.macOS(.v14)],
  products: [
    .library(name: "Plush", targets: ["Plush"]),
    .library(name: "PlushMedia", targets: ["PlushMedia"]),
    .library(name: "PlushONNX", targets: ["PlushONNX"]),
    .library(name: "PlushZoo", targets: ["PlushZoo"]),
    .executable(name: "plush", targets: ["PlushTool"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
    .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
  ],
  targets: [
    // Floor 7: the tool.
    .executableTarget(
      name: "PlushTool",
      dependencies: [
        "PlushZoo", "PlushMedia", "PlushONNX", "PlushKernels", "PlushConformance",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
    // Replays test cases that others recorded.
    .target(name: "PlushConformance", dependencies: ["PlushNN", "PlushONNX"]),
    // Floor 6: networks, each a folder of three files.
    .target(name: "PlushZoo", dependencies: ["Plush", "PlushMedia"]),
    // Floor 5: the umbrella.
    .target(
      name: "Plush",
      dependencies: ["PlushEngine", "PlushTensor", "PlushNN", "PlushData", "PlushFormats"]),
    // Models in the ONNX format, on swift-protobuf; the umbrella does without.
    .target(
      name: "PlushONNX",
      dependencies: [
        "PlushNN", "PlushFormats", .product(name: "SwiftProtobuf", package: "swift-protobuf"),
      ],
      exclude: ["Schema/onnx.proto"]),
    // Pictures, on libpng and libjpeg-turbo; the umbrella does without.
    .target(name: "PlushMedia", dependencies: ["PlushNN", "PlushData", "PlushCodecs"]),
    // Floor 4: data and files.
    .target(name: "PlushData", dependencies: ["PlushNN", "CZlib"]),
    .target(name: "PlushFormats", dependencies: ["PlushNN", "PlushData"]),
    // Floor 3: layers, models, training.
    .target(name: "PlushNN", dependencies: ["PlushTensor"]),
    // Floor 2: tensors and gradients.
    .target(name: "PlushTensor", dependencies: ["PlushEngine"]),
    // Floor 1: programs, plans, devices.
    .target(name: "PlushEngine", dependencies: ["PlushKernels"]),
    // Floor 0: the arithmetic of the CPU.
    .target(
      name: "PlushKernels", linkerSettings: [.linkedLibrary("m", .when(platforms: [.linux]))]),
    .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
    .target(
      name: "PlushCodecs", dependencies: ["CPNG", "CJPEG"],
      linkerSettings: [.linkedLibrary("png"), .linkedLibrary("jpeg")]),
    .systemLibrary(
      name: "CPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"]), .brew(["libpng"])]),
    .systemLibrary(
      name: "CJPEG", pkgConfig: "libjpeg",
      providers: [.apt(["libjpeg-dev"]), .brew(["jpeg-turbo"])]),

    .target(name: "AllocationCounter", path: "Tests/AllocationCounter"),
    .testTarget(
      name: "PlushEngineTests", dependencies: ["PlushEngine", "PlushKernels", "AllocationCounter"]),
    .testTarget(name: "PlushKernelsTests", dependencies: ["PlushKernels"]),
    .testTarget(
      name: "PlushNNTests", dependencies: ["PlushNN", "PlushFormats", "PlushTestSupport"],
      exclude: ["Golden"]),
    .testTarget(
      name: "PlushTensorTests",
      dependencies: [
        "PlushTensor", "PlushEngine", "PlushNN", "PlushKernels", "PlushConformance",
        "AllocationCounter",
      ],
      exclude: ["Golden"]),
    .testTarget(
      name: "PlushZooTests", dependencies: ["PlushZoo", "Plush", "PlushMedia", "PlushTestSupport"]),
    .testTarget(
      name: "PlushToolTests",
      dependencies: ["PlushTool", "PlushZoo", "Plush", "PlushMedia", "PlushTestSupport"]),
    .testTarget(name: "PlushDataTests", dependencies: ["PlushData", "PlushTestSupport"]),
    .testTarget(
      name: "PlushMediaTests", dependencies: ["PlushMedia", "PlushTestSupport"]),
    .testTarget(
      name: "PlushFormatsTests", dependencies: ["PlushFormats", "PlushTestSupport"],
      exclude: ["Golden"]),
    .testTarget(
      name: "PlushONNXTests",
      dependencies: ["PlushONNX", "PlushConformance", "Plush", "PlushTestSupport"]),
    .testTarget(
      name: "DocumentationTests",
      dependencies: ["Plush", "PlushMedia", "PlushONNX", "PlushTestSupport"],
      exclude: ["Files"]),
    .target(name: "PlushTestSupport", path: "Tests/PlushTestSupport"),
    // Gives damaged files to the readers, in processes of its own.
    .executableTarget(
      name: "PlushFuzzer", dependencies: ["Plush", "PlushMedia", "PlushONNX"],
      path: "Tests/Fuzzer"),
    .testTarget(name: "FuzzingTests", dependencies: ["PlushFuzzer"]),
  ],
  swiftLanguageModes: [.v6]
)

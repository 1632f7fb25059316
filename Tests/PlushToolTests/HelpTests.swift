import PlushTestSupport
import PlushZoo
import Testing

@Suite struct HelpTests {
  let folder: TestFolder

  init() throws { folder = try TestFolder() }

  @Test(arguments: [
    "train", "evaluate", "predict", "summary", "inspect", "new", "bench", "conformance", "doctor",
  ])
  func everyCommandExplainsItself(_ command: String) throws {
    let result = try Tool.run(command, "--help", in: folder)
    #expect(result.status == 0)
    #expect(result.output.contains("USAGE: plush \(command)"))
    #expect(result.output.contains("EXAMPLES"))
    #expect(result.errors.isEmpty)
  }

  @Test func theToolListsItsNetworks() throws {
    let result = try Tool.run("--help", in: folder)
    #expect(result.status == 0)
    for network in Zoo.names {
      #expect(result.output.contains("  \(network) "))
    }
  }

  @Test func everyNetworkTellsItsOptions() throws {
    let all = try Tool.run("train", "--help", in: folder)
    for network in Zoo.names {
      #expect(all.output.contains("  \(network) "))
      let result = try Tool.run("train", network, "--help", in: folder)
      #expect(result.status == 0)
      #expect(result.output.contains("USAGE: plush train \(network)"))
      #expect(result.output.contains("models/\(network))"))
    }
    let linear = try Tool.run("train", "linear", "--help", in: folder)
    #expect(linear.output.contains("(default: 60)"))
    let unet = try Tool.run("train", "unet", "--help", in: folder)
    #expect(unet.output.contains("--filters <value>") && unet.output.contains("(default: 16)"))
  }

  @Test func benchListsWhatPeersAreTimedOn() throws {
    let result = try Tool.run("bench", "--help", in: folder)
    for workload in ["xor", "mlp", "mlp1", "cnn", "cnninf", "unet", "unetinf", "gemm"] {
      #expect(result.output.contains("  \(workload) "))
    }
  }

  @Test func summaryShowsTheStatedLayers() throws {
    let result = try Tool.run("summary", "mlp", in: folder)
    #expect(result.status == 0)
    #expect(result.output.contains("Total params: 535818"))
    #expect(result.output.contains("[[null,784]]"))
  }

  @Test func doctorFindsTheMachineSound() throws {
    let result = try Tool.run("doctor", "--json", in: folder)
    #expect(result.status == 0)
    #expect(try result.last["check"] == "passed")
    #expect(try result.last["device"] == "cpu")
  }
}

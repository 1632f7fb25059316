import ArgumentParser
import Plush
import PlushZoo

/// The settings of a network as options: one for each that the network declares.
struct SettingOptions<N: Network>: ParsableArguments, CustomReflectable {
  /// What the user wrote, by the names of settings.
  private var texts: [String: String] = [:]

  init() {}

  init(from decoder: any Decoder) throws {
    let options = try decoder.container(keyedBy: Name.self)
    for setting in N.settings {
      texts[setting.name] =
        try options.decode(Option<String?>.self, forKey: Name(stringValue: setting.name))
        .wrappedValue
    }
  }

  /// The options, which the parser looks for among the properties.
  var customMirror: Mirror {
    let options = N.settings.map { setting -> Mirror.Child in
      let usual = setting.value(in: N()).plainText
      let help = ArgumentHelp("\(setting.help) (default: \(usual))", valueName: "value")
      return (setting.name, Option<String?>(name: .customLong(setting.name), help: help))
    }
    return Mirror(self, children: options)
  }

  /// - Throws: `ValidationError` if a value is not allowed.
  func check() throws {
    do {
      _ = try network(nil)
    } catch let error as ZooError {
      throw ValidationError(error.message)
    }
  }

  /// The network with what is asked for, else with the settings of a record, else as usual.
  func network(_ record: JSON?) throws -> N {
    var network = try N().with(record ?? [:])
    for setting in N.settings {
      if let text = texts[setting.name] { try setting.set(text, in: &network) }
    }
    return network
  }

  private struct Name: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }
}

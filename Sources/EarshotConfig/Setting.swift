import EarshotText

/// When a change counts.
package enum TakesEffect: String, Sendable {
    case atOnce
    case nextStart
}

/// One thing that can be set, declared once in `Settings`: its name, what values it has, and what is said of it.
package struct Setting<Value: Hashable & Sendable>: AnySetting {
    package let key: String
    package let kind: Kind<Value>
    package let usual: Value
    /// What `usual` means, where that is not plain from it.
    package let usually: String?
    /// What could stand in a file, where `usual` is nothing that can.
    package let sample: String?
    /// In a line.
    package let help: String
    package let effect: TakesEffect
    package let isForDoor: Bool
    /// The option of `earshotd`, if it has one.
    package let option: String?

    init(
        _ key: String, _ kind: Kind<Value>, usual: Value, usually: String? = nil, sample: String? = nil, _ help: String,
        counts effect: TakesEffect = .nextStart, isForDoor: Bool = false, option: String? = nil
    ) {
        self.key = key
        self.kind = kind
        self.usual = usual
        self.usually = usually
        self.sample = sample
        self.help = help
        self.effect = effect
        self.isForDoor = isForDoor
        self.option = option
    }

    /// - Parameter subject: what the value was written to, for what is said of one that does not fit.
    package func value(_ written: Written, for subject: String) throws(ConfigFault) -> Value {
        guard let value = self.kind.read(written) else {
            throw ConfigFault(.setting(.unfit(subject: subject, fits: self.kind.fits, written.cited)))
        }
        return value
    }
}

/// Any setting, for those who go through all of them.
package protocol AnySetting: Sendable {
    associatedtype Value: Hashable & Sendable
    var key: String { get }
    var kind: Kind<Value> { get }
    var usual: Value { get }
    var usually: String? { get }
    var sample: String? { get }
    var help: String { get }
    var effect: TakesEffect { get }
    var isForDoor: Bool { get }
    var option: String? { get }
    func value(_ written: Written, for subject: String) throws(ConfigFault) -> Value
}

extension AnySetting {
    package var fits: String { self.kind.fits }
    package var examples: [String] { self.kind.examples }

    /// The variable of the environment: `EARSHOT_FILES_RATE` for `files.rate`.
    package var variable: String {
        "EARSHOT_" + self.key.uppercased().map { $0 == "." || $0 == "-" ? "_" : String($0) }.joined()
    }

    /// A value as a person types it.
    func text(_ value: any Hashable & Sendable) -> String { (value as? Value).map(self.kind.text) ?? "" }
    func literal(_ value: any Hashable & Sendable) -> String { (value as? Value).map(self.kind.literal) ?? "" }
    func isSame(_ left: any Hashable & Sendable, _ right: any Hashable & Sendable) -> Bool {
        left as? Value == right as? Value
    }
}

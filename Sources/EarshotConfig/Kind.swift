import EarshotControl
import EarshotModel
import Glibc

/// What values a setting can have: how they are read, checked and written. One of each sort of value.
package struct Kind<Value: Hashable & Sendable>: Sendable {
    /// What fits, as the end of a sentence: `files.rate is …`.
    package let fits: String
    /// `nil` for what does not fit.
    package let read: @Sendable (Written) -> Value?
    /// As a person types it, and as the door tells it; empty where there is none.
    package let text: @Sendable (Value) -> String
    /// As it stands in a file.
    package let literal: @Sendable (Value) -> String
    /// Values worth offering.
    package var examples: [String] = []
}

extension Kind {
    /// One of a few words.
    static func choice<Choice: RawRepresentable & CaseIterable & Hashable & Sendable>(
        _ choice: Choice.Type
    ) -> Kind<Choice> where Choice.RawValue == String {
        let words = Choice.allCases.map { $0.rawValue }
        let fits = words.dropLast().joined(separator: ", ") + " or " + (words.last ?? "")
        return Kind<Choice>(
            fits: fits, read: { $0.string.flatMap { Choice(rawValue: $0) } }, text: { $0.rawValue },
            literal: { TOMLText.quoted($0.rawValue) }, examples: words)
    }
}

extension Kind<Bool> {
    static let truth = Kind(
        fits: "true or false",
        read: { written in
            if case .truth(let truth) = written { return truth }
            return written.word.flatMap(Bool.init)
        }, text: { "\($0)" }, literal: { "\($0)" }, examples: ["true", "false"])
}

extension Kind<UInt64> {
    /// Bytes a second.
    static let rate = Kind(
        fits: "bytes a second, as 20M, or 0 for no limit",
        read: { written in
            if case .number(let number) = written { return UInt64(exactly: number) }
            return written.string.flatMap { ByteCount($0)?.bytes }
        }, text: { "\($0)" }, literal: { "\($0)" }, examples: ["0", "5M", "20M"])
}

extension Kind<UInt64> {
    /// Bytes that may be kept for others.
    static let space = Kind(
        fits: "bytes up to 256M, as 20M",
        read: { written in
            let bytes: UInt64?
            if case .number(let number) = written {
                bytes = UInt64(exactly: number)
            } else {
                bytes = written.string.flatMap { ByteCount($0)?.bytes }
            }
            return bytes.flatMap { $0 <= 256 << 20 ? $0 : nil }
        }, text: { "\($0)" }, literal: { "\($0)" }, examples: ["16M", "64M", "256M"])
}

extension Kind<UInt32> {
    static let minutes = Kind(
        fits: "a number of minutes from 0 to 1440",
        read: { written in
            let number: UInt32?
            if case .number(let whole) = written {
                number = UInt32(exactly: whole)
            } else {
                number = written.word.flatMap(UInt32.init)
            }
            return number.flatMap { $0 <= 1_440 ? $0 : nil }
        }, text: { "\($0)" }, literal: { "\($0)" }, examples: ["0", "5", "10", "30"])
}

extension Kind {
    /// The same for a setting that may have no value. Whoever writes one means one: nothing written is none.
    var optional: Kind<Value?> {
        Kind<Value?>(
            fits: self.fits, read: { [read] written in read(written).map { .some($0) } },
            text: { [text] value in value.map(text) ?? "" }, literal: { [literal] value in value.map(literal) ?? "" },
            examples: self.examples)
    }
}

extension Kind<UInt16> {
    static let port = Kind(
        fits: "a number from 0 to 65535",
        read: { written in
            if case .number(let number) = written { return UInt16(exactly: number) }
            return written.word.flatMap(UInt16.init)
        }, text: { "\($0)" }, literal: { "\($0)" })
}

extension Kind<String> {
    /// What people see: not empty once what cannot be seen is gone.
    static let name = Kind(
        fits: "a name, in quotes, with something to be seen",
        read: { written in
            written.string.map(SafeText.name).flatMap { $0.isEmpty ? nil : $0 }
        }, text: { $0 }, literal: TOMLText.quoted)

    /// A folder, absolute once it is read.
    static let folder = Kind(
        fits: "the whole path of a folder, which may begin with ~",
        read: { written in
            guard let path = written.string, !path.isEmpty else { return nil }
            // A file, and whoever asks at the door, know nothing of our current folder.
            if case .typed = written {} else if !path.hasPrefix("/"), !path.hasPrefix("~") { return nil }
            return try? TypedPath.ours.absolute(path)
        }, text: { $0 }, literal: TOMLText.quoted)
}

extension Kind<String> {
    /// A domain of the DNS; what follows it and precedes it there has to fit in 255 bytes, too.
    static let domain = Kind(
        fits: "a domain, as \"office.example\"",
        read: { written in
            guard let text = written.string, text.utf8.count <= 180 else { return nil }
            let labels = (text.hasSuffix(".") ? text.dropLast() : text[...])
                .split(separator: ".", omittingEmptySubsequences: false)
            let isGood = labels.allSatisfy { label in
                (1...63).contains(label.utf8.count)
                    && label.utf8.allSatisfy { byte in
                        (0x61...0x7A).contains(byte | 0x20) || (0x30...0x39).contains(byte) || byte == 0x2D
                            || byte == 0x5F
                    }
            }
            return isGood ? text.lowercased() : nil
        }, text: { $0 }, literal: TOMLText.quoted)
}

extension Kind<[Endpoint]> {
    /// Addresses of a local network with one port; in a variable with commas.
    static let endpoints = Kind(
        fits: "a list of addresses of a local network with one and the same port, as [\"10.0.0.5:47447\"]",
        read: { written in
            let texts: [String?]
            switch written {
            case .list(let list): texts = list.map(\.string)
            case .text(let text): texts = [text]
            case .typed(let text), .asked(let text):
                texts = text.split(separator: ",").map { String($0.drop { $0 == " " }) }
            case .number, .fraction, .truth, .other: return nil
            }
            let good = texts.compactMap { $0.flatMap(Self.endpoint) }
            guard good.count == texts.count, good.count <= 8, Set(good.map(\.port)).count <= 1 else { return nil }
            return good
        }, text: { $0.map(\.description).joined(separator: ",") },
        literal: { "[" + $0.map { TOMLText.quoted($0.description) }.joined(separator: ", ") + "]" })

    /// One that others may call because of an advert.
    private static func endpoint(_ text: String) -> Endpoint? {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]), port >= 1_024
        else { return nil }
        var host = text[..<colon]
        var bytes = [UInt8](repeating: 0, count: 16)
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
            guard inet_pton(AF_INET6, String(host), &bytes) == 1 else { return nil }
        } else {
            guard inet_pton(AF_INET, String(host), &bytes) == 1 else { return nil }
            bytes = Array(bytes.prefix(4))
        }
        guard AddressPolicy.admits(bytes, onLoopback: false), !AddressPolicy.isLinkLocal(bytes) else { return nil }
        return Endpoint(address: bytes, port: port)
    }
}

extension Kind<[String]> {
    /// Names of network interfaces; in a variable with commas.
    static let interfaces = Kind(
        fits: "a list of interfaces, as [\"eth0\", \"wlan0\"]",
        read: { written in
            let names: [String?]
            switch written {
            case .list(let list): names = list.map(\.string)
            case .text(let name): names = [name]
            case .typed(let text), .asked(let text):
                names = text.split(separator: ",").map { String($0.drop { $0 == " " }) }
            case .number, .fraction, .truth, .other: return nil
            }
            let good = names.compactMap { $0 }.filter(Self.isInterface)
            return good.count == names.count ? good : nil
        }, text: { $0.joined(separator: ",") },
        literal: { "[" + $0.map(TOMLText.quoted).joined(separator: ", ") + "]" })

    /// Linux gives an interface at most 15 bytes, and neither spaces nor a slash.
    private static func isInterface(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.count <= 15 && name.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F && $0 != 0x2F }
    }
}

extension Kind<[PersonID]> {
    /// Whole ids; in a variable with commas.
    static let people = Kind(
        fits: "a list of whole ids, as `earshot contacts --json` has them",
        read: { written in
            let ids: [String?]
            switch written {
            case .list(let list): ids = list.map(\.string)
            case .text(let id): ids = [id]
            case .typed(let text), .asked(let text):
                ids = text.split(separator: ",").map { String($0.filter { $0 != " " }) }
            case .number, .fraction, .truth, .other: return nil
            }
            let people = ids.compactMap { $0.flatMap { PersonID(text: $0) } }
            return people.count == ids.count ? people : nil
        }, text: { $0.map(\.description).joined(separator: ",") },
        literal: { "[" + $0.map { TOMLText.quoted($0.description) }.joined(separator: ", ") + "]" })
}

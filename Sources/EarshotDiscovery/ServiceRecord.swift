import EarshotModel

/// What an advert may say. Everything in it is hostile until read here (Protocol.md 8).
package struct ServiceRecord: Hashable, Sendable {
    package static let type = "_earshot._tcp"  // lint: no name of a library
    static let prefix = "earshot-"
    private static let lowestPort: UInt16 = 1_024
    private static let longestText = 512

    package let name: AdvertName
    package let port: UInt16

    /// Reads port and TXT strings; nothing when anything is amiss.
    package init?(port: UInt16, text: [[UInt8]]) {
        guard port >= Self.lowestPort, text.reduce(0, { $0 + $1.count + 1 }) <= Self.longestText else { return nil }
        var values: [String: String] = [:]
        for string in text {
            guard let text = String(validating: string, as: UTF8.self), let equals = text.firstIndex(of: "=") else {
                continue
            }
            let key = text[..<equals].lowercased()
            // RFC 6763 6.4: of a key that comes twice the first counts; an id that comes twice is a trick.
            guard values[key] == nil else {
                if key == "id" || key == "tag" { return nil }
                continue
            }
            values[key] = String(text[text.index(after: equals)...])
        }
        guard values["v"] == "1" else { return nil }
        switch (values["id"], values["tag"]) {
        case (let id?, nil) where Self.isShort(id): self.name = .id(id)
        case (nil, let text?):
            guard let tag = AdvertTag(text) else { return nil }
            self.name = .tag(tag)
        case (_?, _), (nil, nil): return nil
        }
        self.port = port
    }

    /// Sixteen characters of our base32.
    package static func isShort(_ text: some StringProtocol) -> Bool {
        text.utf8.count == 16 && text.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x32...0x37).contains($0) }
    }

    /// The id in an instance name.
    static func shortID(ofInstance name: String) -> String? {
        guard name.hasPrefix(self.prefix) else { return nil }
        let shortID = String(name.dropFirst(self.prefix.count).prefix(16))
        return self.isShort(shortID) ? shortID : nil
    }
}

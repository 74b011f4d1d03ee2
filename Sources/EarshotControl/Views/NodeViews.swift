import EarshotModel

/// Who finds a node and is answered by it.
package enum Findable: String, Keyword {
    case everyone
    /// Private mode.
    case contacts
    /// Private mode, and an invitation is open: everybody, until it is over.
    case guests
}

/// How the node is (docs/Control.md, The node).
package struct StatusView: View {
    package enum Disk: String, Keyword { case ok, full, damaged, unwritable }

    /// Of these answers.
    package var v: Int64 = 1
    package var name: String
    package var person: PersonID
    package var device: DeviceID
    package var port: Int64
    /// The folder.
    package var state: String
    package var discovery: String
    package var advertised: Bool
    package var interfaces: [String]
    package var sessions: Int64
    package var queued: Int64
    package var diskFull: Bool
    package var disk: Disk
    /// What could not be stored, or not be put into the history.
    package var setAside: Int64
    /// Who may write to us: `ask` or `lan`.
    package var accept: String
    /// Seconds.
    package var uptime: Int64
    package var cursor: UInt64
    /// How present we are.
    package var presence: PresenceView?
    package var findable: Findable?
    /// Connections between others that go over us just now; absent where we do not relay.
    package var relayed: Int64?
    /// Where the page is.
    package var page: PageView?

    package init(
        name: String, person: PersonID, device: DeviceID, port: Int64, state: String, discovery: String,
        advertised: Bool, interfaces: [String], sessions: Int64, queued: Int64, disk: Disk, setAside: Int64,
        accept: String, uptime: Int64, cursor: UInt64
    ) {
        self.name = name
        self.person = person
        self.device = device
        self.port = port
        self.state = state
        self.discovery = discovery
        self.advertised = advertised
        self.interfaces = interfaces
        self.sessions = sessions
        self.queued = queued
        self.diskFull = disk == .full
        self.disk = disk
        self.setAside = setAside
        self.accept = accept
        self.uptime = uptime
        self.cursor = cursor
    }
}

/// Who we are.
package struct IdentityView: View {
    package var person: PersonID
    package var device: DeviceID
    /// What an advert carries of the device.
    package var short: String
    package var name: String
    /// `earshot:` and the person's id.
    package var uri: String
    /// The person's key as thirty digits, for others to compare.
    package var fingerprint: String?
    package var findable: Findable?

    package init(person: PersonID, device: DeviceID, name: String, fingerprint: Fingerprint? = nil) {
        self.person = person
        self.device = device
        self.short = device.shortID
        self.name = name
        self.uri = "earshot:\(person)"
        self.fingerprint = fingerprint?.description
    }
}

/// A QR code.
package struct CodeView: View {
    /// What it says: `earshot:` and the person's id.
    package var uri: String
    /// Squares in a row, and rows; without the light border of four squares that belongs around it.
    package var size: Int64
    /// From above, a character a square: 1 is dark.
    package var rows: [String]

    package init(uri: String, _ code: QRMatrix) {
        self.uri = uri
        self.size = Int64(clamping: code.size)
        self.rows = (0..<code.size).map { row in
            String((0..<code.size).map { code.isDark(row: row, column: $0) ? "1" : "0" })
        }
    }
}

/// What we call ourselves.
package struct NameView: View {
    package var name: String
    package init(name: String) { self.name = name }
}

/// An address that is called besides those that are discovered.
package struct AddressView: View {
    package var address: String
    package init(address: String) { self.address = address }
}

/// One thing that was looked at for what stops people.
package struct CheckView: View {
    package var check: String
    package var ok: Bool
    package var detail: String
    /// What to do about it.
    package var remedy: String?

    package init(check: String, ok: Bool, detail: String, remedy: String? = nil) {
        self.check = check
        self.ok = ok
        self.detail = detail
        self.remedy = ok ? nil : remedy
    }
}

/// Where in the order of what happened somebody is.
package struct CursorView: View {
    package var cursor: UInt64
    package init(cursor: UInt64) { self.cursor = cursor }
}

/// It was done, and there is nothing to say of it.
package struct Done: View {
    private enum NoKey: CodingKey {}

    package init() {}
    package init(from decoder: any Decoder) throws {}
    package func encode(to encoder: any Encoder) throws { _ = encoder.container(keyedBy: NoKey.self) }
}

/// Settings by their keys.
package struct SettingsView: SchemaNamed, Hashable, ExpressibleByDictionaryLiteral {
    package var values: [String: String]
    package init(_ values: [String: String]) { self.values = values }
    package init(dictionaryLiteral elements: (String, String)...) {
        self.values = Dictionary(elements, uniquingKeysWith: { $1 })
    }

    package static let kind = "an object of strings"
    package static var schema: JSON { ["type": "object", "additionalProperties": ["type": "string"]] }
    package static var sample: SettingsView { [:] }
    package init(from decoder: any Decoder) throws {
        self.values = try decoder.singleValueContainer().decode([String: String].self)
    }
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        // In order, so that the same answer is always the same line.
        try container.encode(JSON.object(self.values.mapValues { .string($0) }))
    }
}

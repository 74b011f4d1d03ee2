import ArgumentParser
import EarshotControl
import EarshotTesting
import Glibc

/// Measures earshotd as it is installed, from outside, with two or more of them on this machine.
@main
struct Bench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "earshot-bench", abstract: "Measure what earshotd can do here.",
        discussion:
            """
            One JSON line for each figure, then a table. All nodes live on loopback, in a folder of their own that is \
            removed.
            """
    )

    @Option(help: "The earshotd to measure.") var program: String = ".build/release/earshotd"
    @Option(help: "Where the nodes keep their state: on the disk that matters to you.") var folder: String = "/var/tmp"
    @Option(help: "Messages measured one by one.") var rounds: Int = 2_000
    @Option(help: "Seconds of idling watched.") var idle: UInt32 = 20
    @Option(help: "Messages that are searched.") var history: Int = 1_000_000
    @Option(parsing: .upToNextOption, help: "Members of the rooms whose growth is simulated.")
    var sizes: [Int] = [8, 16, 32, 50, 64, 128]
    @Option(parsing: .upToNextOption, help: "Nodes, rooms, members of each and messages of a simulated storm.")
    var storm: [Int] = [16, 4, 8, 400]
    @Option(help: "The first seed of a storm.") var seed: UInt64 = 1_000
    @Option(help: "Seconds after which no other storm begins.") var `for`: Double = 60
    @Argument(
        help: """
            Only these: handshakes, commits, starting, messages, rooms, idling; search, growth and storm take minutes.
            """)
    var only: [Part] = Part.allCases.filter(\.isUsual)
    @Option(name: .customLong("extra"), help: "A figure measured elsewhere, for the table: NAME=VALUE=UNIT.")
    var extras: [String] = []

    enum Part: String, CaseIterable, ExpressibleByArgument {
        case handshakes, commits, starting, messages, rooms, idling, search, growth, storm

        /// Whether it is measured where nothing is named: it takes no minutes.
        var isUsual: Bool {
            switch self {
            case .handshakes, .commits, .starting, .messages, .rooms, .idling: true
            case .search, .growth, .storm: false
            }
        }

        /// Seconds after which it will never end.
        var limit: UInt32 { self.isUsual ? 900 : 7_200 }
    }

    func run() async throws {
        signal(SIGPIPE, SIG_IGN)
        Interruption.watch()
        let place = try Workplace(program: self.program, under: self.folder)
        defer { place.remove() }
        var figures: [Figure] = []
        for part in self.only {
            Interruption.expect(part.rawValue, within: part.limit)
            do {
                figures += try await self.measure(part, place)
            } catch {
                Interruption.endAll()
                throw error
            }
            place.clear()
        }
        for extra in self.extras {
            let parts = extra.split(separator: "=").map(String.init)
            if parts.count >= 3, let value = Double(parts[1]) {
                figures.append(Figure(parts[0], value, parts[2], note: parts.dropFirst(3).joined(separator: "=")))
            }
        }
        print("\n" + Figure.table(figures))
    }

    private func measure(_ part: Part, _ place: Workplace) async throws -> [Figure] {
        switch part {
        case .handshakes: return try Handshakes.measure(rounds: self.rounds)
        case .commits: return try Commits.measure(place, rounds: self.rounds)
        case .starting: return try Starting.measure(place, rounds: 15)
        case .messages: return try Messages.measure(place, rounds: self.rounds)
        case .rooms: return try Rooms.measure(place, rounds: self.rounds)
        case .storm:
            guard let size = RoomStorm.Size(self.storm) else {
                throw ValidationError("--storm is four numbers: nodes, rooms, members of each (not more), messages.")
            }
            return try Storm.measure(size, firstSeed: self.seed, for: self.for)
        case .growth: return try Growth.measure(self.sizes, messages: 100)
        case .search: return try Search.measure(place, messages: self.history)
        case .idling: return try await Idling.measure(place, for: self.idle, sessions: 100)
        }
    }
}

enum BenchError: Error, CustomStringConvertible {
    case broken(String)

    var description: String {
        switch self {
        case .broken(let what): what
        }
    }
}

/// A folder for the nodes of this run.
struct Workplace {
    let program: String
    private let root: String

    init(program: String, under folder: String) throws {
        guard access(program, X_OK) == 0 else {
            throw ValidationError("\(program) is not there. `make release` builds it.")
        }
        self.program = program
        var template = Array("\(folder)/earshot-bench.XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else { throw ValidationError("\(folder) cannot be written.") }
        self.root = String(cString: made)
        Interruption.made(folder: self.root)
    }

    func folder(_ name: String) -> String { "\(self.root)/\(name)" }
    /// The next part begins with nobody.
    func clear() {
        self.remove()
        mkdir(self.root, 0o700)
    }

    func remove() { Self.remove(self.root) }

    static func remove(_ path: String) {
        if let folder = opendir(path) {
            while let entry = readdir(folder) {
                let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                    pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                }
                if name != ".", name != ".." { Self.remove("\(path)/\(name)") }
            }
            closedir(folder)
        }
        _ = Glibc.remove(path)
    }
}

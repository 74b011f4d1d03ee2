import ArgumentParser
import EarshotControl
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
    @Argument(
        help: "Only these: handshakes, commits, starting, messages, rooms, idling; search and growth take minutes.")
    var only: [Part] = Part.allCases.filter { $0 != .search && $0 != .growth }
    @Option(name: .customLong("extra"), help: "A figure measured elsewhere, for the table: NAME=VALUE=UNIT.")
    var extras: [String] = []

    enum Part: String, CaseIterable, ExpressibleByArgument {
        case handshakes, commits, starting, messages, rooms, idling, search, growth

        /// Seconds after which it will never end.
        var limit: UInt32 {
            switch self {
            case .handshakes, .commits, .starting, .messages, .rooms, .idling: 900
            case .search, .growth: 7_200
            }
        }
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
        case .handshakes: try Handshakes.measure(rounds: self.rounds)
        case .commits: try Commits.measure(place, rounds: self.rounds)
        case .starting: try Starting.measure(place, rounds: 15)
        case .messages: try Messages.measure(place, rounds: self.rounds)
        case .rooms: try Rooms.measure(place, rounds: self.rounds)
        case .growth: try Growth.measure(self.sizes, messages: 100)
        case .search: try Search.measure(place, messages: self.history)
        case .idling: try await Idling.measure(place, for: self.idle, sessions: 100)
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

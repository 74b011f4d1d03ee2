import CLinux
import EarshotConfig
import EarshotControl
import EarshotModel
import EarshotRules
import EarshotStore
import Glibc

/// What was kept and sent since the start, for whoever watches.
struct Counts {
    /// Entries of logs that came from others, and of our own.
    var received: UInt64 = 0
    var written: UInt64 = 0
    var rounds: UInt64 = 0
    var commits: UInt64 = 0

    mutating func committed(_ facts: [Fact], me: PersonID) {
        self.commits += 1
        for fact in facts {
            guard case .envelope(_, _, let author, _) = fact else { continue }
            if author == me { self.written += 1 } else { self.received += 1 }
        }
    }
}

/// How the node is, in numbers.
extension Node {
    func metrics(_ state: RunState) throws -> [MetricView] {
        let engine = state.engine
        let trust = engine.contacts.all.map(\.trust)
        let (seen, silent) = engine.whereabouts.dialer.census
        var metrics = [
            MetricView(
                "earshot_uptime_seconds", .gauge, "Since the node started.",
                (Self.now().uptime - state.life.startedAt) / 1_000),
            MetricView("earshot_sessions", .gauge, "Devices in session.", engine.sessionCount),
            MetricView("earshot_peers_announced", .gauge, "Devices that discovery finds.", seen),
            MetricView("earshot_peers_silent", .gauge, "Devices that are found and do not answer.", silent),
            MetricView(
                "earshot_contacts", .gauge, "People who were accepted.",
                trust.count { $0 == .accepted || $0 == .verified }),
            MetricView(
                "earshot_contacts_verified", .gauge, "People whose keys were compared.",
                trust.count { $0 == .verified }),
            MetricView("earshot_requests", .gauge, "People who wait for an answer.", trust.count { $0 == .requested }),
            MetricView(
                "earshot_conflicts", .gauge, "People of whom it is not certain who they are.",
                trust.count { $0 == .conflict }),
            MetricView(
                "earshot_rooms", .gauge, "Rooms that the node is in.",
                engine.roomList.count { $0.known.standing == .joined }),
            MetricView(
                "earshot_messages_queued", .gauge, "Messages that somebody does not have yet.",
                try self.queued(engine)),
            MetricView(
                "earshot_entries_received_total", .counter, "Entries of others that were put on disk.",
                state.life.counts.received),
            MetricView(
                "earshot_entries_written_total", .counter, "Entries of our own that were put on disk.",
                state.life.counts.written),
            MetricView("earshot_commits_total", .counter, "Commits of the database.", state.life.counts.commits),
            MetricView("earshot_rounds_total", .counter, "Rounds of the loop.", state.life.counts.rounds),
            MetricView(
                "earshot_set_aside", .gauge, "Things that could not be stored.",
                (try? self.store.asideCount()) ?? 0),
            MetricView(
                "earshot_disk_ok", .gauge, "Whether the disk takes what is written.",
                engine.trouble == nil ? 1 : 0),
            MetricView("earshot_database_repairs_total", .counter, "How often it was made anew.", state.life.repairs),
        ]
        let hooks = self.configuration.hooks?.hooks ?? []
        metrics += [
            MetricView("earshot_hooks", .gauge, "Hooks, ways in for programs and announcements.", hooks.count),
            MetricView("earshot_hooks_failing", .gauge, "Those that failed last.", hooks.count { $0.failing > 0 }),
            MetricView("earshot_hook_runs_total", .counter, "Their runs.", hooks.map(\.runs).reduce(0, +)),
            MetricView("earshot_hook_failures_total", .counter, "Their failures.", hooks.map(\.failures).reduce(0, +)),
            MetricView(
                "earshot_hook_events_dropped_total", .counter, "Events that they were too slow for.",
                hooks.compactMap(\.dropped).reduce(0, +)),
        ]
        return metrics + Self.process
    }

    /// Of this process.
    private static var process: [MetricView] {
        var usage = rusage()
        getrusage(RUSAGE_SELF.rawValue, &usage)
        let milliseconds =
            (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1_000
            + (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1_000
        var metrics = [
            MetricView("earshot_cpu_milliseconds_total", .counter, "Time of the processor.", milliseconds)
        ]
        if let pages = self.residentPages {
            let bytes = Int64(clamping: pages).multipliedReportingOverflow(by: Int64(sysconf(Int32(_SC_PAGESIZE))))
            metrics.append(
                MetricView("process_resident_memory_bytes", .gauge, "Memory in use.", bytes.partialValue))
        }
        return metrics
    }

    private static var residentPages: UInt64? {
        guard let file = fopen("/proc/self/statm", "re") else { return nil }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 256)
        guard fgets(&line, 256, file) != nil else { return nil }
        let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let word = text.split(separator: " ").dropFirst().first ?? ""
        return UInt64(word)  // lint: the kernel says it; nothing where it is no number
    }
}

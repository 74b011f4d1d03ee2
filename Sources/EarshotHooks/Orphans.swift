import CLinux
import Glibc
import Synchronization

/// Processes that hooks leave behind. Whatever loses its parent below us becomes our child, so that it is found.
enum Orphans {
    /// The groups of those that run, and what tells their processes apart.
    private static let running = Mutex<Set<String>>([])
    private static let adopting = Mutex(false)

    /// The variable in which a process carries the mark of its run.
    static let variable = "EARSHOT_RUN"
    /// How often it is looked, 5 ms apart: what was killed ends soon.
    private static let rounds = 400

    static func adopt() {
        self.adopting.withLock { isAdopting in
            if !isAdopting { isAdopting = linux_adopt_orphans() == 0 }
        }
    }

    /// A run begins, and its process does not exist yet.
    static func begin(mark: String) { self.running.withLock { _ = $0.insert(mark) } }
    static func forget(mark: String) { self.running.withLock { _ = $0.remove(mark) } }

    /// Ends whatever is left of a run whose first process has ended and was waited for.
    static func sweep(_ group: pid_t, mark: String) {
        for _ in 0..<self.rounds {
            let hasGroup = kill(-group, SIGKILL) == 0
            let left = self.children.filter { self.isLeft($0, group, mark) }
            for child in left {
                kill(child.id, SIGKILL)
                waitpid(child.id, nil, WNOHANG)
            }
            if !hasGroup, left.isEmpty { break }
            var pause = timespec(tv_sec: 0, tv_nsec: 5_000_000)
            nanosleep(&pause, nil)
        }
        self.forget(mark: mark)
    }

    /// One of the processes whose parent we are.
    private struct Child {
        let id: pid_t
        let group: pid_t
        let session: pid_t
    }

    /// Whether one of our children is left over from this run. What hides its mark is known by its own session, which
    /// no program of ours has; while other runs go on it may be one of theirs, and is looked at when they end.
    private static func isLeft(_ child: Child, _ group: pid_t, _ mark: String) -> Bool {
        if child.group == group { return true }
        guard child.group != getpgrp() else { return false }
        let others = self.running.withLock { $0.subtracting([mark]) }
        guard let found = self.mark(of: child.id) else { return others.isEmpty && child.session != getsid(0) }
        return found == mark || !others.contains(found)
    }

    private static var children: [Child] {
        guard let folder = opendir("/proc") else { return [] }
        defer { closedir(folder) }
        let us = getpid()
        var children: [Child] = []
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { raw in
                String(decoding: raw.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard let id = pid_t(name), let text = self.read("/proc/\(name)/stat", 1_024) else { continue }
            // PID (COMM) STATE PARENT GROUP SESSION …, where COMM may hold anything.
            guard let end = text.lastIndex(of: UInt8(ascii: ")")) else { continue }
            let fields = text[text.index(after: end)...].split(separator: 0x20)
            let numbers = fields.dropFirst().prefix(3).compactMap { pid_t(String(decoding: $0, as: UTF8.self)) }
            guard numbers.count == 3, numbers[0] == us else { continue }
            children.append(Child(id: id, group: numbers[1], session: numbers[2]))
        }
        return children
    }

    private static func mark(of process: pid_t) -> String? {
        let begin = Array("\(self.variable)=".utf8)
        let entries = self.read("/proc/\(process)/environ", 256 << 10)?.split(separator: 0) ?? []
        return entries.first { $0.starts(with: begin) }.map {
            String(decoding: $0.dropFirst(begin.count), as: UTF8.self)
        }
    }

    private static func read(_ path: String, _ most: Int) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16_384)
        while bytes.count < most {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            guard count > 0 else { break }
            bytes += chunk.prefix(count)
        }
        return bytes
    }
}

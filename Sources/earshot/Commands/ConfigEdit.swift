import ArgumentParser
import EarshotConfig
import EarshotControl
import EarshotTerminal
import Glibc

struct ConfigEdit: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "edit", abstract: "Edit your own file of settings in $VISUAL or $EDITOR.",
        discussion: """
            EXAMPLES
              earshot config edit
              EDITOR=nano earshot config edit

            You edit a copy. It takes the place of the file when nothing is wrong with it; else you are told what is, \
            with its line, and can go on. Where there is no file yet, you begin with one that has every setting in a \
            comment. A node that runs reads it at once.
            """)
    @OptionGroup var options: Options

    func run() throws {
        guard let path = ConfigPaths.usual(Environment.ours).user else {
            throw DoorError(.failed, "There is no home folder, and so no file of your own. Set HOME.")
        }
        let draft = try ConfigDraft(of: path)
        repeat {
            try Self.edit(draft.path)
            let faults = try draft.faults()
            if faults.isEmpty {
                try draft.replace()
                return self.tellNode()
            }
            StandardError.say(ConfigFaults(faults).text)
        } while isatty(STDIN_FILENO) == 1 && StandardInput.agrees("Edit it again?")
        StandardError.say("earshot: \(path) is as it was; `earshot config edit` goes on with what you wrote")
        throw ExitCode(2)
    }

    /// Waits until the editor has ended. What names it may have options of its own, and so the shell reads it.
    private static func edit(_ path: String) throws(DoorError) {
        let editor = Options.environment("VISUAL") ?? Options.environment("EDITOR") ?? "vi"
        let ended = try Program.run(["/bin/sh", "-c", editor + " \"$1\"", "sh", path])
        guard ended.code == 0 else {
            throw DoorError(.failed, "\(editor) ended with an error; your settings are as they were.")
        }
    }

    private func tellNode() {
        guard let client = try? self.options.running() else { return }
        do throws(DoorError) {
            let changes = try client.ask(Methods.ReloadSettings()).changes
            (changes.isEmpty ? ["Nothing has changed."] : changes).forEach { print($0) }
        } catch { StandardError.say("earshot: \(error.message)") }
    }
}

/// A copy of a file of settings that takes its place when nothing is wrong with it. One that was left unfinished is
/// still there.
private struct ConfigDraft {
    /// Where the copy is: beside the file, so that it can take its place.
    let path: String
    /// What is edited, as people know it; and where that is, if it is a link.
    private let file: String
    private let target: String

    init(of file: String) throws(DoorError) {
        self.file = file
        self.target =
            realpath(file, nil).map { pointer in
                defer { free(pointer) }
                return String(cString: pointer)
            } ?? file
        self.path = self.target.hasSuffix(".toml") ? self.target.dropLast(5) + ".draft.toml" : self.target + ".draft"
        try Self.makeFolders(self.target)
        let text: String
        do throws(ConfigFault) { text = try ConfigFile.text(self.target) ?? Template.text } catch {
            throw DoorError(.failed, error.text)
        }
        try self.begin(text)
    }

    /// Puts the text there, if no draft is.
    private func begin(_ text: String) throws(DoorError) {
        let descriptor = open(self.path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            guard errno == EEXIST else { throw Self.failure(self.path) }
            return StandardError.say("earshot: this goes on with what was left unfinished in \(self.path)")
        }
        defer { close(descriptor) }
        var status = stat()
        if stat(self.target, &status) == 0 { fchmod(descriptor, status.st_mode & 0o755) }
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { throw Self.failure(self.path) }
            rest = rest.dropFirst(count)
        }
    }

    /// What is wrong with it, as if it had taken the place of the file. What is wrong elsewhere is no reason.
    func faults() throws(DoorError) -> [ConfigFault] {
        let environment = Environment.ours
        do throws(ConfigFaults) {
            _ = try Layers(ConfigPaths.usual(environment), environment: environment) { path throws(ConfigFault) in
                try ConfigFile.text(path == self.file ? self.path : path)
            }
            return []
        } catch {
            return error.faults.filter { $0.file == self.file || $0.file == self.path }
        }
    }

    /// On disk before it has the name: a crash leaves the one or the other.
    func replace() throws(DoorError) {
        let descriptor = open(self.path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.failure(self.path) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0, rename(self.path, self.target) == 0 else { throw Self.failure(self.target) }
    }

    private static func makeFolders(_ path: String) throws(DoorError) {
        var made = ""
        for part in path.split(separator: "/").dropLast() {
            made += "/" + part
            if mkdir(made, 0o700) != 0, errno != EEXIST, errno != EROFS { throw self.failure(made) }
        }
    }

    private static func failure(_ path: String) -> DoorError {
        DoorError(.disk, "\(path) cannot be written: \(String(cString: strerror(errno))).")
    }
}

import ArgumentParser
import EarshotConfig
import EarshotControl
import EarshotTerminal
import Glibc

struct ConfigEdit: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "edit", abstract: "Open your own file of settings in $VISUAL or $EDITOR, and check it afterwards.",
        discussion: """
            EXAMPLES
              earshot config edit
              EDITOR=nano earshot config edit

            Where there is no file yet, you begin with one that has every setting in a comment. A node that runs reads
            it when you are done and nothing is wrong.
            """)
    @OptionGroup var options: Options

    func run() throws {
        guard let path = ConfigPaths.usual(Environment.ours).user else {
            throw DoorError(.failed, "There is no home folder, and so no file of your own. Set HOME.")
        }
        try Self.make(path)
        try Self.edit(path)
        do throws(ConfigFaults) { _ = try ConfigCommand.layers() } catch {
            StandardError.say(error.text)
            throw ExitCode(2)
        }
        self.tellNode()
    }

    /// Puts the commented file there, if there is none.
    private static func make(_ path: String) throws(DoorError) {
        var made = ""
        for part in path.split(separator: "/").dropLast() {
            made += "/" + part
            if mkdir(made, 0o700) != 0, errno != EEXIST { throw self.failure(made) }
        }
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            if errno == EEXIST { return }
            throw self.failure(path)
        }
        defer { close(descriptor) }
        var rest = Array(Template.text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { throw self.failure(path) }
            rest = rest.dropFirst(count)
        }
    }

    private static func failure(_ path: String) -> DoorError {
        DoorError(.disk, "\(path) cannot be written: \(String(cString: strerror(errno))).")
    }

    /// Waits until the editor has ended. What names it may have options of its own, and so the shell reads it.
    private static func edit(_ path: String) throws(DoorError) {
        let editor = Options.environment("VISUAL") ?? Options.environment("EDITOR") ?? "vi"
        let words = ["/bin/sh", "-c", editor + " \"$1\"", "sh", path]
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        defer { arguments.forEach { free($0) } }
        var child = pid_t()
        let status = posix_spawn(&child, "/bin/sh", nil, nil, &arguments, environ)
        guard status == 0 else {
            throw DoorError(.failed, "\(editor) cannot be started: \(String(cString: strerror(status))).")
        }
        var ended: Int32 = 0
        while waitpid(child, &ended, 0) < 0 {
            guard errno == EINTR else { return }
        }
        guard ended == 0 else {
            throw DoorError(.failed, "\(editor) ended with an error; \(path) is as it left it.")
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

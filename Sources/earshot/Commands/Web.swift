import ArgumentParser
import EarshotControl
import EarshotTerminal
@preconcurrency import Glibc

struct Web: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Open the page in your browser.",
        discussion: """
            EXAMPLES
              earshot web
              earshot web --print        only the link

            The link opens the page once, within a minute, and only on this machine. Your browser stays in after that; \
            where there is no display, the link is printed. From another machine: `ssh -L 47448:127.0.0.1:47448 HOST`, \
            then open the link there.
            """)
    @Flag(help: "Print the link and open nothing.") var print = false
    @OptionGroup var options: Options

    func run() throws {
        let answer = try self.options.connect().ask(Methods.PageLink())
        let directory = try self.options.directory
        guard !self.print, !self.options.json, Self.hasDisplay, Browser.open(answer.link, by: directory) else {
            return self.options.show(answer, [answer.link])
        }
        guard !self.options.quiet else { return }
        StandardError.say("earshot: opened in your browser. If nothing shows: `earshot web --print`")
    }

    private static var hasDisplay: Bool {
        Options.environment("DISPLAY") != nil || Options.environment("WAYLAND_DISPLAY") != nil
    }
}

/// The browser of this person.
private enum Browser {
    /// Whether it could be started. What a program is called with everybody on this machine can see, so the browser is
    /// shown a file that only we can read, and that leads on.
    static func open(_ link: String, by folder: String) -> Bool {
        let path = folder + "/web.open.html"
        guard Self.write(link, to: path) else { return false }
        var pid = pid_t()
        let words: [String] = ["xdg-open", path]
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for descriptor in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] {
            posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_RDWR, 0)
        }
        guard posix_spawnp(&pid, "xdg-open", &actions, nil, &arguments, environ) == 0 else { return false }
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        return status == 0
    }

    private static func write(_ link: String, to path: String) -> Bool {
        unlink(path)
        let file = Glibc.open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { return false }
        defer { close(file) }
        let text = """
            <!doctype html><meta charset="utf-8"><meta name="referrer" content="no-referrer"><title>Earshot</title>
            <meta http-equiv="refresh" content="0; url=\(link)"><a href="\(link)">Earshot</a>
            """
        return Glibc.write(file, text, text.utf8.count) == text.utf8.count
    }
}

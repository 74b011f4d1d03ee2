/// Emoji by the names people know them by, for `:name:`.
package enum Emoji {
    package static let named: [(name: String, emoji: String)] = [
        ("+1", "👍"), ("-1", "👎"), ("angry", "😠"), ("beer", "🍺"), ("bug", "🐛"), ("cake", "🍰"), ("check", "✅"),
        ("clap", "👏"), ("coffee", "☕"), ("confused", "😕"), ("construction", "🚧"), ("cool", "😎"),
        ("cross", "❌"), ("cry", "😢"), ("eyes", "👀"), ("fire", "🔥"), ("gift", "🎁"), ("grin", "😁"),
        ("heart", "❤️"), ("hug", "🤗"), ("hundred", "💯"), ("idea", "💡"), ("joy", "😂"), ("kiss", "😘"),
        ("laughing", "😆"), ("lock", "🔒"), ("muscle", "💪"), ("ok", "👌"), ("party", "🎉"), ("pizza", "🍕"),
        ("point_right", "👉"), ("pray", "🙏"), ("question", "❓"), ("raised_hand", "✋"), ("rocket", "🚀"),
        ("rofl", "🤣"), ("sad", "🙁"), ("scream", "😱"), ("see_no_evil", "🙈"), ("shrug", "🤷"), ("skull", "💀"),
        ("sleepy", "😴"), ("smile", "🙂"), ("smirk", "😏"), ("sob", "😭"), ("sparkles", "✨"), ("star", "⭐"),
        ("sun", "☀️"), ("sweat_smile", "😅"), ("tea", "🍵"), ("thinking", "🤔"), ("thumbsdown", "👎"),
        ("thumbsup", "👍"), ("tired", "😫"), ("warning", "⚠️"), ("wave", "👋"), ("wink", "😉"), ("wrench", "🔧"),
        ("yum", "😋"), ("zap", "⚡"),
    ]
}

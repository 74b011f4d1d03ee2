import Glibc

/// Which folder is a node's: the same for the programs that are the node and those that speak to it.
package enum StatePath {
    /// `EARSHOT_STATE`, else `earshot` in `XDG_STATE_HOME` if that is absolute (a relative one is to be ignored, says
    /// the XDG specification), else `~/.local/state/earshot`; as a person types it.
    package static func usual(_ environment: (String) -> String?) -> String {
        if let path = environment("EARSHOT_STATE"), !path.isEmpty { return path }
        if let base = environment("XDG_STATE_HOME"), base.hasPrefix("/") { return base + "/earshot" }
        return "~/.local/state/earshot"
    }

    /// The whole path of what `--state` names, or else of the usual folder.
    package static func absolute(_ typed: String?) throws(DoorError) -> String {
        try TypedPath.ours.absolute(typed ?? self.usual { name in getenv(name).map { String(cString: $0) } })
    }
}

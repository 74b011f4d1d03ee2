extension Language {
    static func english(_ refusal: Refusal.Page) -> String {
        switch refusal {
        case .nothingHere: "There is nothing here yet."
        case .noName: "There is nothing of that name."
        case .noFile: "There is no such file in this transfer."
        case .noFileAnyMore: "The file is not there any more."
        case .notFile: "That is a folder, or no file."
        case .noPicture: "They show no such picture."
        case .noStream: "There is no such stream of events."
        case .noUpload: "There is no such upload."
        case .noUploadAnyMore: "There is no such upload any more."
        case .notHTTP: "That is no HTTP request."
        case .noToken: "The token is missing."
        case .wrongOrder: "That came in the wrong order."
        case .badPlace: "That is no place that an event told."
        case .nothingExpected: "Nothing is to be sent with this."
        case .wrongHost(let port): "This page is at http://127.0.0.1:\(port)/ and under no other name."
        case .wrongOrigin: "Another page cannot ask this."
        case .notEntered: "Run `earshot web`: this browser has not come by its link."
        case .expiredLink: "This link was used, or is older than a minute. Run `earshot web` again."
        case .wrongKey: "This browser does not show its key. Run `earshot web` to come in again."
        case .wrongMethod(let method): "This is asked for by \(method)."
        case .wrongType(let type): "The Content-Type of this is \(type)."
        case .tooLong: "That is too long."
        case .noLength: "How long a file is must be said before it, by Content-Length."
        case .badLength: "That is no length."
        case .notPath: "That is no path."
        case .badName: "A file cannot have that name."
        case .cannotBeCalled(let name): "A file cannot be called \(name) here."
        case .isThere(let name): "\(name) is in this upload already."
        case .isFileThere(let name): "\(name) is a file in this upload already."
        case .badRange(let size): "The file has \(size) bytes."
        case .diskFull: "There is not enough room on the disk for this file."
        case .unwritable(let what, let detail): "\(what ?? "The file") cannot be written: \(detail)."
        case .full(let what, let detail): "\(what) cannot be written: \(detail)."
        case .manyFiles: "Too many files are under way. Try again soon."
        case .manyPosts: "Too many were posted. Try again soon."
        case .manyUploads(let most): "At most \(most >> 20) MiB can wait to be offered."
        case .noMetrics: "There are none: the setting metrics.enabled is false."
        case .notSigned: "This is not signed as it must be."
        case .closing: "The connection is closing."
        }
    }

    static func english(_ problem: PageProblem) -> String {
        switch problem {
        case .notStarted: "The node has not started yet."
        case .isOff: "The settings web.enabled and web.port say that it is not."
        case .isEnding: "The node is ending."
        case .portTaken(let port): "Port \(port) is taken, so it has another one until the next start."
        case .noPort(let detail): "No port can be had for it: \(detail)."
        }
    }
}

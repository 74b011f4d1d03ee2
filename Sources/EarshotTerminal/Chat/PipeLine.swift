import EarshotModel

/// What `earshot chat --json` tells besides the events of the door.
enum PipeLine {
    /// What became of a line of the input; the members of a `SentView` follow.
    struct Sent: Encodable {
        let event = "sent"
        let line: Int
    }

    /// A line of the input was not sent.
    struct Failed: Encodable {
        let event = "error"
        let line: Int
        let kind: String
        let message: String
    }

    /// The node went or came back.
    struct Node: Encodable {
        let event = "node"
        let running: Bool
    }

    struct End: Encodable {
        let event = "end"
        let lines: Int
        let delivered: Int
        let queued: [EnvelopeID]
        let notSent: Int
        let failed: Int
    }
}

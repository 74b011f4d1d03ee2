import NIOCore

extension ControlHandler {
    /// How a client comes to the door.
    package enum Entry: Sendable {
        /// By the socket, where only our own user and root get in.
        case socket
        /// By another way, where they have shown already who they are. An event is written in the form of that way.
        case admitted(form: @Sendable (DoorEvent) -> ByteBuffer)
        /// The same, in the name of a client who is there already and stays.
        case sharing(CallerID)

        func form(of event: DoorEvent) -> ByteBuffer {
            if case .admitted(let form) = self { form(event) } else { event.line }
        }
    }

    /// A batch under way: its calls one after the other, its answers as they come.
    struct Batch {
        var rest: ArraySlice<Result<ControlLine.Call, ControlLine.Refusal>>
        var hasAnswered = false
    }
}

import EarshotControl
import NIOCore

/// Events as a browser reads them: `text/event-stream`.
enum EventStream {
    /// How often something is said to whoever hears nothing else.
    static let heartbeat = TimeAmount.seconds(20)
    static let comment = ByteBuffer(string: ": \n\n")

    private static let before = Array(#"{"jsonrpc":"2.0","method":"event","params":"#.utf8)
    /// What stands behind the parameters in a line: the end of the object and of the line.
    private static let behind = 2

    static func form(_ event: DoorEvent) -> ByteBuffer {
        let count = event.line.readableBytes - Self.before.count - Self.behind
        var out = ByteBuffer(string: "id: \(event.view.cursor)\ndata: ")
        if count > 0, var params = event.line.getSlice(at: event.line.readerIndex + Self.before.count, length: count) {
            out.writeBuffer(&params)
        }
        out.writeString("\n\n")
        return out
    }

    /// What asks for events at the door.
    static func subscription(since: UInt64?) -> ByteBuffer {
        let since = since.map { #","params":{"since":\#($0)}"# } ?? ""
        return ByteBuffer(string: #"{"jsonrpc":"2.0","id":0,"method":"subscribe"\#(since)}"# + "\n")
    }

    /// The first event, made of what the door answered to that; or why there is none.
    static func opening(_ line: ByteBuffer, name: String) -> Result<ByteBuffer, DoorError> {
        guard case .answer(let answer)? = Incoming(line: line.readableBytesView) else {
            return .failure(DoorError(.failed, "The node answered with something else."))
        }
        do throws(DoorError) {
            let cursor = try answer.to(Methods.Subscribe.self).cursor
            let data: JSON = [
                "stream": .string(name), "cursor": .integer(Int64(clamping: cursor)),
                "version": .string(ControlLine.version),
            ]
            return .success(ByteBuffer(string: "event: stream\nid: \(cursor)\ndata: \(data.line)\n\n"))
        } catch { return .failure(error) }
    }
}

import EarshotControl
import EarshotText
import NIOCore

/// Events as a browser reads them: `text/event-stream`.
enum EventStream {
    /// How often something is said to whoever hears nothing else.
    static let heartbeat = TimeAmount.seconds(20)
    static let comment = ByteBuffer(string: ": \n\n")

    private static let before = Array(#"{"jsonrpc":"2.0","method":"event","params":"#.utf8)
    /// What stands behind the parameters in a line: the end of the object and of the line.
    private static let behind = 2

    /// Only what is kept has an id: what passes may be told before all that was kept before it.
    static func form(_ event: DoorEvent) -> ByteBuffer {
        let count = event.line.readableBytes - Self.before.count - Self.behind
        var out = ByteBuffer(string: event.view.place.map { "id: \($0)\n" } ?? "")
        out.writeString("data: ")
        if count > 0, var params = event.line.getSlice(at: event.line.readerIndex + Self.before.count, length: count) {
            out.writeBuffer(&params)
        }
        out.writeString("\n\n")
        return out
    }

    /// What asks for events at the door.
    static func subscription(since: EventPlace?) -> ByteBuffer {
        let since = since.map { #","params":{"place":"\#($0)"}"# } ?? ""
        return ByteBuffer(string: #"{"jsonrpc":"2.0","id":0,"method":"subscribe"\#(since)}"# + "\n")
    }

    /// The first event, made of what the door answered to that; or why there is none.
    /// - Parameter since: what was asked.
    static func opening(_ line: ByteBuffer, name: String, since: EventPlace?) -> Result<ByteBuffer, DoorError> {
        guard case .answer(let answer)? = Incoming(line: line.readableBytesView) else {
            return .failure(DoorError(.line(.otherAnswer)))
        }
        do throws(DoorError) {
            let cursor = try answer.to(Methods.Subscribe.self).cursor
            let data: JSON = [
                "stream": .string(name), "cursor": .integer(Int64(clamping: cursor)),
                "version": .string(ControlLine.version),
            ]
            // Whoever breaks off before the next event is where they were.
            let place = since.flatMap { $0.commit == cursor ? $0 : nil } ?? EventPlace(cursor)
            return .success(ByteBuffer(string: "event: stream\nid: \(place)\ndata: \(data.line)\n\n"))
        } catch { return .failure(error) }
    }
}

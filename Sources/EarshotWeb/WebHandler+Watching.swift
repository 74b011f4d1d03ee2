import EarshotControl
import EarshotText
import NIOCore
import NIOHTTP1

/// What is not for people: how the node is, in numbers, and what programs post to be said.
extension WebHandler {
    /// Bytes of a post to a hook at most.
    static let mostOfPost = 64 << 10

    /// 200 while the node takes messages in and keeps them, else 503.
    func tellHealth(_ context: ChannelHandlerContext) {
        self.stage = .waiting
        self.answered(by: Methods.Status(), context) { handler, context, status in
            let isWell = status.disk == .ok
            let text = isWell ? "ok\n" : "disk: \(status.disk.rawValue)\n"
            handler.write(
                isWell ? .ok : .serviceUnavailable, WebHeaders.api + [("Content-Type", "text/plain")],
                Array(text.utf8), context)
        }
    }

    func tellMetrics(_ context: ChannelHandlerContext) throws(WebError) {
        guard self.desk.servesMetrics else {
            throw WebError(.noMetrics)
        }
        self.stage = .waiting
        self.answered(by: Methods.ReadMetrics(), context) { handler, context, metrics in
            let fields = WebHeaders.api + [("Content-Type", PrometheusText.type)]
            handler.write(.ok, fields, Array(PrometheusText.text(metrics).utf8), context)
        }
    }

    /// Has the node say what a program posted.
    func take(hook name: String, _ head: HTTPRequestHead, _ body: ByteBuffer, _ context: ChannelHandlerContext)
        throws(WebError)
    {
        let refused = WebError(.notSigned)
        guard let hooks = self.desk.hooks else { throw refused }
        let (times, signatures) = (head.headers["x-earshot-timestamp"], head.headers["x-earshot-signature"])
        guard times.count == 1, signatures.count == 1 else { throw refused }
        self.stage = .waiting
        let post = HookPost(
            name: name, timestamp: times[0], signature: signatures[0], body: Array(body.readableBytesView))
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        let loop = context.eventLoop
        hooks.take(post) { result in
            loop.execute {
                let (handler, context) = bound.value
                guard case .waiting = handler.stage else { return }
                switch result {
                case .success(let sent):
                    handler.write(json: ["sent": .integer(Int64(clamping: sent.count))], context)
                case .failure(.notSigned): handler.refuse(refused, context, isWhole: true)
                case .failure(.badBody(let why)): handler.refuse(WebError(.badRequest, why), context, isWhole: true)
                case .failure(.tooMany):
                    handler.refuse(WebError(.manyPosts), context, isWhole: true)
                case .failure(.refused(let error)):
                    handler.refuse(WebError(.notSaid, error.message), context, isWhole: true)
                }
            }
        }
    }
}

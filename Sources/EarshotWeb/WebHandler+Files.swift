import EarshotControl
import EarshotModel
import EarshotText
import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix

/// Files and pictures.
extension WebHandler {
    /// Asks the node where a file is, and has it sent.
    func fetch(_ transfer: String, _ index: Int, _ asked: DownloadJob.Asked, _ context: ChannelHandlerContext) {
        self.stage = .waiting
        self.answered(by: Methods.TransferFiles(transfer), context) { handler, context, files throws(WebError) in
            guard files.indices.contains(index) else {
                throw WebError(.noFile)
            }
            handler.handOver(.download(DownloadJob(path: files[index].path, asked: asked)), ByteBuffer(), context)
        }
    }

    /// A picture that somebody shows of themselves; of an id it is always the same.
    func picture(of person: String, _ id: String, _ context: ChannelHandlerContext) {
        self.stage = .waiting
        self.answered(by: Methods.GetPicture(person), context) { handler, context, picture throws(WebError) in
            guard picture.picture == id, let bytes = Base64.decode(picture.data),
                let type = MediaKind.of(bytes.prefix(MediaKind.looked)),
                type == picture.type
            else { throw WebError(.noPicture) }
            var fields = WebHeaders.file.filter { $0.0 != "Cache-Control" }
            fields += [("Cache-Control", "private, max-age=31536000, immutable"), ("Content-Type", type)]
            handler.write(.ok, fields, bytes, context)
        }
    }

    /// Asks the door something on behalf of the page.
    func answered<One: Method>(
        by method: One, _ context: ChannelHandlerContext,
        _ body: @escaping @Sendable (WebHandler, ChannelHandlerContext, One.Answer) throws(WebError) -> Void
    ) {
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        let loop = context.eventLoop
        self.desk.door.ask(method, from: self.desk.caller) { result in
            loop.execute {
                let (handler, context) = bound.value
                guard case .waiting = handler.stage else { return }
                do throws(WebError) {
                    switch result {
                    case .success(let answer): try body(handler, context, answer)
                    case .failure(let error): throw WebError(.notFound, error.message)
                    }
                } catch { handler.refuse(error, context, isWhole: true) }
            }
        }
    }

    /// The connection leaves the loop, with what came of a body.
    func handOver(_ job: FileJob, _ early: ByteBuffer, _ context: ChannelHandlerContext) {
        guard !self.desk.files.isFull else {
            self.desk.ended(job, isWhole: false)
            context.channel.setOption(.autoRead, value: true).whenFailure { _ in }
            return self.refuse(WebError(.manyFiles), context)
        }
        let descriptor = try? context.pipeline.syncOperations.withUnsafeTransportIfAvailable(
            of: NIOBSDSocket.Handle.self
        ) { fcntl($0, F_DUPFD_CLOEXEC, 0) }
        self.stage = .over
        context.close(promise: nil)
        guard let descriptor, descriptor >= 0 else { return self.desk.ended(job, isWhole: false) }
        let desk = NIOLoopBound(self.desk, eventLoop: context.eventLoop)
        self.desk.files.begin(job, descriptor, early: Array(early.readableBytesView)) { isWhole in
            desk.eventLoop.execute { desk.value.ended(job, isWhole: isWhole) }
        }
    }
}

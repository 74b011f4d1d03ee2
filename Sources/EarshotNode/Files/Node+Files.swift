import EarshotControl
import EarshotModel
import EarshotNetwork
import EarshotRules
import EarshotStore
import EarshotTransfer
import EarshotVault
import EarshotWire
import FoundationEssentials
import Glibc
import Logging
import NIOCore
import NIOPosix
import Noise

/// Where the rules of transfers meet channels, threads and files.
extension Node {
    /// Ms that someone who opened a bulk channel has to say what for.
    private static let greeting = Limits.firstFrameTime

    func listingPath(_ share: ShareID) -> String { self.directory.shares + "/\(share)" }
    /// Where copies lie of what is offered and has no length of its own.
    func copiesPath(_ share: ShareID) -> String { self.listingPath(share) + Self.copies }
    static let copies = ".copies"

    // MARK: channels that others open

    func greet(_ channel: BulkChannel, _ state: inout RunState) {
        guard
            state.files.transfers.admits(
                channel.introduction.device,
                isStranger: !state.engine.talks(channel.introduction.person, channel.introduction.device))
        else { return }
        let mailbox = self.mailbox
        let isBegun = TransferWorker.detach {
            let incoming = try? channel.receive(within: Self.greeting)
            if case .frame(let frame)? = incoming {
                mailbox.post(.greeted(channel, frame))
            } else {
                mailbox.post(.greeted(channel, nil))
            }
        }
        if !isBegun { mailbox.post(.greeted(channel, nil)) }
    }

    func greeted(_ channel: BulkChannel, _ frame: BulkFrame?, _ state: inout RunState, _ now: Moment) -> [Effect] {
        let introduction = channel.introduction
        state.files.transfers.greeted(introduction.device)
        guard let frame else { return [] }
        if case .join(let handshake) = frame {
            state.files.transfers.worker(on: handshake, with: introduction.device)?.admit(channel)
            return []
        }
        let source: BulkFrame.Source? = if case .source(let source) = frame { source } else { nil }
        let id = state.files.transfers.keep(channel, source)
        return state.engine.handle(
            .bulk(.asked(id, introduction.person, introduction.device, handshake: introduction.handshakeHash, frame)),
            at: now)
    }

    // MARK: workers

    func carried(_ worker: TransferWorker, _ event: BulkEvent, _ state: inout RunState, _ now: Moment) -> [Effect] {
        if case .ended = event, state.files.transfers.endedPassing(worker) { return [] }
        if case .gives = event, !state.files.transfers.promote(worker) { return [] }
        guard state.files.transfers.counts(worker) else { return [] }
        if case .ended(_, let end) = event {
            self.log.info("transfer \(worker.id.description.prefix(8)): \(end)")
            state.files.news.ended(worker.id)
            if let transfer = state.files.transfers.ended(worker) { self.discard(transfer) }
        }
        return state.engine.handle(.bulk(event), at: now)
    }

    private func worker(_ transfer: Transfer, _ device: DeviceID) -> TransferWorker {
        let mailbox = self.mailbox
        return TransferWorker(
            transfer.id, with: device, more: { worker, count in self.callMore(min(count, Subflows.most), for: worker) },
            tell: { worker, event in mailbox.post(.carried(worker, event)) })
    }

    private func worker(_ transfer: Transfer, _ device: DeviceID, _ state: inout RunState) -> TransferWorker {
        let worker = self.worker(transfer, device)
        state.files.transfers.begin(worker)
        return worker
    }

    /// Opens channels beside the one a worker works on, two at a time: a door lets only so many in at once.
    func callMore(_ count: Int, for worker: TransferWorker) {
        self.callMore(count - count / 2, tries: 4, for: worker)
        self.callMore(count / 2, tries: 4, for: worker)
    }

    /// One after the other; where packets get lost, calls do too.
    private func callMore(_ count: Int, tries: Int, for worker: TransferWorker) {
        guard count > 0, tries > 0, !worker.isHalted, let endpoint = worker.endpoint, let handshake = worker.handshake
        else { return }
        self.transport.dialBulk(endpoint, worker.device) { channel in
            guard let channel else { return self.callMore(count, tries: tries - 1, for: worker) }
            // It joins once it has said where it belongs.
            TransferWorker.detach {
                if (try? channel.send(.join(handshake))) != nil { worker.join(channel) }
                self.callMore(count - 1, tries: tries, for: worker)
            }
        }
    }

    func perform(_ order: BulkOrder, _ state: inout RunState) {
        switch order {
        case .callToFetch(let plan):
            let worker = self.worker(plan.transfer, plan.device, &state)
            let work = self.work(on: plan, source: nil, &state)
            self.dial(plan.endpoints[...], plan.device) { channel, endpoint in worker.start(channel, at: endpoint, work)
            }
        case .callToGive(let transfer, let share, let isProven, let device, let endpoint):
            let worker = self.worker(transfer, device, &state)
            let giving = self.giving(share, isProven, state)
            self.transport.dialBulk(endpoint, device) { channel in worker.start(channel, at: endpoint, giving.run) }
        case .receive(let plan, let bulk):
            guard let (channel, source) = state.files.transfers.take(bulk) else { return }
            let work = self.work(on: plan, source: source, &state)
            self.worker(plan.transfer, plan.device, &state).start(channel, work)
        case .give(let transfer, let share, let isProven, let bulk):
            guard let (channel, _) = state.files.transfers.take(bulk) else { return }
            self.worker(transfer, channel.introduction.device, &state).start(
                channel, self.giving(share, isProven, state).run)
        case .show(let transfer, let share, let isProven, let bulk):
            guard let (channel, _) = state.files.transfers.take(bulk) else { return }
            let worker = self.worker(transfer, channel.introduction.device)
            state.files.transfers.beginPassing(worker, to: channel.introduction.person)
            worker.start(channel, self.giving(share, isProven, state).run)
        case .callToShow(let transfer, let share, let isProven, let device, let endpoint):
            let worker = self.worker(transfer, device)
            state.files.transfers.beginPassing(worker, to: transfer.person)
            let giving = self.giving(share, isProven, state)
            self.transport.dialBulk(endpoint, device) { channel in worker.start(channel, at: endpoint, giving.run) }
        case .recover(let transfer): self.recover(transfer, &state)
        case .tidy(let transfer): self.tidy(transfer)
        case .passOn(let transfer, let bulk):
            guard let (channel, _) = state.files.transfers.take(bulk) else { return }
            let worker = self.worker(transfer, channel.introduction.device)
            state.files.transfers.beginPassing(worker, to: channel.introduction.person)
            worker.start(
                channel,
                Forwarder(
                    transfer, chunks: state.files.transfers.chunks(transfer.id, in: self.directory.proofs),
                    throttle: self.throttle
                ).run)
        case .refer(let bulk, let referral):
            guard let (channel, _) = state.files.transfers.take(bulk) else { return }
            TransferWorker.detach { channel.part(with: .refer(referral)) }
        case .refuse(let bulk, let reason):
            guard let (channel, _) = state.files.transfers.take(bulk) else { return }
            TransferWorker.detach { channel.part(with: .stop(reason, "")) }
        case .halt(let id, let reason): state.files.transfers.workers[id]?.halt(reason)
        case .haltPassing(let person, let device): state.files.transfers.haltPassing(to: person, device)
        case .confirm(let id, let have): state.files.transfers.workers[id]?.confirm(have)
        case .discard(let transfer): if state.files.transfers.discard(transfer) { self.discard(transfer) }
        case .forget(let share): self.forget(share, &state)
        }
    }

    /// Puts in its place what has come whole.
    private func recover(_ transfer: Transfer, _ state: inout RunState) {
        let worker = self.worker(transfer, transfer.device, &state)
        let completion = Completion(
            transfer, chunks: state.files.transfers.chunks(transfer.id, in: self.directory.proofs))
        let isBegun = TransferWorker.detach {
            let end = completion.run { worker.post(.noted(worker.id, $0)) }
            worker.post(.ended(worker.id, end))
        }
        if !isBegun { worker.post(.ended(worker.id, .incomplete)) }
    }

    private func tidy(_ transfer: Transfer) {
        let mailbox = self.mailbox
        let isBegun = TransferWorker.detach {
            if let path = transfer.folder { DownloadFolder(existing: path)?.discard(transfer.id.description) }
            mailbox.post(.tidied(transfer))
        }
        if !isBegun { mailbox.post(.tidied(transfer)) }
    }

    /// Nobody wants a share of ours any more.
    private func forget(_ share: Share, _ state: inout RunState) {
        state.files.grown(share.id)
        unlink(self.listingPath(share.id))
        CopyFolder.remove(self.copiesPath(share.id))
        for root in share.roots { self.unspool(root.path, state.engine) }
        state.files.transfers.growths[share.id] = nil
    }

    /// What lies in the spool is ours to remove, once nothing that is offered needs it.
    private func unspool(_ path: String, _ engine: Engine) {
        if self.isSpooled(path) { return _ = unlink(path) }
        if let upload = self.upload(of: path) { self.remove(upload: upload, engine) }
    }

    /// A folder of what a browser brought.
    func remove(upload: String, _ engine: Engine) {
        guard !engine.offers(inside: upload) else { return }
        TransferWorker.detach { try? FileManager.default.removeItem(atPath: upload) }
    }

    /// What is to be done with a plan: fetching all of it, or looking at its listing.
    private func work(
        on plan: FetchPlan, source: BulkFrame.Source?, _ state: inout RunState
    ) -> @Sendable (TransferWorker, BulkChannel) throws -> BulkEnd {
        let seen = state.files.transfers.seen
        if plan.looks { return ListingFetch(plan, me: self.identity.device, source: source, seen: seen).run }
        return Receiver(
            plan, me: self.identity.device, source: source,
            chunks: state.files.transfers.chunks(plan.transfer.id, in: self.directory.proofs), seen: seen
        ).run
    }

    private func giving(_ share: Share, _ isProven: Bool, _ state: RunState) -> Sender {
        Sender(
            share, listing: self.listingPath(share.id), copies: self.copiesPath(share.id),
            growth: state.files.transfers.growths[share.id], signer: isProven ? self.identity.signing : nil,
            throttle: self.throttle)
    }

    /// One address after the other.
    private func dial(
        _ endpoints: ArraySlice<Endpoint>, _ device: DeviceID,
        then: @escaping @Sendable (BulkChannel?, Endpoint?) -> Void
    ) {
        guard let first = endpoints.first else { return then(nil, nil) }
        self.transport.dialBulk(first, device) { channel in
            if let channel { then(channel, first) } else { self.dial(endpoints.dropFirst(), device, then: then) }
        }
    }

    private func discard(_ transfer: Transfer) {
        guard let path = transfer.folder else { return }
        TransferWorker.detach { DownloadFolder(existing: path)?.discard(transfer.id.description) }
    }

    /// What is over leaves nothing where it was put together, also if we were stopped before that was seen to.
    func tidyEnded() {
        guard let ended = try? self.store.ended(limit: 200) else { return }
        for transfer in ended { self.discard(transfer) }
    }

    /// What our own people want of transfers, where it concerns channels.
    func heed(_ settings: FilesSettings) { self.throttle.set(total: settings.rate, perDevice: settings.ratePerDevice) }

    /// Listings and piped things that belong to no offer, left by a crash; and what a program that takes from a pipe
    /// left, if it is gone.
    func sweep(_ engine: Engine) {
        let used = Set(engine.usedShares.map(\.description))
        for (folder, keep) in [(self.directory.shares, used), (self.directory.spool, engine.spooled)] {
            for name in StateDirectory.names(in: folder) {
                let isCopies = name.hasSuffix(Self.copies)
                guard !keep.contains(isCopies ? String(name.dropLast(Self.copies.count)) : name) else { continue }
                if isCopies { CopyFolder.remove("\(folder)/\(name)") } else { unlink("\(folder)/\(name)") }
            }
        }
        for name in StateDirectory.names(in: self.directory.spool) where name.hasPrefix(Self.uploads) {
            let path = "\(self.directory.spool)/\(name)"
            guard !engine.offers(inside: path) else { continue }
            TransferWorker.detach { try? FileManager.default.removeItem(atPath: path) }
        }
        // `recv -o -` takes into a folder of its own, and is gone.
        let wanted = Set(engine.openTransfers.compactMap(\.folder))
        for name in StateDirectory.names(in: self.directory.spool) where name.hasPrefix("out.") {
            let path = "\(self.directory.spool)/\(name)"
            guard let process = pid_t(name.dropFirst(4)), kill(process, 0) != 0, !wanted.contains(path) else {
                continue
            }
            try? FileManager.default.removeItem(atPath: path)
        }
    }

    /// What came whole before we were started anew, and others may have from us.
    func recallRelays(_ state: inout RunState) {
        var found: [(transfer: Transfer, chunks: ChunkStore)] = []
        for name in StateDirectory.names(in: self.directory.proofs) {
            let path = "\(self.directory.proofs)/\(name)"
            let transfer = try? self.store.transfers(idPrefix: name).first {
                $0.id.description == name && $0.isIncoming && $0.state == .complete
            }
            if let transfer, let chunks = ChunkStore(again: transfer, path: path) {
                found.append((transfer, chunks))
            } else {
                unlink(path)
            }
        }
        found.sort { $0.transfer.at < $1.transfer.at }
        for (transfer, chunks) in found { state.files.transfers.keep(chunks, transfer.id) }
        state.engine.passOn(found.suffix(Limits.passed).map(\.transfer))
    }

    /// A caller has gone: what they wrote will not be finished, and nobody reads what they took from a pipe.
    func left(_ caller: CallerID, _ state: inout RunState, _ now: Moment) -> [Effect] {
        state.callers.waiting.leave(caller)
        var effects = self.leftTrust(caller, &state)
        for (id, folder) in state.files.leaveStreams(caller) {
            effects += state.engine.putBack(id)
            // Whatever was for them alone; the folder is named after their process.
            TransferWorker.detach { try? FileManager.default.removeItem(atPath: folder) }
        }
        let abandoned = state.files.shares(grownBy: caller)
        if !abandoned.isEmpty { effects += state.engine.abandonOpenShares({ abandoned.contains($0.id) }, at: now) }
        return effects
    }

    /// What programs took from pipes before we were started anew: they are gone, and the offers wait again.
    func putBackStreams(_ state: inout RunState) -> [Effect] {
        let path = self.directory.path
        let streams = state.engine.openTransfers.filter {
            $0.isIncoming && $0.folder.map { Destination.isStream($0, state: path) } ?? false
        }
        return streams.flatMap { state.engine.putBack($0.id) }
    }
}

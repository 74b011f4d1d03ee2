import EarshotControl
import EarshotModel
import EarshotNetwork
import EarshotRules
import EarshotStore
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
    private static let copies = ".copies"

    // MARK: channels that others open

    func greet(_ channel: BulkChannel, _ state: inout RunState) {
        guard
            state.transfers.admits(
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
        state.transfers.greeted(introduction.device)
        guard let frame else { return [] }
        if case .join(let handshake) = frame {
            state.transfers.worker(on: handshake, with: introduction.device)?.admit(channel)
            return []
        }
        let source: BulkFrame.Source? = if case .source(let source) = frame { source } else { nil }
        let id = state.transfers.keep(channel, source)
        return state.engine.handle(
            .bulk(.asked(id, introduction.person, introduction.device, handshake: introduction.handshakeHash, frame)),
            at: now)
    }

    // MARK: workers

    func carried(_ worker: TransferWorker, _ event: BulkEvent, _ state: inout RunState, _ now: Moment) -> [Effect] {
        if case .ended = event, state.transfers.endedPassing(worker) { return [] }
        guard state.transfers.counts(worker) else { return [] }
        if case .ended(_, let end) = event {
            self.log.info("transfer \(worker.id.description.prefix(8)): \(end)")
            if let transfer = state.transfers.ended(worker) { self.discard(transfer) }
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
        state.transfers.begin(worker)
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
            guard let (channel, source) = state.transfers.take(bulk) else { return }
            let work = self.work(on: plan, source: source, &state)
            self.worker(plan.transfer, plan.device, &state).start(channel, work)
        case .give(let transfer, let share, let isProven, let bulk):
            guard let (channel, _) = state.transfers.take(bulk) else { return }
            self.worker(transfer, channel.introduction.device, &state).start(
                channel, self.giving(share, isProven, state).run)
        case .show(let transfer, let share, let isProven, let bulk):
            guard let (channel, _) = state.transfers.take(bulk) else { return }
            let worker = self.worker(transfer, channel.introduction.device)
            state.transfers.beginPassing(worker)
            worker.start(channel, self.giving(share, isProven, state).run)
        case .callToShow(let transfer, let share, let isProven, let device, let endpoint):
            let worker = self.worker(transfer, device)
            state.transfers.beginPassing(worker)
            let giving = self.giving(share, isProven, state)
            self.transport.dialBulk(endpoint, device) { channel in worker.start(channel, at: endpoint, giving.run) }
        case .recover(let transfer):
            let worker = self.worker(transfer, transfer.device, &state)
            let recovering = Completion(
                transfer: transfer, chunks: state.transfers.chunks(transfer.id, in: self.directory.proofs))
            let isBegun = TransferWorker.detach {
                let end = recovering.run { worker.post(.noted(worker.id, $0)) }
                worker.post(.ended(worker.id, end))
            }
            if !isBegun { worker.post(.ended(worker.id, .incomplete)) }
        case .tidy(let transfer):
            let mailbox = self.mailbox
            let isBegun = TransferWorker.detach {
                if let path = transfer.folder { DownloadFolder(existing: path)?.discard(transfer.id.description) }
                mailbox.post(.tidied(transfer))
            }
            if !isBegun { mailbox.post(.tidied(transfer)) }
        case .passOn(let transfer, let bulk):
            guard let (channel, _) = state.transfers.take(bulk) else { return }
            let worker = self.worker(transfer, channel.introduction.device)
            state.transfers.beginPassing(worker)
            worker.start(
                channel,
                Forwarder(
                    transfer: transfer, chunks: state.transfers.chunks(transfer.id, in: self.directory.proofs),
                    throttle: self.throttle
                ).run)
        case .refer(let bulk, let referral):
            guard let (channel, _) = state.transfers.take(bulk) else { return }
            TransferWorker.detach { try? channel.send(.refer(referral)) }
        case .refuse(let bulk, let reason):
            guard let (channel, _) = state.transfers.take(bulk) else { return }
            TransferWorker.detach { try? channel.send(.stop(reason, "")) }
        case .halt(let id, let reason): state.transfers.workers[id]?.halt(reason)
        case .confirm(let id, let have): state.transfers.workers[id]?.confirm(have)
        case .discard(let transfer): if state.transfers.discard(transfer) { self.discard(transfer) }
        case .forget(let share):
            state.transfers.growers[share.id] = nil
            unlink(self.listingPath(share.id))
            CopyFolder.remove(self.copiesPath(share.id))
            for root in share.roots where self.isSpooled(root.path) { unlink(root.path) }
            state.transfers.growths[share.id] = nil
        }
    }

    /// What is to be done with a plan: fetching all of it, or looking at its listing.
    private func work(
        on plan: FetchPlan, source: BulkFrame.Source?, _ state: inout RunState
    ) -> @Sendable (TransferWorker, BulkChannel) throws -> BulkEnd {
        if plan.looks { return ListingFetch(plan: plan, me: self.identity.device, source: source).run }
        return Receiver(
            plan, me: self.identity.device, source: source,
            chunks: state.transfers.chunks(plan.transfer.id, in: self.directory.proofs)
        ).run
    }

    private func giving(_ share: Share, _ isProven: Bool, _ state: RunState) -> Sender {
        Sender(
            share: share, listing: self.listingPath(share.id), copies: self.copiesPath(share.id),
            growth: state.transfers.growths[share.id], signer: isProven ? self.identity.signing : nil,
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
        for (transfer, chunks) in found { state.transfers.keep(chunks, transfer.id) }
        state.engine.passOn(found.suffix(Limits.passed).map(\.transfer))
    }

    // MARK: offering

    /// Whether it lies in the spool itself, where things are ours to remove.
    private func isSpooled(_ path: String) -> Bool {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        guard let name = parts.last, !["", ".", ".."].contains(name) else { return false }
        return parts.dropLast().joined(separator: "/") == self.directory.spool
    }

    /// What a program writes into `path`, in the spool, as long as it stays at the door.
    func offer(
        open path: String, as name: String, to persons: [PersonID], _ caller: CallerID, _ state: inout RunState,
        _ now: Moment
    ) throws -> (JSON, [Effect]) {
        guard self.isSpooled(path) else {
            throw DoorError(.badParameters, "What is still being written lies in \(self.directory.spool).")
        }
        guard name.utf8.count <= Limits.offerName, !name.contains("/"), !name.isEmpty else {
            throw DoorError(.badParameters, "That is no name for a file.")
        }
        let listing = try Listing([
            .init(
                kind: .file, path: [name], size: 0,
                modified: FileTime(milliseconds: Int64(clamping: now.wall.milliseconds)))
        ]).encoded
        let key = randomBytes(32)
        let share = Share(
            id: Derive.share(key: key), key: key, roots: [.init(name: name, path: path)],
            listing: UInt64(listing.count), size: 0, isOpen: true)
        let offer = FileOffer(key: key, name: name, files: 1, size: 0, isOpen: true, type: MediaType.of(name))
        // The listing first: an offer on disk has one. Without the offer it is swept away.
        try ListingFile.write(listing, self.listingPath(share.id))
        let (said, effects): ([Engine.SentMessage], [Effect])
        do {
            (said, effects) = try state.engine.offer(offer, share, to: persons, at: now)
        } catch {
            unlink(self.listingPath(share.id))
            throw error
        }
        let sent = zip(said, persons).map { said, person -> JSON in
            var object = self.sent(said.id, person, .init(), state.engine).object ?? [:]
            object["file"] = self.offerJSON(offer)
            object["share"] = .string(share.id.description)
            return .object(object)
        }
        state.transfers.growths[share.id] = Growth(size: 0, isOpen: true)
        state.transfers.growers[share.id] = caller
        return (.array(sent), effects)
    }

    /// It has grown, or is complete.
    func grew(_ text: String, _ size: Int64, _ isOpen: Bool, _ caller: CallerID, _ state: inout RunState, _ now: Moment)
        throws -> (JSON, [Effect])
    {
        guard let share = Base32.decode(text).flatMap({ ShareID($0) }), state.transfers.growers[share] == caller,
            let growth = state.transfers.growths[share]
        else {
            throw DoorError(.unknownName, "There is nothing of that name that grows.")
        }
        growth.set(size: UInt64(clamping: size), isOpen: isOpen)
        if isOpen { return (.object([:]), []) }
        state.transfers.growers[share] = nil
        return (
            .object([:]), state.engine.handle(.bulk(.grew(share, size: UInt64(clamping: size), isOpen: false)), at: now)
        )
    }

    /// A caller has gone: what they wrote will not be finished, and nobody reads what they took from a pipe.
    func left(_ caller: CallerID, _ state: inout RunState, _ now: Moment) -> [Effect] {
        state.waiting.removeAll { $0.caller == caller }
        state.beginning.removeAll { $0.caller == caller }
        let streams = state.transfers.streams.filter { $0.value.caller == caller }.sorted { $0.key < $1.key }
        var effects: [Effect] = []
        for (id, stream) in streams {
            state.transfers.streams[id] = nil
            effects += state.engine.putBack(id)
            // Whatever was for them alone; the folder is named after their process.
            TransferWorker.detach { try? FileManager.default.removeItem(atPath: stream.folder) }
        }
        let abandoned = Set(state.transfers.growers.filter { $0.value == caller }.keys)
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

    /// What lay at the paths that are to be offered.
    struct Offered: Sendable {
        let offer: FileOffer
        let share: Share
        /// What does not go, and what goes under another name.
        let notes: TransferNotes
    }

    /// What a person wants to offer, looked at beside the loop.
    struct Surveyed: Sendable {
        let to: [PersonID]
        let waits: (wait: Request.Wait, timeout: Int64, caller: CallerID)
        let reply: @Sendable (Result<JSON, DoorError>) -> Void
        let result: Result<Offered, DoorError>
    }

    func survey(
        _ paths: [String], as name: String?, to persons: [PersonID],
        _ waits: (wait: Request.Wait, timeout: Int64, caller: CallerID),
        _ reply: @escaping @Sendable (Result<JSON, DoorError>) -> Void
    ) {
        let mailbox = self.mailbox
        let folder = self.directory.shares
        NIOSingletons.posixBlockingThreadPool.submit { _ in
            let result = Result { try Self.survey(paths, as: name, into: folder) }.mapError { error -> DoorError in
                switch error {
                case let error as DoorError: error
                case let failure as Survey.Failure: DoorError(.badParameters, failure.description)
                case ProtocolError.tooMuch("listing"): DoorError(.badParameters, Survey.Failure.tooMany.description)
                case let error as VaultError: DoorError(.disk, error.description)
                default: Self.explain(error)
                }
            }
            mailbox.post(.surveyed(Surveyed(to: persons, waits: waits, reply: reply, result: result)))
        }
    }

    private static func survey(_ paths: [String], as name: String?, into folder: String) throws -> Offered {
        guard paths.count == 1 || name == nil else {
            throw DoorError(.badParameters, "One name cannot be given to several things.")
        }
        let key = randomBytes(32)
        let id = Derive.share(key: key)
        let file = try DraftFile(for: "\(folder)/\(id)")
        var listing = ListingDraft()
        let copies = CopyFolder(path: "\(folder)/\(id)\(self.copies)")
        var isDone = false
        defer { if !isDone { CopyFolder.remove(copies.path) } }
        let survey = try Survey(of: paths, as: name, copies: copies) { entry in
            switch entry.kind {
            case .file:
                try listing.add(.init(kind: .file, path: entry.path, size: entry.size, modified: entry.modified))
            case .folder: try listing.add(.init(kind: .folder, path: entry.path, size: 0, modified: entry.modified))
            case .omitted(let reason): try listing.add(.init(omitted: entry.path, reason))
            }
            if listing.bytes.count >= 65_536 { try file.append(listing.take()) }
        }
        guard let first = survey.roots.first else { throw DoorError(.badParameters, "There is nothing to send.") }
        try file.append(listing.take())
        try file.place()
        let type = listing.files == 1 && !survey.isFolder ? MediaType.of(first.name) : ""
        let isSeen = type.hasPrefix("image/") && type != "image/svg+xml"
        let isHeard = type.hasPrefix("audio/") || type.hasPrefix("video/")
        let offer = FileOffer(
            key: key, name: first.name, isFolder: survey.isFolder, tops: UInt32(clamping: survey.roots.count),
            files: UInt64(listing.files), size: listing.size, type: type,
            picture: isSeen
                ? Preview.picture(
                    of: first.path, size: listing.size, most: Limits.offerPicture, scratch: "\(folder)/\(id).png") : [],
            duration: isHeard ? Preview.duration(of: first.path) : 0)
        isDone = true
        let share = Share(
            id: id, key: key, roots: survey.roots, listing: UInt64(listing.length), size: listing.size, isOpen: false)
        return Offered(offer: offer, share: share, notes: survey.notes)
    }

    func offer(_ surveyed: Surveyed, _ state: inout RunState, _ answers: inout [Answer], _ now: Moment) -> [Effect] {
        do {
            let offered = try surveyed.result.get()
            let (said, effects) = try state.engine.offer(
                offered.offer, offered.share, offered.notes, to: surveyed.to, at: now)
            switch surveyed.waits.wait {
            case .queued:
                let sent = zip(said, surveyed.to).map { said, person -> JSON in
                    var object = self.sent(said.id, person, .init(), state.engine).object ?? [:]
                    object["file"] = self.offerJSON(offered.offer)
                    object.merge(self.json(offered.notes)) { $1 }
                    return .object(object)
                }
                answers.append(Answer(result: .success(.array(sent)), reply: surveyed.reply))
            case .delivered, .read:
                let until = Self.end(of: surveyed.waits.timeout, now)
                state.beginning.append(
                    .init(
                        said: said, to: surveyed.to, wait: surveyed.waits.wait, caller: surveyed.waits.caller,
                        isOffer: true, until: until,
                        reply: surveyed.reply))
            }
            return effects
        } catch {
            if case .success(let offered) = surveyed.result, !state.engine.usedShares.contains(offered.share.id) {
                unlink(self.listingPath(offered.share.id))
                CopyFolder.remove(self.copiesPath(offered.share.id))
            }
            answers.append(Answer(result: .failure(Self.explain(error)), reply: surveyed.reply))
            return []
        }
    }
}

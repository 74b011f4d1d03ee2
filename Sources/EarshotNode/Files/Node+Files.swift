import EarshotControl
import EarshotModel
import EarshotNetwork
import EarshotProtocol
import EarshotStore
import EarshotVault
import FoundationEssentials
import Glibc
import Logging
import NIOCore
import NIOPosix
import Noise

/// Where the rules of transfers meet lines, threads and files.
extension Node {
    /// Ms that someone who opened a bulk line has to say what for.
    private static let greeting = Limits.firstFrameTime

    func listingPath(_ share: ShareID) -> String { self.directory.shares + "/\(share)" }
    /// Where copies lie of what is offered and has no length of its own.
    func copiesPath(_ share: ShareID) -> String { self.listingPath(share) + Self.copies }
    private static let copies = ".copies"

    // MARK: lines that others open

    func greet(_ line: BulkLine, _ state: inout RunState) {
        guard state.carrying.admits(line.introduction.device, isStranger: !state.engine.talks(line.introduction.person, line.introduction.device)) else { return }
        let mailbox = self.mailbox
        let isBegun = Porter.detach {
            let incoming = try? line.receive(within: Self.greeting)
            if case .frame(let frame)? = incoming { mailbox.post(.greeted(line, frame)) } else { mailbox.post(.greeted(line, nil)) }
        }
        if !isBegun { mailbox.post(.greeted(line, nil)) }
    }

    func greeted(_ line: BulkLine, _ frame: BulkFrame?, _ state: inout RunState, _ now: Moment) -> [Effect] {
        let introduction = line.introduction
        state.carrying.greeted(introduction.device)
        guard let frame else { return [] }
        if case .join(let handshake) = frame {
            state.carrying.porter(on: handshake, with: introduction.device)?.admit(line)
            return []
        }
        let source: BulkFrame.Source? = if case .source(let source) = frame { source } else { nil }
        let id = state.carrying.keep(line, source)
        return state.engine.handle(.bulk(.asked(id, introduction.person, introduction.device, handshake: introduction.handshakeHash, frame)), at: now)
    }

    // MARK: porters

    func carried(_ porter: Porter, _ event: BulkEvent, _ state: inout RunState, _ now: Moment) -> [Effect] {
        if case .ended = event, state.carrying.endedPassing(porter) { return [] }
        guard state.carrying.counts(porter) else { return [] }
        if case .ended(_, let end) = event {
            self.log.info("transfer \(porter.id.description.prefix(8)): \(end)")
            if let transfer = state.carrying.ended(porter) { self.discard(transfer) }
        }
        return state.engine.handle(.bulk(event), at: now)
    }

    private func porter(_ transfer: Transfer, _ device: DeviceID) -> Porter {
        let mailbox = self.mailbox
        return Porter(
            transfer.id, with: device, more: { porter, count in self.callMore(min(count, Strands.most), for: porter) },
            tell: { porter, event in mailbox.post(.carried(porter, event)) })
    }

    private func porter(_ transfer: Transfer, _ device: DeviceID, _ state: inout RunState) -> Porter {
        let porter = self.porter(transfer, device)
        state.carrying.begin(porter)
        return porter
    }

    /// Opens lines beside the one a porter works on, two at a time: a door lets only so many in at once.
    func callMore(_ count: Int, for porter: Porter) {
        self.callMore(count - count / 2, tries: 4, for: porter)
        self.callMore(count / 2, tries: 4, for: porter)
    }

    /// One after the other; where packets get lost, calls do too.
    private func callMore(_ count: Int, tries: Int, for porter: Porter) {
        guard count > 0, tries > 0, !porter.isHalted, let endpoint = porter.endpoint, let handshake = porter.handshake else { return }
        self.line.dialBulk(endpoint, porter.device) { line in
            guard let line else { return self.callMore(count, tries: tries - 1, for: porter) }
            // It joins once it has said where it belongs.
            Porter.detach {
                if (try? line.send(.join(handshake))) != nil { porter.join(line) }
                self.callMore(count - 1, tries: tries, for: porter)
            }
        }
    }

    func perform(_ order: BulkOrder, _ state: inout RunState) {
        switch order {
        case .callToFetch(let plan):
            let porter = self.porter(plan.transfer, plan.device, &state)
            let work = self.work(on: plan, source: nil, &state)
            self.dial(plan.endpoints[...], plan.device) { line, endpoint in porter.start(line, at: endpoint, work) }
        case .callToGive(let transfer, let share, let isProven, let device, let endpoint):
            let porter = self.porter(transfer, device, &state)
            let giving = self.giving(share, isProven, state)
            self.line.dialBulk(endpoint, device) { line in porter.start(line, at: endpoint, giving.run) }
        case .receive(let plan, let bulk):
            guard let (line, source) = state.carrying.take(bulk) else { return }
            let work = self.work(on: plan, source: source, &state)
            self.porter(plan.transfer, plan.device, &state).start(line, work)
        case .give(let transfer, let share, let isProven, let bulk):
            guard let (line, _) = state.carrying.take(bulk) else { return }
            self.porter(transfer, line.introduction.device, &state).start(line, self.giving(share, isProven, state).run)
        case .show(let transfer, let share, let isProven, let bulk):
            guard let (line, _) = state.carrying.take(bulk) else { return }
            let porter = self.porter(transfer, line.introduction.device)
            state.carrying.beginPassing(porter)
            porter.start(line, self.giving(share, isProven, state).run)
        case .callToShow(let transfer, let share, let isProven, let device, let endpoint):
            let porter = self.porter(transfer, device)
            state.carrying.beginPassing(porter)
            let giving = self.giving(share, isProven, state)
            self.line.dialBulk(endpoint, device) { line in porter.start(line, at: endpoint, giving.run) }
        case .recover(let transfer):
            let porter = self.porter(transfer, transfer.device, &state)
            let recovering = Recovering(transfer: transfer, relay: state.carrying.relay(transfer.id, in: self.directory.proofs))
            let isBegun = Porter.detach {
                let end = recovering.run { porter.post(.noted(porter.id, $0)) }
                porter.post(.ended(porter.id, end))
            }
            if !isBegun { porter.post(.ended(porter.id, .incomplete)) }
        case .tidy(let transfer):
            let mailbox = self.mailbox
            let isBegun = Porter.detach {
                if let path = transfer.folder { DownloadFolder(existing: path)?.discard(transfer.id.description) }
                mailbox.post(.tidied(transfer))
            }
            if !isBegun { mailbox.post(.tidied(transfer)) }
        case .passOn(let transfer, let bulk):
            guard let (line, _) = state.carrying.take(bulk) else { return }
            let porter = self.porter(transfer, line.introduction.device)
            state.carrying.beginPassing(porter)
            porter.start(line, Passing(transfer: transfer, relay: state.carrying.relay(transfer.id, in: self.directory.proofs), throttle: self.throttle).run)
        case .refer(let bulk, let referral):
            guard let (line, _) = state.carrying.take(bulk) else { return }
            Porter.detach { try? line.send(.refer(referral)) }
        case .refuse(let bulk, let reason):
            guard let (line, _) = state.carrying.take(bulk) else { return }
            Porter.detach { try? line.send(.stop(reason, "")) }
        case .halt(let id, let reason): state.carrying.porters[id]?.halt(reason)
        case .confirm(let id, let have): state.carrying.porters[id]?.confirm(have)
        case .discard(let transfer): if state.carrying.discard(transfer) { self.discard(transfer) }
        case .forget(let share):
            state.carrying.growers[share.id] = nil
            unlink(self.listingPath(share.id))
            CopyFolder.remove(self.copiesPath(share.id))
            for root in share.roots where self.isSpooled(root.path) { unlink(root.path) }
            state.carrying.growths[share.id] = nil
        }
    }

    /// What is to be done with a plan: fetching all of it, or looking at its listing.
    private func work(
        on plan: FetchPlan, source: BulkFrame.Source?, _ state: inout RunState
    ) -> @Sendable (Porter, BulkLine) throws -> BulkEnd {
        if plan.looks { return Looking(plan: plan, me: self.identity.device, source: source).run }
        return Taking(plan, me: self.identity.device, source: source, relay: state.carrying.relay(plan.transfer.id, in: self.directory.proofs)).run
    }

    private func giving(_ share: Share, _ isProven: Bool, _ state: RunState) -> Giving {
        Giving(
            share: share, listing: self.listingPath(share.id), copies: self.copiesPath(share.id), growth: state.carrying.growths[share.id], signer: isProven ? self.identity.signing : nil,
            throttle: self.throttle)
    }

    /// One address after the other.
    private func dial(_ endpoints: ArraySlice<Endpoint>, _ device: DeviceID, then: @escaping @Sendable (BulkLine?, Endpoint?) -> Void) {
        guard let first = endpoints.first else { return then(nil, nil) }
        self.line.dialBulk(first, device) { line in
            if let line { then(line, first) } else { self.dial(endpoints.dropFirst(), device, then: then) }
        }
    }

    private func discard(_ transfer: Transfer) {
        guard let path = transfer.folder else { return }
        Porter.detach { DownloadFolder(existing: path)?.discard(transfer.id.description) }
    }

    /// What is over leaves nothing where it was put together, also if we were stopped before that was seen to.
    func tidyEnded() {
        guard let ended = try? self.store.ended(limit: 200) else { return }
        for transfer in ended { self.discard(transfer) }
    }

    /// What our own people want of transfers, where it concerns lines.
    func heed(_ settings: FilesSettings) { self.throttle.set(total: settings.rate, perDevice: settings.ratePerDevice) }

    /// Listings and piped things that belong to no offer, left by a crash; and what a program that takes from a pipe left, if it is gone.
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
            guard let process = pid_t(name.dropFirst(4)), kill(process, 0) != 0, !wanted.contains(path) else { continue }
            try? FileManager.default.removeItem(atPath: path)
        }
    }

    /// What came whole before we were started anew, and others may have from us.
    func recallRelays(_ state: inout RunState) {
        var found: [(transfer: Transfer, relay: Relay)] = []
        for name in StateDirectory.names(in: self.directory.proofs) {
            let path = "\(self.directory.proofs)/\(name)"
            let transfer = try? self.store.transfers(idPrefix: name).first { $0.id.description == name && $0.isIncoming && $0.state == .complete }
            if let transfer, let relay = Relay(again: transfer, path: path) { found.append((transfer, relay)) } else { unlink(path) }
        }
        found.sort { $0.transfer.at < $1.transfer.at }
        for (transfer, relay) in found { state.carrying.keep(relay, transfer.id) }
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
    func offer(open path: String, as name: String, to persons: [PersonID], _ caller: CallerID, _ state: inout RunState, _ now: Moment) throws -> (JSON, [Effect]) {
        guard self.isSpooled(path) else {
            throw DoorError(.badParameters, "What is still being written lies in \(self.directory.spool).")
        }
        guard name.utf8.count <= Limits.offerName, !name.contains("/"), !name.isEmpty else { throw DoorError(.badParameters, "That is no name for a file.") }
        let listing = try Listing([.init(kind: .file, path: [name], size: 0, modified: FileTime(milliseconds: Int64(clamping: now.wall.milliseconds)))]).encoded
        let key = randomBytes(32)
        let share = Share(
            id: Derive.share(key: key), key: key, roots: [.init(name: name, path: path)], listing: UInt64(listing.count), size: 0, isOpen: true)
        let offer = FileOffer(key: key, name: name, files: 1, size: 0, isOpen: true, type: MediaType.of(name))
        // The listing first: an offer on disk has one. Without the offer it is swept away.
        try ListingFile.write(listing, self.listingPath(share.id))
        let (said, effects): ([Engine.Said], [Effect])
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
        state.carrying.growths[share.id] = Growth(size: 0, isOpen: true)
        state.carrying.growers[share.id] = caller
        return (.array(sent), effects)
    }

    /// It has grown, or is complete.
    func grew(_ text: String, _ size: Int64, _ isOpen: Bool, _ caller: CallerID, _ state: inout RunState, _ now: Moment) throws -> (JSON, [Effect]) {
        guard let share = Base32.decode(text).flatMap({ ShareID($0) }), state.carrying.growers[share] == caller, let growth = state.carrying.growths[share] else {
            throw DoorError(.unknownName, "There is nothing of that name that grows.")
        }
        growth.set(size: UInt64(clamping: size), isOpen: isOpen)
        if isOpen { return (.object([:]), []) }
        state.carrying.growers[share] = nil
        return (.object([:]), state.engine.handle(.bulk(.grew(share, size: UInt64(clamping: size), isOpen: false)), at: now))
    }

    /// A caller has gone: what they wrote will not be finished, and nobody reads what they took from a pipe.
    func left(_ caller: CallerID, _ state: inout RunState, _ now: Moment) -> [Effect] {
        state.waiting.removeAll { $0.caller == caller }
        state.beginning.removeAll { $0.caller == caller }
        let streams = state.carrying.streams.filter { $0.value.caller == caller }.sorted { $0.key < $1.key }
        var effects: [Effect] = []
        for (id, stream) in streams {
            state.carrying.streams[id] = nil
            effects += state.engine.putBack(id)
            // Whatever was for them alone; the folder is named after their process.
            Porter.detach { try? FileManager.default.removeItem(atPath: stream.folder) }
        }
        let abandoned = Set(state.carrying.growers.filter { $0.value == caller }.keys)
        if !abandoned.isEmpty { effects += state.engine.abandonOpenShares({ abandoned.contains($0.id) }, at: now) }
        return effects
    }

    /// What programs took from pipes before we were started anew: they are gone, and the offers wait again.
    func putBackStreams(_ state: inout RunState) -> [Effect] {
        let path = self.directory.path
        let streams = state.engine.openTransfers.filter { $0.isIncoming && $0.folder.map { Destination.isStream($0, state: path) } ?? false }
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
        _ paths: [String], as name: String?, to persons: [PersonID], _ waits: (wait: Request.Wait, timeout: Int64, caller: CallerID),
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
        guard paths.count == 1 || name == nil else { throw DoorError(.badParameters, "One name cannot be given to several things.") }
        let key = randomBytes(32)
        let id = Derive.share(key: key)
        let file = try DraftFile(for: "\(folder)/\(id)")
        var listing = ListingDraft()
        let copies = CopyFolder(path: "\(folder)/\(id)\(self.copies)")
        var isDone = false
        defer { if !isDone { CopyFolder.remove(copies.path) } }
        let survey = try Survey(of: paths, as: name, copies: copies) { entry in
            switch entry.kind {
            case .file: try listing.add(.init(kind: .file, path: entry.path, size: entry.size, modified: entry.modified))
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
            key: key, name: first.name, isFolder: survey.isFolder, tops: UInt32(clamping: survey.roots.count), files: UInt64(listing.files), size: listing.size, type: type,
            picture: isSeen ? Preview.picture(of: first.path, size: listing.size, most: Limits.offerPicture, scratch: "\(folder)/\(id).png") : [],
            duration: isHeard ? Preview.duration(of: first.path) : 0)
        isDone = true
        let share = Share(id: id, key: key, roots: survey.roots, listing: UInt64(listing.length), size: listing.size, isOpen: false)
        return Offered(offer: offer, share: share, notes: survey.notes)
    }

    func offer(_ surveyed: Surveyed, _ state: inout RunState, _ answers: inout [Answer], _ now: Moment) -> [Effect] {
        do {
            let offered = try surveyed.result.get()
            let (said, effects) = try state.engine.offer(offered.offer, offered.share, offered.notes, to: surveyed.to, at: now)
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
                        said: said, to: surveyed.to, wait: surveyed.waits.wait, caller: surveyed.waits.caller, isOffer: true, until: until,
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

import EarshotControl
import EarshotModel
import EarshotNetwork
import EarshotRules
import EarshotStore
import EarshotText
import EarshotTransfer
import EarshotVault
import EarshotWire
import FoundationEssentials
import Glibc
import Logging
import NIOCore
import NIOPosix
import Noise

/// What people here offer: files and folders, which are looked at beside the loop, and what is still being written.
extension Node {
    /// Whether it lies in the spool itself, where things are ours to remove.
    func isSpooled(_ path: String) -> Bool {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        guard let name = parts.last, !["", ".", ".."].contains(name) else { return false }
        return parts.dropLast().joined(separator: "/") == self.directory.spool
    }

    /// How the folders in the spool begin that browsers bring files into, each of them one upload.
    static let uploads = "up."

    /// The folder of the upload in which a path lies; `nil` for others.
    func upload(of path: String) -> String? {
        let before = self.directory.spool + "/"
        let parts = path.dropFirst(before.count).split(separator: "/", omittingEmptySubsequences: false)
        guard path.hasPrefix(before), parts.count > 1, let name = parts.first, name.hasPrefix(Self.uploads),
            !parts.contains("..")
        else { return nil }
        return before + name
    }

    private func uploads(of asked: Methods.Offer) -> Set<String> {
        Set(asked.paths.all.compactMap { self.upload(of: $0.text) })
    }

    /// What a program writes into a file of the spool, as long as it stays at the door.
    func offer(
        open asked: Methods.OpenOffer, _ state: inout RunState, _ asker: Handler<Methods.OpenOffer>.Asker
    ) throws -> ([SentView], [Effect]) {
        let recipients = try self.recipients(asked.to.all, state.engine)
        for case .room(let room) in recipients { try self.expectOthers(in: room, state.engine) }
        let (path, name, now) = (asked.path.text, asked.name, asker.now)
        guard self.isSpooled(path) else {
            throw DoorError(.file(.notInSpool(folder: self.directory.spool)))
        }
        guard name.utf8.count <= Limits.offerName, !name.contains("/"), !name.isEmpty else {
            throw DoorError(.file(.notName))
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
            (said, effects) = try self.offer(
                Offered(offer: offer, share: share, notes: TransferNotes()), to: recipients, &state.engine, now)
        } catch {
            unlink(self.listingPath(share.id))
            throw error
        }
        let sent = zip(said, recipients).map { said, recipient in
            var view = self.offered(said.id, offer, to: recipient, state.engine)
            view.share = share.id
            return view
        }
        state.files.transfers.growths[share.id] = Growth(size: 0, isOpen: true)
        state.files.grows(share.id, by: asker.caller)
        return (sent, effects)
    }

    /// What is still being written is read by those who are there: in a room that are its other members.
    private func expectOthers(in room: RoomID, _ engine: Engine) throws {
        let members = try self.known(room, engine).state.members
        guard members.contains(where: { $0 != engine.me }) else {
            throw DoorError(.file(.alone(room: self.name(room, engine))))
        }
    }

    /// An offer, with the transfers of the members where it was made to a room.
    private func offered(
        _ message: EnvelopeID, _ offer: FileOffer, to recipient: Recipient, _ engine: Engine
    ) -> SentView {
        var view = self.sent(message, recipient, .init(), engine)
        view.file = self.view(offer)
        if case .room(let room) = recipient {
            view.transfers = (engine.room(room)?.state.members ?? []).filter { $0 != engine.me }
                .map { Derive.roomOffer(message, to: $0) }
        }
        return view
    }

    /// It has grown, or is complete.
    func grew(
        _ asked: Methods.GrowOffer, _ state: inout RunState, _ asker: Handler<Methods.GrowOffer>.Asker
    ) throws -> (Done, [Effect]) {
        guard let share = Base32.decode(asked.share).flatMap({ ShareID($0) }),
            state.files.isGrown(share, by: asker.caller), let growth = state.files.transfers.growths[share]
        else {
            throw DoorError(.file(.noOpenOffer))
        }
        let (size, isOpen) = (UInt64(clamping: asked.size ?? 0), asked.open ?? false)
        growth.set(size: size, isOpen: isOpen)
        if isOpen { return (Done(), []) }
        state.files.grown(share)
        return (Done(), state.engine.handle(.bulk(.grew(share, size: size, isOpen: false)), at: asker.now))
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
        let to: [Recipient]
        let asked: Methods.Offer
        let question: Question<OfferAnswer>
        let result: Result<Offered, DoorError>
    }

    func survey(
        _ asked: Methods.Offer, to recipients: [Recipient], _ question: Question<OfferAnswer>, _ state: inout RunState
    ) {
        let (paths, name) = (asked.paths.all.map(\.text), asked.name)
        state.files.surveys.begin(self.uploads(of: asked))
        let mailbox = self.mailbox
        let folder = self.directory.shares
        NIOSingletons.posixBlockingThreadPool.submit { _ in
            let result = Result { try Self.survey(paths, as: name, into: folder) }.mapError { error -> DoorError in
                switch error {
                case let error as DoorError: error
                case let error as SurveyError: DoorError(.file(.unoffered(error)))
                case ProtocolError.tooMuch("listing"): DoorError(.file(.unoffered(.tooMany)))
                case let error as VaultError: DoorError(.vault(error))
                default: Self.explain(error)
                }
            }
            mailbox.post(.surveyed(Surveyed(to: recipients, asked: asked, question: question, result: result)))
        }
    }

    private static func survey(_ paths: [String], as name: String?, into folder: String) throws -> Offered {
        guard paths.count == 1 || name == nil else {
            throw DoorError(.file(.oneNameForSeveral))
        }
        let key = randomBytes(32)
        let id = Derive.share(key: key)
        let file = try DraftFile(for: "\(folder)/\(id)")
        var listing = ListingDraft()
        let copies = CopyFolder(path: "\(folder)/\(id)\(self.copies)")
        var isDone = false
        defer { if !isDone { CopyFolder.remove(copies.path) } }
        let beside = SecondThread()
        defer { beside.stop() }
        let survey = try Survey(of: paths, as: name, copies: copies, beside: beside) { entry in
            switch entry.kind {
            case .file:
                try listing.add(.init(kind: .file, path: entry.path, size: entry.size, modified: entry.modified))
            case .folder: try listing.add(.init(kind: .folder, path: entry.path, size: 0, modified: entry.modified))
            case .omitted(let reason): try listing.add(.init(omitted: entry.path, reason))
            }
            if listing.bytes.count >= 65_536 { try file.append(listing.take()) }
        }
        guard let first = survey.roots.first else { throw DoorError(.file(.nothing)) }
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

    /// Offers to all of them, or to none.
    private func offer(
        _ offered: Offered, to recipients: [Recipient], _ engine: inout Engine, _ now: Moment
    ) throws -> (said: [Engine.SentMessage], effects: [Effect]) {
        let before = engine
        var said: [Engine.SentMessage] = []
        var effects: [Effect] = []
        do {
            for recipient in recipients {
                switch recipient {
                case .person(let person):
                    let (messages, more) = try engine.offer(
                        offered.offer, offered.share, offered.notes, to: [person], at: now)
                    (said, effects) = (said + messages, effects + more)
                case .room(let room):
                    let (message, more) = try self.inside(room, &engine) { engine in
                        try engine.offer(offered.offer, offered.share, offered.notes, in: room, at: now)
                    }
                    (said, effects) = (said + [message], effects + more)
                }
            }
        } catch {
            engine = before
            throw error
        }
        return (said, effects)
    }

    /// Ms.
    private static let usualOfferWait: Int64 = 3_600_000

    func offer(_ surveyed: Surveyed, _ state: inout RunState, _ answers: inout [Answer], _ now: Moment) -> [Effect] {
        defer {
            for upload in state.files.surveys.end(self.uploads(of: surveyed.asked)) {
                self.remove(upload: upload, state.engine)
            }
        }
        do {
            let offered = try surveyed.result.get()
            let (said, effects) = try self.offer(offered, to: surveyed.to, &state.engine, now)
            for root in offered.share.roots { self.configuration.page?.offered(root.path) }
            let (wait, question) = (surveyed.asked.wait ?? .queued, surveyed.question)
            switch wait {
            case .queued:
                let notes = self.view(offered.notes)
                let sent = zip(said, surveyed.to).map { said, recipient in
                    var view = self.offered(said.id, offered.offer, to: recipient, state.engine)
                    (view.notSent, view.notSentCount) = (notes.notSent, notes.notSentCount)
                    (view.renamed, view.renamedCount) = (notes.renamed, notes.renamedCount)
                    return view
                }
                answers.append(Answer(.success(.queued(sent)), question.reply))
            case .delivered, .read:
                let until = Self.end(of: surveyed.asked.timeout ?? Self.usualOfferWait, now)
                state.callers.waiting.begin(
                    Waiting(
                        said: said, to: surveyed.to, caller: question.caller, until: until,
                        outcome: .offers(question.reply)))
            }
            return effects
        } catch {
            if case .success(let offered) = surveyed.result, !state.engine.usedShares.contains(offered.share.id) {
                unlink(self.listingPath(offered.share.id))
                CopyFolder.remove(self.copiesPath(offered.share.id))
            }
            answers.append(Answer(.failure(Self.explain(error)), surveyed.question.reply))
            return []
        }
    }
}

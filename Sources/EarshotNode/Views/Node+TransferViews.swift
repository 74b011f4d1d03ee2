import EarshotControl
import EarshotModel
import EarshotRules
import EarshotText
import EarshotWire
import FoundationEssentials

/// Offers and transfers, as the door shows them.
extension Node {
    func view(_ offer: FileOffer) -> FileView {
        let name = SafeName(offer.name)
        var view = FileView(name: name.text, count: Int64(clamping: offer.files))
        view.size = offer.isOpen ? nil : Int64(clamping: offer.size)
        view.tops = offer.tops > 1 ? Int64(clamping: offer.tops) : nil
        view.folder = offer.isFolder ? true : nil
        view.open = offer.isOpen ? true : nil
        view.type = offer.type.isEmpty ? nil : SafeText.name(offer.type)
        view.warning = name.suspicion.map(Self.warning)
        view.picture = offer.picture.isEmpty ? nil : Data(offer.picture).base64EncodedString()
        view.duration = offer.duration > 0 ? Int64(clamping: offer.duration) : nil
        return view
    }

    private static func warning(_ suspicion: SafeName.Suspicion) -> FileWarning {
        switch suspicion {
        case .program: .program
        case .disguised: .disguised
        }
    }

    func view(_ transfer: Transfer, _ state: RunState, running: Bool? = nil) -> TransferView {
        let (engine, now) = (state.engine, Self.now().uptime)
        let shown = self.state(transfer, running ?? engine.isRunning(transfer.id))
        var view = TransferView(
            id: transfer.id, direction: transfer.isIncoming ? .in : .out, person: transfer.person,
            peer: self.name(transfer.person, engine), state: shown, file: self.view(transfer.offer),
            have: Int64(clamping: transfer.have > transfer.listing ? transfer.have - transfer.listing : 0),
            at: transfer.at)
        view.message = transfer.message == transfer.id ? nil : transfer.message
        view.room = engine.room(of: transfer.conversation)
        view.roomName = view.room.map { self.name($0, engine) }
        if transfer.offer.isOpen, transfer.state == .complete, transfer.length > transfer.listing {
            view.size = Int64(clamping: transfer.length - transfer.listing)
        }
        let isSilent = shown == .active && state.files.news.isSilent(transfer.id, now: now)
        let silence: Why? = isSilent ? (.silent, .silent) : nil
        if let why = silence ?? self.reason(transfer, shown, engine) {
            (view.cause, view.reason) = (why.cause, Language.english.say(why.phrase))
        }
        view.rate = shown == .active ? Int64(clamping: state.files.news.rate(transfer.id, now: now)) : nil
        if let contents = transfer.contents {
            // The whole listing counts, not the first name.
            view.warning = contents.suspicion.map(Self.warning)
            view.programs = contents.programs > 0 ? Int64(clamping: contents.programs) : nil
            view.programNames = contents.examples.isEmpty ? nil : contents.examples
        }
        view.unseen = transfer.isUnseen && !transfer.state.isFinal ? true : nil
        view.to = transfer.folder
        view.files = transfer.names.isEmpty ? nil : transfer.names.map { "\(transfer.folder ?? "")/\($0)" }
        let notes = self.view(transfer.notes)
        (view.notSent, view.notSentCount) = (notes.notSent, notes.notSentCount)
        (view.renamed, view.renamedCount) = (notes.renamed, notes.renamedCount)
        let alarm = self.looksLike(transfer.person, engine)
        (view.looksLike, view.looksLikePerson) = (alarm?.name, alarm?.person)
        view.trust = self.trust(transfer.person, engine)
        return view
    }

    /// What did not come along, and what is called otherwise at its receiver's: the first of each, and how many.
    struct NotesView {
        var notSent: [OmissionView]?
        var notSentCount: Int64?
        var renamed: [RenamingView]?
        var renamedCount: Int64?
    }

    func view(_ notes: TransferNotes) -> NotesView {
        var view = NotesView()
        if notes.omittedCount > 0 {
            view.notSent = notes.omitted.map { .init(path: SafeText.path($0.path), reason: $0.reason.words) }
            view.notSentCount = Int64(clamping: notes.omittedCount)
        }
        if notes.renamedCount > 0 {
            view.renamed = notes.renamed.map { .init(from: SafeText.path($0.from), to: SafeText.path($0.to)) }
            view.renamedCount = Int64(clamping: notes.renamedCount)
        }
        return view
    }

    private typealias Why = (cause: TransferCause, phrase: Phrase)

    /// Why a transfer does not go on, where that is known.
    private func reason(
        _ transfer: Transfer, _ shown: TransferState, _ engine: Engine
    ) -> Why? {
        if let reason = transfer.reason { return (Self.cause(reason), .transfer(reason)) }
        guard shown == .waiting || shown == .offered else { return nil }
        let name = self.name(transfer.person, engine)
        guard case .presence = engine.waitingFor(transfer.person, now: Self.now().uptime) else {
            return shown == .waiting && transfer.isIncoming ? (.waitsForTurn, .transfer(.waitsForTurn)) : nil
        }
        if transfer.isIncoming, shown == .offered { return transfer.isUnseen ? (.unseen, .unseen(name: name)) : nil }
        return (.absent, .absent(name: name))
    }

    private static func cause(_ reason: TransferReason) -> TransferCause {
        switch reason {
        case .unreachable: .unreachable
        case .connectionLost: .connectionLost
        case .diskFullHere: .diskFullHere
        case .diskFullThere: .diskFullThere
        case .fetchedWrongly: .fetchedWrongly
        case .notAsOffered: .notAsOffered
        case .changed: .changed
        case .unreadable: .unreadable
        case .notTakenHere, .unwritableHere: .unwritableHere
        case .unwritableThere: .unwritableThere
        case .notOffered: .notOffered
        case .pausedThere: .pausedThere
        case .waitsForTurn: .waitsForTurn
        case .wrongBytes: .wrongBytes
        case .tooManyToLookAt: .tooManyToLookAt
        case .holdsPrograms: .holdsPrograms
        case .told: .told
        }
    }

    private func state(_ transfer: Transfer, _ isRunning: Bool) -> TransferState {
        switch transfer.state {
        // A look at the listing is nothing that people wait for.
        case .offered where transfer.isIncoming: .offered
        case .offered: isRunning ? .active : transfer.have == 0 ? .offered : .waiting
        case .accepted: isRunning ? .active : .waiting
        case .paused: .paused
        case .complete: .complete
        case .declined: .declined
        case .cancelled: .cancelled
        case .failed: .failed
        }
    }
}

import EarshotControl
import EarshotModel
import EarshotRules
import EarshotStore
import EarshotText
import EarshotVault
import EarshotWire

/// Files and folders.
extension Node {
    static let fileHandlers: [any AnyHandler] = [
        Handler(later: Methods.Offer.self) { node, asked, question, state, _ in
            let to = try node.recipients(asked.to.all, state.engine)
            node.survey(asked, to: to, question, &state)
            return []
        },
        Handler(Methods.OpenOffer.self) { node, asked, state, asker in try node.offer(open: asked, &state, asker) },
        Handler(Methods.GrowOffer.self) { node, asked, state, asker in try node.grew(asked, &state, asker) },
        Handler(looking: Methods.Transfers.self) { node, asked, state in
            let found = try node.transfers(asked, state.engine)
            return found.map { node.view(state.engine.transfer($0.id) ?? $0, state) }
        },
        Handler(
            Methods.AcceptTransfer.self, folder: { node, asked, engine in asked.folder?.text ?? node.downloads(engine) }
        ) {
            node, asked, state, asker in try node.accept(asked, &state, asker)
        },
        Handler(Methods.DeclineTransfer.self) { node, asked, state, asker in
            try node.change(asked.id, &state) { transfer, engine in
                guard transfer.isIncoming else { throw Engine.TransferRefusal.notIncoming }
                return try engine.decline(transfer.id, at: asker.now)
            }
        },
        Handler(Methods.CancelTransfer.self) { node, asked, state, asker in
            try node.change(asked.id, &state) { transfer, engine in
                transfer.isIncoming
                    ? try engine.decline(transfer.id, at: asker.now) : try engine.withdraw(transfer.id, at: asker.now)
            }
        },
        Handler(Methods.PauseTransfer.self) { node, asked, state, _ in
            try node.change(asked.id, &state) { transfer, engine in try engine.pause(transfer.id) }
        },
        Handler(Methods.ResumeTransfer.self) { node, asked, state, _ in
            try node.change(asked.id, &state) { transfer, engine in try engine.resume(transfer.id) }
        },
        Handler(Methods.RetryTransfer.self) { node, asked, state, _ in
            try node.change(asked.id, &state) { transfer, engine in try engine.retry(transfer) }
        },
        Handler(looking: Methods.TransferFiles.self) { node, asked, state in
            let found = try node.transfer(asked.id)
            let transfer = state.engine.transfer(found.id) ?? found
            return node.places(of: transfer, state.engine).map { PlaceView(path: $0) }
        },
    ]

    private static let usualTransfers = 200

    private func transfers(_ asked: Methods.Transfers, _ engine: Engine) throws -> [Transfer] {
        let limit = asked.limit?.value ?? Self.usualTransfers
        let person = try asked.from.map { try self.person($0, engine) }
        guard let who = asked.who else {
            return try self.store.transfers(limit: limit, with: person, incoming: person != nil)
        }
        switch try self.recipient(who, engine) {
        case .person(let other):
            return try self.store.transfers(limit: limit, with: person ?? other, incoming: person != nil)
        case .room(let room):
            let talk = try self.known(room, engine).talk
            return try self.store.transfers(limit: limit, with: person, in: talk, incoming: person != nil)
        }
    }

    /// What has come whole, or what is offered from here.
    private func places(of transfer: Transfer, _ engine: Engine) -> [String] {
        guard transfer.isIncoming else { return engine.share(transfer.share)?.roots.map(\.path) ?? [] }
        guard transfer.state == .complete, let folder = transfer.folder else { return [] }
        return transfer.names.map { "\(folder)/\($0)" }
    }

    /// Does something to a transfer, and answers with what it is then.
    private func change(
        _ id: String, _ state: inout RunState, _ body: (Transfer, inout Engine) throws -> [Effect]
    ) throws -> (TransferView, [Effect]) {
        let transfer = try self.transfer(id)
        do {
            let effects = try body(transfer, &state.engine)
            if let current = state.engine.transfer(transfer.id) { return (self.view(current, state), effects) }
            // What is over the engine holds no longer.
            var ended = transfer
            if !ended.state.isFinal { ended.state = transfer.isIncoming ? .declined : .cancelled }
            return (self.view(ended, state, running: false), effects)
        } catch let refusal as Engine.TransferRefusal { throw Self.explain(refusal, transfer) }
    }

    private func accept(
        _ asked: Methods.AcceptTransfer, _ state: inout RunState, _ asker: Handler<Methods.AcceptTransfer>.Asker
    ) throws -> (TransferView, [Effect]) {
        let usual = self.downloads(state.engine)
        let (view, effects) = try self.change(asked.id, &state) { transfer, engine in
            let target = asked.folder?.text ?? (transfer.state == .failed ? transfer.folder : nil) ?? usual
            if transfer.state == .failed { return try engine.accept(failed: transfer, into: target, at: asker.now) }
            return try engine.accept(transfer.id, into: target, isNamed: asked.folder != nil, at: asker.now)
        }
        if let target = view.to, Destination.isStream(target, state: self.directory.path) {
            state.files.streams(view.id, to: asker.caller, folder: target)
        }
        return (view, effects)
    }

    private static func explain(_ refusal: Engine.TransferRefusal, _ transfer: Transfer) -> DoorError {
        switch refusal {
        case .notIncoming: DoorError(.file(.isOwn))
        case .elsewhere(let folder): DoorError(.file(.begunElsewhere(folder: folder)))
        case .over: DoorError(.file(.over(transfer.state)))
        }
    }

    /// Where files go if nothing else is said.
    func downloads(_ engine: Engine) -> String { engine.filesSettings.folder ?? self.usualDownloads }
}

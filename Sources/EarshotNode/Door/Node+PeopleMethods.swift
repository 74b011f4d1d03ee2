import EarshotControl
import EarshotModel
import EarshotRules
import EarshotStore
import EarshotText
import EarshotWire

/// Who there is, and whom one talks to.
extension Node {
    static let peopleHandlers: [any AnyHandler] = [
        Handler(looking: Methods.Peers.self) { node, _, state in node.peers(state.engine) },
        Handler(looking: Methods.Contacts.self) { node, _, state in try node.contacts(state.engine) },
        Handler(looking: Methods.Resolve.self) { node, asked, state in
            switch try node.recipient(asked.who, state.engine) {
            case .person(let person): .person(node.view(person, state.engine))
            case .room(let room): .room(try node.view(room, state.engine))
            }
        },
        Handler(Methods.Accept.self) { node, asked, state, asker in
            let person = try node.person(toAccept: asked.who, state.engine)
            let effects = state.engine.accept(person, at: asker.now)
            return (node.view(person, state.engine), effects)
        },
        Handler(Methods.Block.self) { node, asked, state, _ in
            let person = try node.person(asked.who, state.engine)
            let effects = state.engine.block(person)
            return (node.view(person, state.engine), effects)
        },
        Handler(Methods.Unblock.self) { node, asked, state, _ in
            let person = try node.person(toUnblock: asked.who, state.engine)
            guard state.engine.contacts[person]?.trust == .blocked else {
                throw DoorError(.person(.notBlocked(name: node.name(.person(person), state.engine))))
            }
            let effects = state.engine.unblock(person)
            return (node.view(person, state.engine), effects)
        },
        Handler(Methods.Rename.self) { node, asked, state, _ in
            let person = try node.person(asked.who, state.engine)
            if let petname = asked.petname { try node.check(petname: petname, for: person, state.engine) }
            let effects = state.engine.rename(person, asked.petname)
            return (node.view(person, state.engine), effects)
        },
        Handler(Methods.AddPeer.self) { _, asked, state, asker in
            guard HostAndPort(asked.address) != nil else {
                throw DoorError(.own(.notAddress(asked.address)))
            }
            let effects = state.engine.addPeer(asked.address, at: asker.now)
            return (AddressView(address: asked.address), effects)
        },
        Handler(Methods.RemovePeer.self) { _, asked, state, _ in
            guard let effects = state.engine.removePeer(asked.address) else {
                throw DoorError(.own(.notListed(address: asked.address)), candidates: state.engine.typedPeers)
            }
            return (AddressView(address: asked.address), effects)
        },
        Handler(looking: Methods.ListPeers.self) { _, _, state in
            state.engine.typedPeers.map { AddressView(address: $0) }
        },
    ]

    /// Everybody who is here or whom we know.
    private func peers(_ engine: Engine) -> [PersonView] {
        engine.contacts.all.filter { $0.trust != .new || engine.isOnline($0.person) }.map {
            self.view($0.person, engine)
        }
    }

    private func contacts(_ engine: Engine) throws -> [PersonView] {
        try engine.contacts.all.filter { $0.trust != .new }.map { contact in
            let conversation = Derive.conversation(self.identity.person, contact.person)
            var view = self.view(contact.person, engine)
            view.unread = Int64(clamping: try self.store.unread(conversation, me: self.identity.person))
            view.queued = Int64(clamping: try self.store.queued(conversation, me: self.identity.person))
            return view
        }
    }
}

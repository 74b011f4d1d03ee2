import EarshotModel
import EarshotWire

extension Samples {
    /// Anna's room.
    package var charter: Charter {
        Charter(
            name: "Ops ✿", owner: self.anna.person, salt: [UInt8](repeating: 8, count: 16), isAnnouncement: true,
            startsAtJoin: true)
    }

    /// One of every operation and setting, and what else there is about rooms.
    package var roomContents: [Content] {
        let bob = RoomMembership(self.bob.person, 2)
        let cut: [LogID: UInt64] = [
            self.log: 7, Derive.log(generation: self.bob.person.bytes, self.conversation): 1 << 40,
        ]
        let target = EnvelopeID(hash: self.anna.manifest.hash)
        let start = LogStart(log: self.log, device: self.anna.device, seq: 9, id: target)
        let settings = [
            RoomSetting(.name, number: 1, owner: 1, text: "Ops"),
            RoomSetting(.topic, number: 2, owner: nil, text: "today"),
            RoomSetting(.lifetime, number: 3, owner: 1, value: 60_000),
            RoomSetting(.writer(self.bob.person), number: 1, owner: 1, value: 0, cut: cut),
            RoomSetting(.pin(target), number: 1, owner: nil, value: 1),
        ]
        let operations: [RoomOperation] =
            [
                .add(bob, owner: nil, manifest: self.bob.manifest.wire, from: [start, start]),
                .add(RoomMembership(self.bob.person, Limits.roomNumber), owner: Limits.roomNumber),
                .remove(bob, owner: 1, cut: cut), .remove(bob, owner: nil, cut: [:]),
                .transfer(self.bob.person, owner: 1, cut: cut), .joined,
            ] + settings.map { .set($0) }
        return operations.map { .room($0) } + [
            .invitation(Invitation(charter: self.charter, number: 1)), .acknowledge(target: target),
            .remind(target: target), .lifetime(86_400_000), .lifetime(0),
            .text(.init("@Bob", extras: TextExtras(asks: true, mentions: [self.bob.person], lifetime: 1_000))),
        ]
    }

    /// What goes over the wire about rooms alone.
    package var roomFrames: [Frame] {
        let id = EnvelopeID(hash: self.anna.manifest.hash)
        let mark = Mark(log: self.log, device: self.anna.device, seq: 12, id: id, after: 9)
        let persons = [self.anna, self.bob].map { ManifestVersion(person: $0.person, version: 3) }
        return [
            .heads(
                Heads(
                    conversation: self.charter.room.operations, marks: [mark], ask: true,
                    state: self.anna.manifest.hash, persons: persons)),
            .rooms([
                ToldRoom(charter: .lobby, members: 128, topic: "all"), ToldRoom(charter: .lobby, members: 0, topic: ""),
            ]),
        ]
    }
}

import EarshotModel
import EarshotRules
import EarshotWire
import Foundation
import Testing

/// What the independent peer in Python makes of section 17 of Protocol.md: the state of 200 random rooms.
@Suite struct RoomVectorTests {
    @Test func twoHundredRoomsHaveTheSameState() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "EarshotWireTests/Vectors/rooms1.json")
        let book = try JSONDecoder().decode(Book.self, from: Data(contentsOf: file))
        #expect(book.rooms.count == 200)
        var (operations, limits) = (0, 0)
        for (number, room) in book.rooms.enumerated() {
            let state = try room.fold()
            let persons = try room.persons.map { try #require(PersonID(bytes(hex: $0))) }
            #expect(state.hash.bytes == bytes(hex: room.state.hash), "room \(number)")
            #expect(state.members == room.state.members.map { persons[$0] }, "room \(number)")
            for limit in room.state.limits {
                let log = try #require(LogID(bytes(hex: room.logs[limit.log])))
                let shown = state.limit(of: log, by: persons[limit.person], limit.number)
                #expect(shown == ShownLimit(all: limit.all, words: limit.words), "room \(number), log \(limit.log)")
                limits += 1
            }
            operations += room.operations.count
        }
        #expect(operations > 4_000 && limits > 1_000)
    }

    private struct Book: Decodable { let rooms: [Room] }

    private struct Room: Decodable {
        let charter: String
        let persons: [String]
        let logs: [String]
        let operations: [Operation]
        let state: Expected

        func fold() throws -> RoomState {
            var fold = RoomFold(try Charter(decoding: bytes(hex: self.charter)))
            for one in self.operations {
                guard case .room(let operation) = Content(kind: one.kind, payload: bytes(hex: one.payload)) else {
                    continue
                }
                let id = bytes(hex: one.id) + [UInt8](repeating: 0, count: 28)
                fold.add(
                    RoomFold.Entry(
                        id: try #require(EnvelopeID(id)),
                        author: try #require(PersonID(bytes(hex: self.persons[one.author]))),
                        log: try #require(LogID(bytes(hex: self.logs[3 * one.author + one.log]))), seq: one.seq,
                        membership: one.stay, operation: operation))
            }
            return fold.state
        }
    }

    private struct Operation: Decodable {
        let (id, payload): (String, String)
        let (author, log): (Int, Int)
        let (seq, stay): (UInt64, UInt64)
        let kind: UInt32

        init(from decoder: any Decoder) throws {
            var row = try decoder.unkeyedContainer()
            self.id = try row.decode(String.self)
            (self.author, self.log) = (try row.decode(Int.self), try row.decode(Int.self))
            (self.seq, self.stay) = (try row.decode(UInt64.self), try row.decode(UInt64.self))
            self.kind = try row.decode(UInt32.self)
            self.payload = try row.decode(String.self)
        }
    }

    private struct Expected: Decodable {
        let hash: String
        let members: [Int]
        let limits: [Limit]
    }

    private struct Limit: Decodable {
        let (log, person): (Int, Int)
        let (number, all, words): (UInt64, UInt64, UInt64)

        init(from decoder: any Decoder) throws {
            var row = try decoder.unkeyedContainer()
            (self.log, self.person) = (try row.decode(Int.self), try row.decode(Int.self))
            self.number = try row.decode(UInt64.self)
            // Beyond 2^53, so strings of digits.
            self.all = UInt64(try row.decode(String.self)) ?? 0
            self.words = UInt64(try row.decode(String.self)) ?? 0
        }
    }
}

private func bytes(hex: String) -> [UInt8] {
    let digits = hex.compactMap(\.hexDigitValue)
    return stride(from: 0, to: digits.count - digits.count % 2, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
}

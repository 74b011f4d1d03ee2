import EarshotControl
import EarshotModel
import Testing

@Suite struct ControlTests {
    @Test func aRequestIsReadWithItsParameters() {
        let line = #"{"jsonrpc":"2.0","id":"a","method":"send","params":{"to":"bob","text":"hi"}}"#
        guard case .one(.success(let call)) = ControlLine.read(Array(line.utf8)) else {
            Issue.record("a good request was refused")
            return
        }
        #expect(call.method as? Methods.Send == Methods.Send(to: ["bob"], text: "hi"))
        for (method, params) in [
            ("accept", #"{"who":7}"#), ("send", #"{"to":[],"text":"x"}"#), ("offer", #"{"to":"a","paths":["b"]}"#),
            ("offer", #"{"to":"a","paths":["/tmp/\u0000x"]}"#),
        ] {
            guard
                case .one(.failure(let refusal)) = ControlLine.read(
                    Array(#"{"jsonrpc":"2.0","id":1,"method":"\#(method)","params":\#(params)}"#.utf8))
            else {
                Issue.record("\(method) \(params) was taken")
                continue
            }
            #expect(refusal.error.kind == .badParameters)
        }
    }

    @Test func everyMethodIsARequest() {
        for name in Methods.names {
            let result = Result { () throws(DoorError) in try Methods.read(name, nil) }
            switch result {
            case .success(let method): #expect(type(of: method).name == name)
            case .failure(let error): #expect(error.kind == .badParameters, "\(name)")
            }
        }
    }

    @Test func timesAreRFC3339() {
        #expect(Timestamp(milliseconds: 0).rfc3339 == "1970-01-01T00:00:00.000Z")
        let end = Timestamp(milliseconds: .max).rfc3339
        #expect(end == "9999-12-31T23:59:59.999Z" && Timestamp(rfc3339: end) != nil)
        #expect(Timestamp(milliseconds: 951_826_154_007).rfc3339 == "2000-02-29T12:09:14.007Z")
        #expect(Timestamp(milliseconds: 1_795_239_000_125).rfc3339 == "2026-11-21T05:30:00.125Z")
        for milliseconds in [0, 7, 951_826_154_007, 1_795_239_000_125] as [UInt64] {
            let time = Timestamp(milliseconds: milliseconds)
            #expect(Timestamp(rfc3339: time.rfc3339) == time)
        }
        #expect(Timestamp(rfc3339: "2026-11-21T05:30:00Z")?.milliseconds == 1_795_239_000_000)
        #expect(Timestamp(rfc3339: "2026-11-21T05:30:00.1259Z")?.milliseconds == 1_795_239_000_125)
    }

    @Test(arguments: [
        "", "2026", "2026-11-21", "2026-13-21T05:30:00Z", "2026-11-21T25:30:00Z", "2026-11-21T05:30:00+01:00",
        "२०२६-11-21T05:30:00Z", "1969-12-31T23:59:59Z", "2026-11-21T05:30:00,5Z", "2026-11-21T05:30:00.5xZ",
    ])
    func whatIsNoTimeIsNone(text: String) { #expect(Timestamp(rfc3339: text) == nil) }

    /// What the node writes, the faces read: each kind of event, with what may be in it.
    @Test func eventsAreReadAsTheyAreWritten() throws {
        let person = PersonView(person: PersonID(hash: .zero), name: "Bob", trust: .requested, online: true)
        var message = MessageView(
            id: EnvelopeID(hash: .zero), from: person.person, fromName: "Bob", to: nil, toName: "Anna", mine: true,
            text: "a\n\"👍", state: .queued, at: Timestamp(milliseconds: 7))
        message.reactions = [.init(emoji: "👍", from: person.person)]
        (message.reason, message.waitsFor) = ("on its way", .acknowledgement)
        let transfer = TransferView(
            id: message.id, direction: .out, person: person.person, peer: "Bob", state: .offered,
            file: FileView(name: "x", count: 1), have: 0, at: message.at)
        var talk = TalkView(who: "bob", name: "Bob")
        (talk.person, talk.last, talk.pinned) = (person.person, message, true)
        let all: [EventView.What] = [
            .message(message), .edit(message), .delete(message), .reaction(message), .receipt(message),
            .request(person), .contact(person), .presence(person, online: false), .typing(person, on: true),
            .peer(person), .warning(person, .fork), .talk(talk), .offer(transfer), .transfer(transfer),
        ]
        for what in all {
            let event = EventView(cursor: 7, what)
            guard case .event(let read)? = Incoming(line: ControlLine.event(event)) else {
                Issue.record("\(event.name) is not read")
                continue
            }
            #expect(read == event)
            #expect(
                [event.message != nil, event.peer != nil, event.transfer != nil, event.talk != nil].count { $0 } == 1,
                "\(event.name)")
        }
        #expect(message.holdUp == nil)
        message.waitsFor = .presence
        #expect(message.holdUp == "on its way")
    }

    @Test func whatANewerNodeTellsIsPassedOver() {
        let line = #"{"jsonrpc":"2.0","method":"event","params":{"cursor":7,"event":"unheard-of"}}"#
        #expect(Incoming(line: line.utf8) == nil && Incoming(line: "no".utf8) == nil)
    }

    @Test func severalValuesAreOneObject() {
        let parts: [any Encodable] = [NameView(name: "a"), Done(), [1, 2], AddressView(address: "b")]
        #expect(String(decoding: JSONWriter.object(parts), as: UTF8.self) == #"{"name":"a","address":"b"}"#)
        #expect(String(decoding: JSONWriter.object([]), as: UTF8.self) == "{}")
    }
}

import EarshotConfig
import EarshotControl
import EarshotHooks
import EarshotModel
import Testing

/// Which events a hook is for.
@Suite struct EventFilterTests {
    @Test func whatIsNotSaidDoesNotMatter() {
        #expect(EventFilter([.message]).fits(Sample.message()))
        #expect(!EventFilter([.offer]).fits(Sample.message()))
    }

    @Test func whatWeSayOurselvesIsNeverMeant() {
        #expect(!EventFilter([.message, .edit]).fits(Sample.message(mine: true)))
    }

    @Test func aNameIsThatOfAContactOnly() {
        let filter = EventFilter([.message], from: "bob")
        #expect(filter.fits(Sample.message()))
        #expect(!filter.fits(Sample.message(trust: .new)), "anybody may call themselves so")
        #expect(!filter.fits(Sample.message(trust: .conflict)))
        #expect(!EventFilter([.message], from: "bo").fits(Sample.message()))
    }

    @Test func anIDOrEightLettersOfIt() {
        let id = Sample.bob.description
        for word in [id, String(id.prefix(8)), "earshot:\(id)"] {
            #expect(EventFilter([.message], from: word).fits(Sample.message(trust: .new)), "\(word)")
        }
        #expect(!EventFilter([.message], from: String(id.prefix(7))).fits(Sample.message()))
    }

    @Test func roomsByNameOrID() {
        for word in ["ops", "#OPS", "room:ops", Sample.room.description, "#" + Sample.room.description.prefix(8)] {
            #expect(EventFilter([.message], room: word).fits(Sample.message(in: "ops")), "\(word)")
            #expect(!EventFilter([.message], room: word).fits(Sample.message()))
        }
        #expect(!EventFilter([.message], room: "op").fits(Sample.message(in: "ops")))
    }

    @Test func onlyVerifiedPeople() {
        let filter = EventFilter([.message], isVerified: true)
        #expect(filter.fits(Sample.message(trust: .verified)))
        #expect(!filter.fits(Sample.message()) && !filter.fits(Sample.message(trust: nil)))
    }

    @Test(
        arguments: [
            ("deploy now", true), ("please Deploy!", true), ("redeploy", false), ("deploy-all", false), ("", false),
        ]) func aWordStandsAlone(text: String, isMeant: Bool)
    {
        #expect(EventFilter([.message], word: "DEPLOY").fits(Sample.message(text)) == isMeant)
    }

    @Test func aBeginningIsToTheLetter() {
        let filter = EventFilter([.message], prefix: "!bot ")
        #expect(filter.fits(Sample.message("!bot help")) && !filter.fits(Sample.message("a !bot help")))
    }

    @Test func answersGoWhereItWasSaid() {
        #expect(HookEvent(Sample.message(in: "ops")).place == "room:\(Sample.room)")
        #expect(HookEvent(Sample.message()).place == Sample.bob.description)
        guard case .message(let view) = Sample.message().what else { return }
        #expect(HookEvent(EventView(cursor: 1, .receipt(view))).place == nil, "a receipt would come back")
    }

    @Test func whatAProgramIsGiven() {
        let event = HookEvent(Sample.message("a\nb", in: "ops"))
        #expect(!event.line.contains("\n") && JSON(text: event.line.utf8)?["message"]?["text"]?.string == "a\nb")
        #expect(event.variables["EARSHOT_EVENT"] == "message" && event.variables["EARSHOT_TEXT"] == "a\nb")
        #expect(event.variables["EARSHOT_ROOM_NAME"] == "ops" && event.variables["EARSHOT_FROM_NAME"] == "Bob")
        let long = HookEvent(Sample.message(String(repeating: "é", count: 10_000)))
        #expect(long.variables["EARSHOT_TEXT"]?.utf8.count == 8_192)
    }
}

import EarshotModel
import EarshotText
import Testing

@Suite struct LanguageTests {
    private static let reasons: [TransferReason] = [
        .unreachable, .connectionLost, .diskFullHere, .diskFullThere, .fetchedWrongly(.rule("x")), .notAsOffered(.size),
        .changed(nil), .changed("x"), .unreadable("x"), .unwritableHere("x y"), .unwritableThere(nil), .notOffered,
        .pausedThere, .waitsForTurn, .notTakenHere(.noFolder), .wrongBytes(device: "d", .files), .tooManyToLookAt,
        .holdsPrograms, .told("z w"),
    ]

    @Test func everyPhraseHasASentence() {
        let phrases: [Phrase] =
            Self.reasons.map { .transfer($0) } + WaitReason.allCases.map { .waiting($0, name: "Anna") }
            + ConflictReason.allCases.map { .conflict($0, name: "Anna", other: nil) }
            + VerificationState.allCases.map { .verification($0, name: "Anna") }
            + [.conflict(.name, name: "Anna", other: "Bob"), .absent(name: "Anna"), .unseen(name: "Anna"), .silent]
        let sentences = phrases.map { Language.english.say($0) }
        #expect(Set(sentences).count == phrases.count, "no two say the same")
        #expect(sentences.allSatisfy { $0.contains(" ") && !$0.hasSuffix(".") })
    }

    @Test func whatIsKnownIsSaid() {
        let english = Language.english
        #expect(english.say(.transfer(.changed("a/b.txt"))) == "has been changed since it was offered: a/b.txt")
        #expect(english.say(.transfer(.changed(nil))) == "has been changed since it was offered")
        #expect(english.say(.waiting(.presence, name: "Bob")) == "Bob is not here; it goes as soon as Bob appears")
    }

    @Test func aRefusalIsWholeSentences() {
        let refusals: [Refusal] = [
            .person(.conflict(.name, name: "Anna", id: "abcd")), .person(.nameIsTaken(looks: "Ann", id: "abcd")),
            .message(.empty), .talk(.untilWithoutMute), .room(.wasTaken(room: "#ops", owner: "Bob", name: nil)),
            .room(.left(room: "#ops", isOpen: true)), .trust(.nobodyInvites(name: nil)), .file(.over(.complete)),
            .own(.largePicture(70_000, most: 65_536)), .storage(.trouble(.full)),
            .backup(.shortPassphrase(least: 8)), .own(.longStatus(most: 256)), .line(.manyValues(most: 2_250_000)),
            .word(.shortID("ab", .message, least: 4)),
            .line(.wrong(parameter: nil, kind: "a string")), .connection(.notAnswering(process: 7, seconds: 30)),
        ]
        let sentences = refusals.map { Language.english.say(.refused($0)) }
        #expect(Set(sentences).count == refusals.count)
        #expect(sentences.allSatisfy { $0.hasSuffix(".") && !$0.contains("  ") && !$0.contains("\n") })
        #expect(sentences.contains("The owner of #ops, Bob, took you out of it, and only they can undo that."))
        #expect(sentences.contains("A picture has at most 65,536 bytes; this one has 70,000."))
        #expect(sentences.contains("A status has at most 256 bytes."))
        #expect(sentences.contains("That line holds more than 2,250,000 values."))
        #expect(sentences.contains("earshotd (process 7) has not answered for 30 s."))
    }

    @Test func whatIsWrongWithASettingIsAWholeSentence() {
        let faults: [Fault] = [
            .syntax(.notValue("yes")), .syntax(.noEscape("d")), .file(.foreign(owner: 7)), .file(.tooLong(most: 9)),
            .setting(.unfit(subject: "port", fits: "a number", .list)), .setting(.unknown(key: "a", near: ["b", "c"])),
            .setting(.locked(key: "port", by: .variable("X"), of: .policy("/p", line: 2))),
            .table(.missing(table: "hook", key: "on", .events(["message"]))), .hook(.shortSecret(least: 16)),
            .hook(.secretFile(path: "~/s", .file(.missing))), .person(.namedTwice("A", at: "/p:1", other: "/p:9")),
        ]
        let sentences = faults.map { Language.english.say(.fault($0)) }
        #expect(Set(sentences).count == faults.count)
        #expect(sentences.allSatisfy { !$0.contains("\n") && !$0.contains("  ") })
        #expect(sentences.contains("There is no setting a. Did you mean b or c?"))
        #expect(sentences.contains("X cannot change port: it is locked by /p:2."))
        #expect(sentences.contains("secret_file ~/s: There is no such file."))
    }

    @Test func whatDoctorFindsIsSaidAndWhatToDo() {
        let aside = Finding.Aside(what: "an edit", place: nil, at: "2026-01-02T03:04:05Z", why: "too new", isKept: true)
        let findings: [Finding] = [
            .network([], isAlone: true), .multicast(deaf: ["eth0"]), .heard(1), .others(announced: 2, inSession: 1),
            .port(47_447, incoming: 1, sessions: 2, silent: 3, way: ""), .hostName(isTold: true), .deafRooms(["#ops"]),
            .page(address: nil, problem: nil), .disk(free: 5 << 20, path: "/x"),
            .database(path: "/x/y", fault: nil, .damaged),
            .conflict(.name, name: "Anna", other: "Bob", id: "abcd"), .unreadable(rows: 2, table: "message"),
            .aside(aside), .hook(runs: 3, failing: 2, last: nil), .clock(year: 1970),
        ]
        let details = findings.map { Language.english.say(.finding($0)) }
        let remedies = findings.map { Language.english.say(.remedy($0)) }
        #expect(Set(details).count == findings.count && Set(remedies).count == findings.count)
        #expect(details.allSatisfy { !$0.hasSuffix(".") && !$0.contains("\n") })
        #expect(remedies.allSatisfy { $0.hasSuffix(".") && !$0.contains("\n") && !$0.contains("  ") })
        #expect(details.first == "there is no network: no interface is up with an address")
        #expect(
            details.contains(
                "an edit, 2026-01-02T03:04:05Z: too new; its bytes are kept; it is tried again at each start"))
        #expect(Language.english.say(.remedy(.moreAside(3))).isEmpty)
    }
}

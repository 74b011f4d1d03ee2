import EarshotControl
import EarshotModel
import EarshotText
import Testing

@Suite struct LanguageTests {
    private static let reasons: [TransferReason] = [
        .unreachable, .connectionLost, .diskFullHere, .diskFullThere, .fetchedWrongly("x"), .notAsOffered("x"),
        .changed(nil), .changed("x"), .unreadable("x"), .unwritableHere("x y"), .unwritableThere(nil), .notOffered,
        .pausedThere, .waitsForTurn, .wrongBytes(device: "d", "x"), .tooManyToLookAt, .holdsPrograms, .told("z w"),
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
}

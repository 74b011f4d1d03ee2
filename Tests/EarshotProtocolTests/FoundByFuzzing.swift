import EarshotModel
import EarshotProtocol
import Testing

/// What the fuzzers found once, in the fewest lines.
@Suite struct FoundByFuzzing {
    @Test(arguments: [
        "\u{1F469}\u{200D}\u{FFFD}\t\t\0\u{301}\0O", "\u{1F469}\u{200D}\u{FFFD}\u{FFFD}Int\u{FFFD}6\0\u{FFFD}\n\n\u{200D}\u{FFFD}",
        " \u{301}a", "a \u{200D}\u{FE0F}b", "\u{301}",
    ]) func aCleanNameStaysClean(raw: String) {
        let name = SafeText.name(raw)
        #expect(SafeText.name(name) == name, "\(name.unicodeScalars.map { $0.value })")
    }
}

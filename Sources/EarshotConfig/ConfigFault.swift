import EarshotText

/// One thing that is wrong with what somebody wrote for us, and where it stands.
package struct ConfigFault: Error, Hashable, Sendable {
    /// The file; `nil` for an option, a variable or what was asked at the door: then what is wrong names it.
    package var file: String?
    /// Counted from 1, the column in characters.
    package let line: Int?
    package let column: Int?
    package let what: Fault

    package init(_ what: Fault, file: String? = nil, line: Int? = nil, column: Int? = nil) {
        self.what = what
        self.file = file
        self.line = line
        self.column = column
    }

    /// A sentence.
    package var message: String { Language.english.say(.fault(self.what)) }

    /// As compilers say it, so that editors find the place: `FILE:LINE:COLUMN: MESSAGE`.
    package var text: String {
        let place = [self.file, self.line.map(String.init), self.column.map(String.init)].compactMap { $0 }
        return place.isEmpty ? self.message : place.joined(separator: ":") + ": " + self.message
    }
}

/// All that is wrong: whoever mends it wants to hear of it at once.
package struct ConfigFaults: Error, Hashable, Sendable {
    package let faults: [ConfigFault]

    package init(_ faults: [ConfigFault]) { self.faults = faults }

    /// One sentence a line.
    package var text: String { self.faults.map(\.text).joined(separator: "\n") }
}

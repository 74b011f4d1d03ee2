/// A list that is being written as an answer, piece by piece.
struct ListWriting {
    typealias Tell = @Sendable (Result<Piece, DoorError>) -> Void

    /// Elements as JSON, with commas between them.
    struct Piece: Sendable {
        let bytes: [UInt8]
        let isEmpty: Bool
    }

    let id: ControlLine.ID
    /// What stands before it in a batch.
    let separator: [UInt8]
    /// Tells the next piece.
    let next: @Sendable (@escaping Tell) -> Void
    /// Its beginning was written.
    private(set) var isOpen = false
    /// Elements were written; the next has a comma before it.
    private var hasBegun = false
    /// Its next elements are on their way.
    var isAsked = false

    init<Element>(_ list: AnswerList<Element>, id: ControlLine.ID, separator: [UInt8]) {
        self.id = id
        self.separator = separator
        self.next = { tell in
            list.next { result in
                tell(
                    result.map { values in
                        var out: [UInt8] = []
                        for (index, value) in values.enumerated() {
                            if index > 0 { out.append(UInt8(ascii: ",")) }
                            JSONWriter.write(value, to: &out)
                        }
                        return Piece(bytes: out, isEmpty: values.isEmpty)
                    })
            }
        }
    }

    /// What a piece adds to the line.
    mutating func write(_ piece: Piece) -> [UInt8] {
        var out: [UInt8] = []
        if !self.isOpen { out += self.separator + ControlLine.beginning(id: self.id) + [UInt8(ascii: "[")] }
        self.isOpen = true
        self.isAsked = false
        if piece.isEmpty {
            out += "]}".utf8
        } else {
            if self.hasBegun { out.append(UInt8(ascii: ",")) }
            out += piece.bytes
            self.hasBegun = true
        }
        return out
    }
}

import EarshotModel

extension Recipient {
    /// As a WHO of the door, in full.
    package var word: String {
        switch self {
        case .person(let person): person.description
        case .room(let room): "room:\(room)"
        }
    }

    package var isRoom: Bool {
        if case .room = self { true } else { false }
    }
}

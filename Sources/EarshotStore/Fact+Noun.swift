import EarshotModel

extension Fact {
    /// What a person would call it.
    var noun: String {
        switch self {
        case .envelope: "message"
        case .gone: "place of a deleted message"
        case .held, .read: "receipt"
        case .contact: "contact"
        case .manifest: "device list"
        case .certificate: "certificate"
        case .reached, .staticPeer, .discoveryKey: "address"
        case .setting: "setting"
        case .generation: "new beginning of our logs"
        case .transfer, .came, .share, .shareGone: "transfer"
        case .mail: "sealed mail"
        case .room, .members, .shown, .begins: "room"
        case .seen, .profile: "profile"
        case .picture, .pictureGone: "picture"
        }
    }
}

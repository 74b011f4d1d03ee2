import EarshotControl
import EarshotModel

/// What names somebody, and tells whose name that imitates where it does.
package protocol NamesPerson {
    /// The contact's name, and who they are.
    var looksLike: String? { get }
    var looksLikePerson: PersonID? { get }
}

extension PersonView: NamesPerson {}
extension MessageView: NamesPerson {}
extension SentView: NamesPerson {}
extension DeletedView: NamesPerson {}
extension TransferView: NamesPerson {}
extension RuleView: NamesPerson {}
extension RoomMemberView: NamesPerson {}
extension WaitingView: NamesPerson {}
extension ProfileView: NamesPerson {}

extension MessageView {
    /// The one we talk with; `nil` where nobody knows them.
    var other: PersonID? { self.room != nil ? nil : self.mine ? self.to : self.from }
    /// What to call the conversation it is of: `Anna`, `#ops`.
    var otherName: String { self.roomName ?? (self.mine ? self.toName : self.fromName) }
}

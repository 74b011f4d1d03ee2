import EarshotControl
import EarshotModel

/// An `Ask` as the door takes it, and its answer as a conversation does.
struct DoorQuestion {
    /// Asks, with so many ms of patience. Returns the number of the request.
    let post: (ControlClient, _ patience: Int64) throws(DoorError) -> Int64
    /// Throws the error that the answer is.
    let reply: (Incoming.Answer) throws(DoorError) -> Reply

    private init<One: Method>(_ method: One, _ reply: @escaping (One.Answer) -> Reply) {
        self.post = { (client: ControlClient, patience: Int64) throws(DoorError) in
            try client.post(method, patience: patience)
        }
        self.reply = { (answer: Incoming.Answer) throws(DoorError) in reply(try answer.to(One.self)) }
    }

    /// `nil` for what is none of the door's business.
    /// - Parameter place: whom the conversation is with, or in which room it is.
    /// - Throws: `badParameters` for a path that means nothing.
    init?(_ ask: Ask, _ place: Recipient) throws(DoorError) {  // lint: table
        let who = place.word
        switch ask {
        case .send(_, let text, let replyTo):
            self.init(Methods.Send(to: [who], text: text, replyTo: replyTo?.description)) { .sent($0) }
        case .edit(let id, let text): self.init(Methods.Edit(id: id.description, text: text)) { _ in .done }
        case .delete(let id): self.init(Methods.Delete(id.description)) { _ in .done }
        case .react(let id, let emoji): self.init(Methods.React(id: id.description, emoji: emoji)) { _ in .done }
        case .typing(let on): self.init(Methods.Typing(who: who, on: on)) { _ in .done }
        case .active: self.init(Methods.BeActive()) { _ in .done }
        case .live(let on): self.init(Methods.SetLive(who, on: on)) { .live($0) }
        case .draft(let text): self.init(Methods.SayDraft(who, text: text)) { _ in .done }
        case .presence(let presence, let text):
            self.init(Methods.SetPresence(presence, text: text)) { .presence($0) }
        case .markRead: self.init(Methods.MarkRead(who)) { _ in .done }
        case .acceptPerson: self.init(Methods.Accept(who)) { .person($0) }
        case .block: self.init(Methods.Block(who)) { .person($0) }
        case .unblock: self.init(Methods.Unblock(who)) { .person($0) }
        case .acceptFile(let id, let folder):
            var path: AbsolutePath?
            if let folder { path = try AbsolutePath(try TypedPath.ours.absolute(folder)) }
            self.init(Methods.AcceptTransfer(id: id.description, folder: path)) { .transfer($0) }
        case .transfer(let verb, let id): self.init(verb, id.description)
        case .offer(let typed):
            var paths: [AbsolutePath] = []
            for path in typed { paths.append(try AbsolutePath(try TypedPath.ours.absolute(path))) }
            self.init(Methods.Offer(to: [who], paths: AbsolutePaths(paths))) { .offered($0) }
        case .search(let query): self.init(Methods.Search(query: query, who: who, limit: 30)) { .messages($0) }
        case .id: self.init(Methods.Identity()) { .identity($0) }
        case .person:
            self.init(Methods.Resolve(who)) {
                switch $0 {
                case .person(let person): .person(person)
                case .room(let room): .room(room)
                }
            }
        case .transfers:
            self.init(Methods.Transfers(limit: 1_000, who: place.isRoom ? nil : who)) { .transfers($0) }
        case .acknowledge(let id): self.init(Methods.Acknowledge(id.description)) { _ in .done }
        case .topic(let text): self.init(Methods.SetTopic(room: who, topic: text)) { .room($0) }
        case .invite(let people): self.init(Methods.InviteToRoom(room: who, who: Words(people))) { .room($0) }
        case .pin(let id, true): self.init(Methods.Pin(room: who, message: id.description)) { .room($0) }
        case .pin(let id, false): self.init(Methods.Unpin(room: who, message: id.description)) { .room($0) }
        case .leaveRoom: self.init(Methods.LeaveRoom(who)) { .room($0) }
        case .remove(let person): self.init(Methods.RemoveFromRoom(room: who, who: person)) { .room($0) }
        case .rename(let name) where place.isRoom: self.init(Methods.RenameRoom(room: who, name: name)) { .room($0) }
        case .rename(let name): self.init(Methods.Rename(who: who, petname: name)) { .person($0) }
        case .verify(.start): self.init(Methods.StartVerification(who)) { .verification($0) }
        case .verify(.stop): self.init(Methods.StopVerification(who)) { _ in .done }
        case .verify(.answer(let isSame)):
            self.init(Methods.AnswerVerification(who: who, same: isSame)) { .verification($0) }
        case .trust: self.init(Methods.TrustPerson(who)) { .person($0) }
        case .people: self.init(Methods.Contacts()) { .people($0) }
        case .newest(let limit):
            self.init(Methods.History(who: who, limit: Count(Int64(clamping: limit)))) { .messages($0) }
        case .older(let id):
            let page = Count(Int64(clamping: ChatState.page))
            self.init(Methods.History(who: who, before: id.description, limit: page)) { .messages($0) }
        case .complete, .startNode, .redraw, .suspend, .leave: return nil
        }
    }

    private init(_ verb: Ask.Verb, _ id: String) {
        switch verb {
        case .decline: self.init(Methods.DeclineTransfer(id)) { .transfer($0) }
        case .pause: self.init(Methods.PauseTransfer(id)) { .transfer($0) }
        case .resume: self.init(Methods.ResumeTransfer(id)) { .transfer($0) }
        case .retry: self.init(Methods.RetryTransfer(id)) { .transfer($0) }
        case .cancel: self.init(Methods.CancelTransfer(id)) { .transfer($0) }
        }
    }
}

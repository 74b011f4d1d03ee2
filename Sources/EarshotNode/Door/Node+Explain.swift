import EarshotControl
import EarshotModel
import EarshotNetwork
import EarshotRules
import EarshotStore
import EarshotText
import EarshotVault

/// What went wrong, as whoever asked is told.
extension Node {
    static func explain(_ error: any Error) -> DoorError {
        switch error {
        case let error as DoorError: error
        case let error as StoreError: DoorError(.storage(Self.reason(error)))
        case let refusal as Engine.Refusal:
            switch refusal {
            case .blocked: DoorError(.person(.blocked))
            case .conflict(let person, let name, let reason):
                DoorError(.person(.conflict(reason, name: name, id: person.brief)))
            case .tooLong: DoorError(.message(.tooLong))
            case .myself: DoorError(.person(.myself))
            case .notKept(let trouble): DoorError(.storage(.trouble(trouble)))
            case .empty: DoorError(.message(.empty))
            }
        case let error as VaultError: DoorError(.vault(error))
        case let error as BackupError: DoorError(.backup(.failed(error)))
        default: DoorError(.storage(.failed(detail: self.words(for: error))))
        }
    }

    static func reason(_ error: StoreError) -> Refusal.Storage {
        switch error {
        case .damaged(let path, let detail): .damaged(path: path, detail: detail)
        case .full(let path): .full(path: path)
        case .unusable(let path, let detail): .unusable(path: path, detail: detail)
        case .newer(let path): .newer(path: path)
        case .notStored(let path, let detail): .notStored(path: path, detail: detail)
        }
    }

    /// What went wrong, for a person: a sentence of ours, or what the system says.
    package static func words(for error: any Error) -> String {
        switch error {
        case let error as DoorError: error.message
        case is StoreError, is VaultError, is BackupError: self.explain(error).message
        case let error as ListenError:
            DoorError(.connection(.noPort(error.port, detail: error.isTaken && error.port != nil ? nil : error.reason)))
                .message
        default: NetworkError.words(for: error)
        }
    }
}

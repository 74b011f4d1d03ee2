import EarshotModel
import EarshotText

extension DoorError {
    /// What is refused, in the words of `language`.
    package init(_ refusal: Refusal, in language: Language = .english, candidates: [String] = [], more: Int = 0) {
        self.init(refusal.kind, language.say(.refused(refusal)), candidates: candidates, more: more)
    }
}

extension Refusal {
    /// What programs tell it by (docs/Control.md).
    package var kind: DoorError.Kind {
        switch self {
        case .person(let why): why.kind
        case .message(let why): why.kind
        case .talk(let why): why.kind
        case .room(let why): why.kind
        case .trust(let why): why.kind
        case .file(let why): why.kind
        case .own(let why): why.kind
        case .storage(let why): why.kind
        case .backup(.isBeingMade): .refused
        case .backup(.failed), .vault: .disk
        case .folder: .badParameters
        case .backup(.shortPassphrase), .backup(.exists): .badParameters
        case .line(let why): why.kind
        case .word(let why): why.kind
        case .path(.longState), .input(.unreadable), .input(.unwritableOutput), .passphrase(.noTerminal): .failed
        case .path(.unwritable): .disk
        case .path, .input, .passphrase: .badParameters
        case .connection(let why): why.kind
        case .fault: .badParameters
        }
    }
}

extension Refusal.Person {
    fileprivate var kind: DoorError.Kind {
        switch self {
        case .unknown: .unknownName
        case .myself, .nameIsID: .badParameters
        case .blocked, .notAccepted, .nameIsTaken, .notBlocked: .refused
        case .conflict: .untrusted
        }
    }
}

extension Refusal.Trust {
    fileprivate var kind: DoorError.Kind {
        switch self {
        case .notComparing, .notVerified, .nothingTheMatter, .underWay, .pauses, .nothingToCompare, .noInvitation,
            .isJoining:
            .refused
        case .notFingerprint, .notCodeText, .onlyOneKey, .joinCount, .codeTime, .notCode: .badParameters
        case .otherKey, .wrongCode: .untrusted
        case .noCode: .failed
        case .nobodyInvites, .sessionEnded: .unreachable
        case .severalInvite: .ambiguousName
        case .tooLate: .timeout
        }
    }
}

extension Refusal.Own {
    fileprivate var kind: DoorError.Kind {
        switch self {
        case .longStatus, .longField, .notBase64, .notPicture, .largePicture, .noSetting, .settingAtStart,
            .lockedSetting,
            .givenSetting, .notAddress,
            .noName:
            .badParameters
        case .noPicture, .noPicturedCode: .failed
        case .noPage, .pageNotServed, .ruleOfFile, .strangerKeeper, .manyKeepers, .notKeeper: .refused
        case .notListed, .noRule: .unknownName
        }
    }
}

extension Refusal.Message {
    fileprivate var kind: DoorError.Kind {
        switch self {
        case .empty, .tooLong, .placesTogether, .blankEdit, .longEdit, .notReaction, .neverSoMany: .badParameters
        case .elsewhere: .unknownName
        case .conversationGone: .failed
        case .isDeleted, .isDeletedAlready, .onlyOwnEdited, .onlyOwnDeleted, .isOwn, .asksNothing, .onlyAskerReminds,
            .allAcknowledged, .onlyOwnReceipts:
            .refused
        }
    }
}

extension Refusal.Talk {
    fileprivate var kind: DoorError.Kind {
        switch self {
        case .notListed, .unknown: .unknownName
        case .untilWithoutMute: .badParameters
        }
    }
}

extension Refusal.File {
    fileprivate var kind: DoorError.Kind {
        switch self {
        case .notInSpool, .notName, .oneNameForSeveral, .nothing, .unoffered: .badParameters
        case .alone, .isOwn, .begunElsewhere, .over: .refused
        case .noOpenOffer: .unknownName
        }
    }
}

extension Refusal.Room {
    fileprivate var kind: DoorError.Kind {
        switch self {
        case .unknownID, .unknown: .unknownName
        case .blankName, .longName, .longNameOrTopic, .manyCharacters, .lifetimeBelowZero, .lifetimeTooLong,
            .openFromJoin:
            .badParameters
        case .invitesPeople, .invited, .removed, .left, .notOwner, .ownerInvites, .full, .youAreIn, .isIn, .isYours,
            .isNotIn, .wasTaken, .ownerLeaves, .notWriter, .notTold, .allWrite, .spent, .nameInUse, .noInvitation,
            .pinElsewhere,
            .isPinned, .isNotPinned:
            .refused
        }
    }
}

extension Refusal.Storage {
    package var kind: DoorError.Kind {
        switch self {
        case .trouble(.full), .full: .diskFull
        case .trouble(.damaged), .damaged: .damaged
        case .trouble(.unwritable), .unusable, .newer: .disk
        case .notStored: .notStored
        case .failed: .failed
        }
    }
}

extension Refusal.Line {
    fileprivate var kind: DoorError.Kind {
        switch self {
        case .notJSON, .tooDeep, .manyValues, .tooLong, .notEnded: .badLine
        case .noRequest, .emptyBatch, .longBatch, .badID, .longID, .notRequest: .badRequest
        case .manyClients: .refused
        case .noMethod, .notAnswered: .unknownMethod
        case .notNamed, .missing, .wrong, .unreadable, .escapedTooLong: .badParameters
        case .notList, .otherAnswer: .failed
        }
    }
}

extension Refusal.Word {
    fileprivate var kind: DoorError.Kind {
        switch self {
        case .noName, .noRoomName, .unknownID: .unknownName
        case .severalPeople, .severalRooms, .shortName, .severalIDs: .ambiguousName
        case .noID, .shortID: .badParameters
        }
    }
}

extension Refusal.Connection {
    fileprivate var kind: DoorError.Kind {
        switch self {
        case .longPath, .notOurs, .unknownAnswer, .answersAlready, .noPort: .failed
        case .notRunning, .stopped, .stopping, .noNode: .notRunning
        case .notReading, .notAnswering: .timeout
        case .activationNotNumbers, .severalSockets: .badParameters
        }
    }
}

import EarshotControl
import EarshotModel
import EarshotText
import NIOHTTP1

/// Why a request was not done, before or beside the door: a status of HTTP, one word, and words for a person.
struct WebError: Error, Hashable {
    enum Kind: String {
        case badRequest, wrongHost, wrongOrigin, notEntered, wrongKey, expiredLink, notFound, methodNotAllowed,
            wrongType
        case tooLarge, lengthNeeded, badPath, nameTaken, badRange, diskFull, disk, tooMany, refused
        /// The node could not say what a program posted.
        case notSaid
    }

    let kind: Kind
    let message: String

    init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }

    /// What is refused, in the words of `language`.
    init(_ why: Refusal.Page, in language: Language = .english) { self.init(why.kind, language.say(.page(why))) }

    var status: HTTPResponseStatus {
        switch self.kind {
        case .badRequest, .badPath: .badRequest
        case .wrongHost: .misdirectedRequest
        case .notEntered: .unauthorized
        case .wrongOrigin, .wrongKey, .expiredLink, .refused: .forbidden
        case .notFound: .notFound
        case .methodNotAllowed: .methodNotAllowed
        case .wrongType: .unsupportedMediaType
        case .tooLarge: .payloadTooLarge
        case .lengthNeeded: .lengthRequired
        case .nameTaken: .conflict
        case .badRange: .rangeNotSatisfiable
        case .diskFull: .insufficientStorage
        case .disk: .internalServerError
        case .tooMany, .notSaid: .serviceUnavailable
        }
    }

    /// The body of the answer.
    var body: [UInt8] {
        Array((["error": .string(self.message), "kind": .string(self.kind.rawValue)] as JSON).line.utf8)
    }
}

extension Refusal.Page {
    fileprivate var kind: WebError.Kind {
        switch self {
        case .nothingHere, .noName, .noFile, .noFileAnyMore, .notFile, .noPicture, .noStream, .noUpload,
            .noUploadAnyMore, .noMetrics:
            .notFound
        case .notHTTP, .noToken, .wrongOrder, .badPlace, .nothingExpected: .badRequest
        case .wrongHost: .wrongHost
        case .wrongOrigin: .wrongOrigin
        case .notEntered: .notEntered
        case .expiredLink: .expiredLink
        case .wrongMethod: .methodNotAllowed
        case .wrongType: .wrongType
        case .tooLong: .tooLarge
        case .noLength, .badLength: .lengthNeeded
        case .notPath, .badName, .cannotBeCalled: .badPath
        case .isThere, .isFileThere: .nameTaken
        case .badRange: .badRange
        case .diskFull, .full, .manyUploads: .diskFull
        case .unwritable: .disk
        case .manyFiles, .manyPosts: .tooMany
        case .closing, .notSigned: .refused
        case .wrongKey: .wrongKey
        }
    }
}

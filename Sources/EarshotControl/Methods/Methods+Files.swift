/// Files and folders.
extension Methods {
    package static let files: [any Method.Type] = [
        Offer.self, OpenOffer.self, GrowOffer.self, Transfers.self, AcceptTransfer.self, DeclineTransfer.self,
        CancelTransfer.self, PauseTransfer.self, ResumeTransfer.self, RetryTransfer.self, TransferFiles.self,
    ]

    /// Offers files and folders; answers for each person.
    package struct Offer: Method {
        package typealias Answer = OfferAnswer
        package static let name = "offer"
        package static let summary = "Offers files and folders; answers for each person."

        package let to: Words
        package let paths: AbsolutePaths
        /// What a single one is called, if not as it is.
        package let name: String?
        /// Until when the answer waits; `queued` unless given.
        package let wait: Wait?
        /// Ms; 3,600,000 unless given.
        package let timeout: Int64?
        package var people: [String] { self.to.all }

        package init(to: Words, paths: AbsolutePaths, name: String? = nil, wait: Wait? = nil, timeout: Int64? = nil) {
            self.to = to
            self.paths = paths
            self.name = name
            self.wait = wait
            self.timeout = timeout
        }
    }

    /// Offers what is still being written into the spool.
    package struct OpenOffer: Method {
        package typealias Answer = [SentView]
        package static let name = "offer.open"
        package static let summary = "Offers what is still being written into the spool."

        package let to: Words
        package let path: AbsolutePath
        package let name: String
        package var people: [String] { self.to.all }

        package init(to: Words, path: AbsolutePath, name: String) {
            self.to = to
            self.path = path
            self.name = name
        }
    }

    /// Says how far what is being written is.
    package struct GrowOffer: Method {
        package typealias Answer = Done
        package static let name = "offer.grew"
        package static let summary = "Says how far what is being written is."

        package let share: String
        /// Bytes.
        package let size: Int64?
        /// False once it is complete.
        package let open: Bool?

        package init(share: String, size: Int64? = nil, open: Bool? = nil) {
            self.share = share
            self.size = size
            self.open = open
        }
    }

    /// The newest transfers.
    package struct Transfers: Method {
        package typealias Answer = [TransferView]
        package static let name = "transfers"
        package static let summary = "The newest transfers."
        package static let mayAnswerMuch = true

        /// 200 unless given.
        package let limit: Count?
        /// Only those with one person, or in one room.
        package let who: String?
        /// Only what one person offers.
        package let from: String?
        package var people: [String] { [self.from, self.who].compactMap { $0 } }

        package init(limit: Count? = nil, who: String? = nil, from: String? = nil) {
            self.limit = limit
            self.who = who
            self.from = from
        }
    }

    /// Agrees to take what is offered.
    package struct AcceptTransfer: Method {
        package typealias Answer = TransferView
        package static let name = "transfer.accept"
        package static let summary = "Agrees to take what is offered."

        package let id: String
        /// Where it goes, if not where files usually go.
        package let folder: AbsolutePath?

        package init(id: String, folder: AbsolutePath? = nil) {
            self.id = id
            self.folder = folder
        }
    }

    /// Says no to what is offered.
    package struct DeclineTransfer: Method {
        package typealias Answer = TransferView
        package static let name = "transfer.decline"
        package static let summary = "Says no to what is offered."

        package let id: String

        package init(_ id: String) {
            self.id = id
        }
    }

    /// Ends a transfer: declines what others offer, takes back what one offers.
    package struct CancelTransfer: Method {
        package typealias Answer = TransferView
        package static let name = "transfer.cancel"
        package static let summary = "Ends a transfer: declines what others offer, takes back what one offers."

        package let id: String

        package init(_ id: String) {
            self.id = id
        }
    }

    /// Lets a transfer rest.
    package struct PauseTransfer: Method {
        package typealias Answer = TransferView
        package static let name = "transfer.pause"
        package static let summary = "Lets a transfer rest."

        package let id: String

        package init(_ id: String) {
            self.id = id
        }
    }

    /// Lets a transfer go on.
    package struct ResumeTransfer: Method {
        package typealias Answer = TransferView
        package static let name = "transfer.resume"
        package static let summary = "Lets a transfer go on."

        package let id: String

        package init(_ id: String) {
            self.id = id
        }
    }

    /// Begins a failed transfer again.
    package struct RetryTransfer: Method {
        package typealias Answer = TransferView
        package static let name = "transfer.retry"
        package static let summary = "Begins a failed transfer again."

        package let id: String

        package init(_ id: String) {
            self.id = id
        }
    }

    /// Where the files of a transfer are on this machine.
    package struct TransferFiles: Method {
        package typealias Answer = [PlaceView]
        package static let name = "transfer.files"
        package static let summary =
            "Where the things of a complete transfer, or of what one offers oneself, are on this machine."
        package static let mayAnswerMuch = true

        package let id: String

        package init(_ id: String) {
            self.id = id
        }
    }
}

/// What an offer is answered with: what was queued for each person, or, where that was waited for, what became of it.
package enum OfferAnswer: SchemaNamed, Hashable {
    case queued([SentView])
    case ended([TransferView])

    package static let kind = "a list"
    package static var schema: JSON {
        ["type": "array", "items": ["oneOf": [SentView.reference, TransferView.reference]]]
    }
    package static var sample: OfferAnswer { .queued([]) }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let ended = try? container.decode([TransferView].self) {
            self = .ended(ended)
        } else {
            self = .queued(try container.decode([SentView].self))
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .queued(let sent): try container.encode(sent)
        case .ended(let transfers): try container.encode(transfers)
        }
    }
}

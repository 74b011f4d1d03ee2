// In whatever order a log comes, whole or with stubs, it is taken in order, each place once, and what waits is bounded.
import EarshotModel
import EarshotRules
import EarshotTesting
import EarshotWire

private let length = 64
private let chain: [VerifiedEnvelope] = (try? Samples().chain((0..<length).map { .text(.init("\($0)")) })) ?? []
/// The same device once more from place 20 on: a fork.
private let fork: [VerifiedEnvelope] =
    (try? Samples().chain((0..<length).map { .text(.init($0 < 20 ? "\($0)" : "other \($0)")) })) ?? []

@_cdecl("LLVMFuzzerTestOneInput") public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    var log = Log(device: chain[0].envelope.device)
    var head: (seq: UInt64, id: EnvelopeID?) = (0, nil)
    for byte in UnsafeBufferPointer(start: start, count: count) {
        let index = Int(byte) % length
        let outcome: Log.Outcome
        switch byte / UInt8(length) {
        case 0, 1: outcome = log.receive(chain[index])
        case 2:
            let envelope = chain[index].envelope
            outcome = log.receive(
                Gone(conversation: envelope.conversation, log: envelope.log, seq: envelope.seq, id: envelope.id))
        default: outcome = log.receive(fork[index])
        }
        if case .taken(let entries) = outcome {
            hold(!entries.isEmpty, "something was taken")
            for entry in entries {
                switch entry {
                case .envelope(let verified):
                    hold(verified.envelope.seq == head.seq + 1 && verified.envelope.prev == head.id, "in order")
                    head = (verified.envelope.seq, verified.envelope.id)
                case .gone(let seq, let id):
                    hold(seq == head.seq + 1, "in order")
                    head = (seq, id)
                }
            }
        }
        hold(log.seq == head.seq && log.id == head.id, "the head is the last taken")
        hold(log.earlyCount <= Limits.parkedEnvelopes && log.earlyBytes <= Limits.parkedBytes, "bounded")
        hold(log.earlyCount > 0 || log.earlyBytes == 0, "nothing waits and it weighs nothing")
    }
    return 0
}

func seeds() throws -> [[UInt8]] { [[0, 1, 2, 3], [3, 2, 1, 0], [0, 129, 130, 3, 200, 4]] }

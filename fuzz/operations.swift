// Whatever people do and the network does to them: nothing acknowledged is lost, nothing is stored twice, logs keep
// their order.
import EarshotModel
import EarshotRules
import EarshotTesting
import EarshotWire

@_cdecl("LLVMFuzzerTestOneInput") public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    var data = UnsafeBufferPointer(start: start, count: min(count, 256))[...]
    guard let seed = data.popFirst(), var lan = try? SimulatedLAN(names: ["Anna", "Bob", "Cleo"], seed: UInt64(seed))
    else { return 0 }
    lan.introduceAll()
    var said: [(id: EnvelopeID, to: Int)] = []
    while let op = data.popFirst() {
        let (from, to) = (Int(op >> 4) % 3, (Int(op >> 4) + 1 + Int(op >> 7)) % 3)
        switch op % 12 {
        case 0, 1, 2: if from != to, let id = lan.say("word", from: from, to: to) { said.append((id, to)) }
        case 3:
            for _ in 0..<40 { if from != to, let id = lan.say("burst", from: from, to: to) { said.append((id, to)) } }
        case 4: lan.partition([Int(op >> 4) & 1, Int(op >> 5) & 1, Int(op >> 6) & 1])
        case 5: lan.partition([0, 0, 0])
        case 6: lan.crash(from, downFor: UInt64(op) * 50)
        case 7: lan.weather = .storm
        case 8: lan.weather = .fair
        case 9:
            // A body that is dropped before it went out need not arrive; all that came after it must.
            guard !said.isEmpty else { continue }
            lan.drop(said.remove(at: Int(op) % said.count).id, on: from)
        case 10:
            let person = lan.hosts[to].identity.person
            lan.ask(from) { engine, now in engine.read(person, at: now) }
        default: lan.run(for: UInt64(op) * 20)
        }
        lan.run(for: 7)
    }
    lan.weather = .fair
    lan.partition([0, 0, 0])
    for one in 0..<3 { for other in 0..<3 where other != one { lan.sight(one, other) } }
    lan.run(for: 180_000)
    for host in lan.hosts {
        hold(host.disk.doubles == 0, "stored twice")
        for (device, logs) in host.disk.held {
            guard let other = lan.hosts.first(where: { $0.identity.device == device }) else { continue }
            for (log, seq) in logs {
                let has = other.disk.snapshot.heads.first { $0.log == log }?.seq ?? 0
                hold(has >= seq, "what is held for acknowledged is there")
            }
        }
        hold(host.engine == nil || host.disk.snapshot.heads.allSatisfy { $0.seq > 0 }, "logs begin at 1")
    }
    let lost = said.filter { word in !lan.hosts[word.to].disk.places(contain: word.id) }
    hold(lost.isEmpty, "a word is missing")
    return 0
}

func seeds() throws -> [[UInt8]] {
    [[1, 0, 16, 33, 11, 4, 6, 22, 3, 19, 5, 11], [2, 7, 3, 51, 6, 38, 11, 9, 25, 10, 8]]
}

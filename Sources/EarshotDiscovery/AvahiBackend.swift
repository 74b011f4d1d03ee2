import CAvahi
import CDNSSD
import CLinux
import EarshotModel
import Glibc

/// mDNS by the machine's Avahi daemon, through dns_sd.h. One thread polls the sockets of all operations.
final class AvahiBackend: @unchecked Sendable {
    // Everything but `worker` and `alarm` is touched on the thread alone.

    /// One question to the daemon, and what it is about.
    private final class Operation {
        unowned let backend: AvahiBackend
        var reference: DNSServiceRef?
        var record: ServiceRecord?
        var interface: UInt32 = 0
        /// Uptime in ms after which an unanswered question is dropped; nothing for what lasts.
        var until: UInt64?
        init(_ backend: AvahiBackend) { self.backend = backend }
        var context: UnsafeMutableRawPointer { Unmanaged.passUnretained(self).toOpaque() }
        static func from(_ context: UnsafeMutableRawPointer?) -> Operation? {
            context.map { Unmanaged<Operation>.fromOpaque($0).takeUnretainedValue() }
        }
    }

    private static let mostQuestions = 256
    private static let patience: UInt64 = 5_000

    private let library: DNSServiceLibrary
    private var advertisement: Advertisement
    private var oldInstance = ""
    /// What announces us, and what did so under the name before: that goes once the new one is there.
    private var announcing: [Operation] = []
    private var outdated: [Operation] = []
    private let names: [String]
    private let tell: @Sendable (DiscoveryEvent) -> Void
    private let failed: @Sendable (String) -> Void
    private let alarm: Int32
    private let worker: Worker
    private var operations: [ObjectIdentifier: Operation] = [:]
    private var isStopped = false
    private var failure: String?
    private var interfaces: [UInt32: Interface] = [:]

    /// Whether a daemon is likely to answer: without its socket or the bus it would only be waited for in vain.
    static var isThere: Bool {
        DNSServiceLibrary.loaded != nil && access("/run/avahi-daemon/socket", F_OK) == 0
            && (access("/run/dbus/system_bus_socket", F_OK) == 0
                || access("/var/run/dbus/system_bus_socket", F_OK) == 0)
    }

    /// Nothing where libdns_sd is not installed.
    init?(
        _ advertisement: Advertisement, interfaces: [String], tell: @escaping @Sendable (DiscoveryEvent) -> Void,
        failed: @escaping @Sendable (String) -> Void
    ) {
        guard let library = DNSServiceLibrary.loaded else { return nil }
        self.library = library
        self.advertisement = advertisement
        self.names = interfaces
        self.tell = tell
        self.failed = failed
        let alarm = eventfd(0, Int32(EFD_CLOEXEC) | Int32(EFD_NONBLOCK))
        self.alarm = alarm
        self.worker = Worker {
            var one: UInt64 = 1
            write(alarm, &one, 8)
        }
    }

    deinit { close(self.alarm) }

    func start() {
        Worker.start {
            self.begin()
            while !self.isStopped, self.failure == nil { self.wait() }
            for operation in self.operations.values {
                if let reference = operation.reference { self.library.deallocate(reference) }
            }
            self.operations = [:]
            if let failure = self.failure, !self.isStopped { self.failed(failure) }
        }
    }

    func stop() { self.worker.add { self.isStopped = true } }

    /// Be announced under another name; looking for others goes on.
    func advertise(_ advertisement: Advertisement) {
        self.worker.add {
            guard advertisement != self.advertisement else { return }
            self.dropOutdated()
            (self.outdated, self.announcing) = (self.announcing, [])
            (self.oldInstance, self.advertisement) = (self.advertisement.instance, advertisement)
            for index in self.indices { self.announce(on: index) }
        }
    }

    // MARK: on the thread

    private func dropOutdated() {
        for operation in self.outdated { self.end(operation) }
        self.outdated = []
    }

    /// 0 means all interfaces of the daemon; named ones are asked one by one.
    private var indices: [UInt32] { self.names.isEmpty ? [0] : self.interfaces.keys.sorted() }

    private func begin() {
        let usable = Interface.usable(self.names)
        self.interfaces = Dictionary(usable.map { ($0.index, $0) }, uniquingKeysWith: { $1 })
        for index in self.indices {
            self.open(lasts: true) { operation in
                self.library.browse(
                    &operation.reference, 0, index, ServiceRecord.type, nil,
                    { _, flags, interface, error, name, type, domain, context in
                        guard let operation = Operation.from(context), let name, let type, let domain else { return }
                        operation.backend.browsed(flags, interface, error, name, type, domain)
                    }, operation.context)
            }
            self.announce(on: index)
        }
    }

    private func announce(on index: UInt32) {
        let text = self.advertisement.text.flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) }
        let operation = self.open(lasts: true) { operation in
            self.library.register(
                &operation.reference, 0, index, self.advertisement.instance, ServiceRecord.type, nil, nil,
                self.advertisement.port.bigEndian, UInt16(text.count), text,
                { _, _, error, _, _, _, context in
                    guard let operation = Operation.from(context) else { return }
                    operation.backend.announced(error)
                }, operation.context)
        }
        if let operation { self.announcing.append(operation) }
    }

    private func announced(_ error: DNSServiceErrorType) {
        guard error == 0 else { return self.fail(error) }
        // Not here, in the middle of the library's own work.
        if !self.outdated.isEmpty { self.worker.add { self.dropOutdated() } }
        self.tell(.advertised)
    }

    @discardableResult
    private func open(lasts: Bool, _ ask: (Operation) -> DNSServiceErrorType) -> Operation? {
        guard self.operations.count < Self.mostQuestions else { return nil }
        let operation = Operation(self)
        operation.until = lasts ? nil : uptime() + Self.patience
        let error = ask(operation)
        guard error == 0 else {
            if lasts { self.fail(error) }
            return nil
        }
        self.operations[ObjectIdentifier(operation)] = operation
        return operation
    }

    private func end(_ operation: Operation) {
        guard self.operations.removeValue(forKey: ObjectIdentifier(operation)) != nil else { return }
        if let reference = operation.reference { self.library.deallocate(reference) }
    }

    private func fail(_ error: DNSServiceErrorType) {
        self.failure = self.failure ?? "the Avahi daemon \(Self.words(error))"
    }

    /// What an error of DNS-SD means for a person; the number for whoever searches for it.
    private static func words(_ error: DNSServiceErrorType) -> String {
        switch Int(error) {
        case kDNSServiceErr_Unknown, -65_563: "does not answer: is avahi-daemon running? (\(error))"
        case kDNSServiceErr_NameConflict, kDNSServiceErr_AlreadyRegistered:
            "says that our name on the network is taken (\(error))"
        case kDNSServiceErr_NoMemory: "has no memory left (\(error))"
        case kDNSServiceErr_BadInterfaceIndex: "does not know this network interface (\(error))"
        case kDNSServiceErr_Refused, kDNSServiceErr_NoAuth:
            "refuses: its configuration does not let programs announce themselves (\(error))"
        case kDNSServiceErr_Unsupported: "cannot do what is needed (\(error))"
        default: "reports an error (DNS-SD \(error))"
        }
    }

    private func wait() {
        let list = self.operations.values.filter { $0.reference != nil }
        var polls = list.map { pollfd(fd: self.library.descriptor($0.reference), events: Int16(POLLIN), revents: 0) }
        polls.append(pollfd(fd: self.alarm, events: Int16(POLLIN), revents: 0))
        let soonest = list.compactMap(\.until).min()
        let timeout = soonest.map { Int32(clamping: $0 > uptime() ? $0 - uptime() : 0) } ?? -1
        guard poll(&polls, UInt(polls.count), timeout) >= 0 || errno == EINTR else {
            return self.failure = "poll failed"
        }
        if polls.last?.revents != 0 {
            var count: UInt64 = 0
            read(self.alarm, &count, 8)
            self.worker.work()
        }
        for (operation, poll) in zip(list, polls)
        where poll.revents != 0 && self.operations[ObjectIdentifier(operation)] != nil {
            let error = self.library.process(operation.reference)
            if error != 0, operation.until == nil { self.fail(error) }
            if error != 0, operation.until != nil { self.end(operation) }
        }
        for operation in list where operation.until.map({ $0 <= uptime() }) ?? false { self.end(operation) }
    }

    private func browsed(
        _ flags: DNSServiceFlags, _ interface: UInt32, _ error: DNSServiceErrorType, _ name: UnsafePointer<CChar>,
        _ type: UnsafePointer<CChar>, _ domain: UnsafePointer<CChar>
    ) {
        guard error == 0 else { return self.fail(error) }
        let instance = String(cString: name)
        guard instance != self.advertisement.instance, instance != self.oldInstance else { return }
        guard flags & DNSServiceFlags(kDNSServiceFlagsAdd) != 0 else {
            if let shortID = ServiceRecord.shortID(ofInstance: instance) { self.tell(.lost(shortID: shortID)) }
            return
        }
        self.open(lasts: false) { operation in
            operation.interface = interface
            return self.library.resolve(
                &operation.reference, 0, interface, name, type, domain,
                { _, _, _, error, _, host, port, length, text, context in
                    guard error == 0, let operation = Operation.from(context), let host else { return }
                    let bytes = text.map { Array(UnsafeBufferPointer(start: $0, count: Int(length))) } ?? []
                    operation.backend.resolved(operation, host, UInt16(bigEndian: port), bytes)
                }, operation.context)
        }
    }

    private func resolved(_ operation: Operation, _ host: UnsafePointer<CChar>, _ port: UInt16, _ text: [UInt8]) {
        guard operation.record == nil, let record = ServiceRecord(port: port, text: Self.strings(text)),
            record.name != self.advertisement.name
        else { return }
        operation.record = record
        operation.until = uptime()
        for kind in [UInt16(kDNSServiceType_A), UInt16(kDNSServiceType_AAAA)] {
            self.open(lasts: false) { question in
                question.record = record
                question.interface = operation.interface
                return self.library.query(
                    &question.reference, 0, operation.interface, host, kind, UInt16(kDNSServiceClass_IN),
                    { _, _, interface, error, _, _, _, length, data, _, context in
                        guard error == 0, let question = Operation.from(context), let data else { return }
                        let bytes = Array(UnsafeRawBufferPointer(start: data, count: Int(length)))
                        question.backend.answered(question, interface, bytes)
                    }, question.context)
            }
        }
    }

    private func answered(_ question: Operation, _ interface: UInt32, _ bytes: [UInt8]) {
        let index = interface == 0 ? question.interface : interface
        let isLoopback = self.interfaces[index]?.isLoopback ?? false
        guard let record = question.record, AddressPolicy.admits(bytes, onLoopback: isLoopback),
            let endpoint = Endpoint(
                address: bytes, scope: AddressPolicy.isLinkLocal(bytes) ? index : 0, port: record.port)
        else { return }
        self.tell(.found(record.name, endpoint, interface: index))
    }

    /// TXT as it is on the wire: each string behind its length.
    private static func strings(_ text: [UInt8]) -> [[UInt8]] {
        var strings: [[UInt8]] = []
        var rest = text[...]
        while let length = rest.popFirst(), strings.count < 32 {
            guard rest.count >= Int(length) else { break }
            strings.append(Array(rest.prefix(Int(length))))
            rest = rest.dropFirst(Int(length))
        }
        return strings
    }
}

import CAvahi
import EarshotModel
import Glibc

/// mDNS by libavahi-core in our own process: no daemon, no D-Bus. One thread, which sleeps until something happens.
final class EmbeddedBackend: @unchecked Sendable {
    // Everything below but `worker` and `poll` is touched on the thread alone; avahi's wake-up may be called from any.
    private var advertisement: Advertisement
    private let names: [String]
    private let announced: [Endpoint]
    private let tell: @Sendable (DiscoveryEvent) -> Void
    private let poll: OpaquePointer
    private var worker: Worker
    private var server: OpaquePointer?
    private var group: OpaquePointer?
    /// Under the name that we had before: it goes once we are announced under the new one.
    private var oldGroup: OpaquePointer?
    private var oldInstance = ""
    private var browser: OpaquePointer?
    private var isStopped = false
    private var loopbacks: Set<Int32> = []
    /// Names being resolved: a flood of adverts is not answered with a flood of questions.
    private var resolving = 0
    private var doze = TimerSlack(now: uptime())
    private static let mostResolving = 128

    init?(
        _ advertisement: Advertisement, interfaces: [String], announced: [Endpoint],
        tell: @escaping @Sendable (DiscoveryEvent) -> Void
    ) {
        guard let poll = avahi_simple_poll_new() else { return nil }
        self.advertisement = advertisement
        self.names = interfaces
        self.announced = announced
        self.tell = tell
        self.poll = poll
        let address = UInt(bitPattern: poll)
        self.worker = Worker { avahi_simple_poll_wakeup(OpaquePointer(bitPattern: address)) }
        avahi_set_log_function { _, _ in }
    }

    func start() {
        Worker.start {
            self.build()
            avahi_simple_poll_set_func(
                self.poll,
                { polls, count, timeout, context in
                    guard let context else { return Glibc.poll(polls, UInt(count), timeout) }
                    return Unmanaged<EmbeddedBackend>.fromOpaque(context).takeUnretainedValue().wait(
                        polls, count, timeout)
                }, Unmanaged.passUnretained(self).toOpaque())
            while !self.isStopped {
                guard avahi_simple_poll_iterate(self.poll, -1) >= 0 else { break }
                self.worker.work()
            }
            self.tearDown()
            avahi_simple_poll_free(self.poll)
        }
    }

    /// Interfaces or addresses changed: begin again, so that all is asked and told anew.
    func rebuild() {
        self.worker.add {
            self.tearDown()
            self.build()
        }
    }

    func stop() { self.worker.add { self.isStopped = true } }

    /// Be announced under another name; looking for others goes on.
    func advertise(_ advertisement: Advertisement) {
        self.worker.add {
            guard advertisement != self.advertisement else { return }
            self.dropOld()
            (self.oldGroup, self.oldInstance) = (self.group, self.advertisement.instance)
            self.group = nil
            self.advertisement = advertisement
            guard let server = self.server else { return }
            self.advertise(server, Unmanaged.passUnretained(self).toOpaque(), Interface.usable(self.names))
        }
    }

    // MARK: on the thread

    private func dropOld() {
        if let old = self.oldGroup { avahi_s_entry_group_free(old) }
        self.oldGroup = nil
    }

    private func wait(_ polls: UnsafeMutablePointer<pollfd>?, _ count: UInt32, _ timeout: Int32) -> Int32 {
        let began = uptime()
        let ready = Glibc.poll(polls, UInt(count), self.doze.wait(timeout, now: began))
        let now = uptime()
        self.doze.woke(hasCome: ready > 0, after: now - began, now: now)
        return ready
    }

    private func build() {
        self.doze = TimerSlack(now: uptime())
        let interfaces = Interface.usable(self.names)
        guard !interfaces.isEmpty else { return self.tell(.failed(Interface.none(self.names))) }
        self.loopbacks = Set(interfaces.filter(\.isLoopback).map { Int32(bitPattern: $0.index) })
        var config = AvahiServerConfig()
        avahi_server_config_init(&config)
        config.host_name = avahi_strdup(self.advertisement.instance)
        config.use_ipv4 = 1
        config.use_ipv6 = 1
        config.publish_hinfo = 0
        config.publish_addresses = 0
        config.publish_workstation = 0
        config.publish_domain = 0
        config.enable_wide_area = 0
        config.use_iff_running = 0
        config.disallow_other_stacks = 0
        config.n_cache_entries_max = 4_096
        for interface in interfaces {
            config.allow_interfaces = avahi_string_list_add(config.allow_interfaces, interface.name)
        }
        var error: Int32 = 0
        let me = Unmanaged.passUnretained(self).toOpaque()
        self.server = avahi_server_new(avahi_simple_poll_get(self.poll), &config, { _, _, _ in }, me, &error)
        avahi_server_config_free(&config)
        guard let server = self.server else { return self.tell(.failed(String(cString: avahi_strerror(error)))) }
        self.browse(server, me)
        self.advertise(server, me, interfaces)
    }

    /// First look, then tell: whoever is here answers at once, while we still have to ask whether our name is free.
    private func browse(_ server: OpaquePointer, _ me: UnsafeMutableRawPointer) {
        self.browser = avahi_s_service_browser_new(
            server, -1, -1, ServiceRecord.type, nil, AvahiLookupFlags(rawValue: 0),
            { _, interface, proto, event, name, type, domain, _, context in
                guard let context, let name, let type, let domain else { return }
                let backend = Unmanaged<EmbeddedBackend>.fromOpaque(context).takeUnretainedValue()
                backend.browsed(event, interface, proto, name, type, domain)
            }, me)
    }

    private func browsed(
        _ event: AvahiBrowserEvent, _ interface: AvahiIfIndex, _ proto: AvahiProtocol, _ name: UnsafePointer<CChar>,
        _ type: UnsafePointer<CChar>, _ domain: UnsafePointer<CChar>
    ) {
        let instance = String(cString: name)
        guard instance != self.advertisement.instance, instance != self.oldInstance, let server = self.server else {
            return
        }
        switch event {
        case AVAHI_BROWSER_NEW:
            guard self.resolving < Self.mostResolving else { return }
            let resolver = avahi_s_service_resolver_new(
                server, interface, proto, name, type, domain, proto, AvahiLookupFlags(rawValue: 0),
                { resolver, interface, _, event, _, _, _, _, address, port, text, _, context in
                    guard let context else { return }
                    let backend = Unmanaged<EmbeddedBackend>.fromOpaque(context).takeUnretainedValue()
                    if event == AVAHI_RESOLVER_FOUND, let address { backend.resolved(interface, address, port, text) }
                    backend.resolving -= 1
                    if let resolver { avahi_s_service_resolver_free(resolver) }
                }, Unmanaged.passUnretained(self).toOpaque())
            if resolver != nil { self.resolving += 1 }
        case AVAHI_BROWSER_REMOVE:
            if let shortID = ServiceRecord.shortID(ofInstance: instance) { self.tell(.lost(shortID: shortID)) }
        default: break  // An enum of C: cache exhausted, all for now, failure.
        }
    }

    private func resolved(
        _ interface: AvahiIfIndex, _ address: UnsafePointer<AvahiAddress>, _ port: UInt16, _ text: OpaquePointer?
    ) {
        self.found(interface, address, port, Self.strings(text.map { UnsafeMutablePointer<AvahiStringList>($0) }))
    }

    private func resolved(
        _ interface: AvahiIfIndex, _ address: UnsafePointer<AvahiAddress>, _ port: UInt16,
        _ text: UnsafeMutablePointer<AvahiStringList>?
    ) {
        self.found(interface, address, port, Self.strings(text))
    }

    private func found(
        _ interface: AvahiIfIndex, _ address: UnsafePointer<AvahiAddress>, _ port: UInt16, _ text: [[UInt8]]
    ) {
        guard let record = ServiceRecord(port: port, text: text), record.name != self.advertisement.name else {
            return
        }
        let count = address.pointee.proto == AVAHI_PROTO_INET ? 4 : 16
        let bytes = withUnsafeBytes(of: address.pointee.data) { Array($0.prefix(count)) }
        guard AddressPolicy.admits(bytes, onLoopback: self.loopbacks.contains(interface)) else { return }
        let scope = AddressPolicy.isLinkLocal(bytes) ? UInt32(bitPattern: interface) : 0
        guard let endpoint = Endpoint(address: bytes, scope: scope, port: record.port) else { return }
        self.tell(.found(record.name, endpoint, interface: UInt32(bitPattern: interface)))
    }

    private static func strings(_ list: UnsafeMutablePointer<AvahiStringList>?) -> [[UInt8]] {
        var strings: [[UInt8]] = []
        var next = list
        while let entry = next, strings.count < 32 {
            let size = avahi_string_list_get_size(entry)
            if let start = avahi_string_list_get_text(entry) {
                strings.append(Array(UnsafeBufferPointer(start: start, count: min(size, 255))))
            }
            next = avahi_string_list_get_next(entry)
        }
        return strings
    }

    /// Name, port and addresses of our own, without reverse records: two nodes on one machine share its addresses.
    private func advertise(_ server: OpaquePointer, _ me: UnsafeMutableRawPointer, _ interfaces: [Interface]) {
        self.group = avahi_s_entry_group_new(
            server,
            { _, _, state, context in
                guard state == AVAHI_ENTRY_GROUP_ESTABLISHED, let context else { return }
                let backend = Unmanaged<EmbeddedBackend>.fromOpaque(context).takeUnretainedValue()
                // Not here, in the middle of the library's own work.
                backend.worker.add { backend.dropOld() }
                backend.tell(.advertised)
            }, me)
        guard let group = self.group else { return }
        let host = self.advertisement.instance + ".local"
        for interface in interfaces {
            let index = AvahiIfIndex(bitPattern: interface.index)
            let addresses = self.announced.isEmpty ? interface.addresses : self.announced.map(\.address)
            for bytes in addresses where AddressPolicy.admits(bytes, onLoopback: interface.isLoopback) {
                var address = AvahiAddress()
                address.proto = bytes.count == 4 ? AvahiProtocol(AVAHI_PROTO_INET) : AvahiProtocol(AVAHI_PROTO_INET6)
                withUnsafeMutableBytes(of: &address.data) { $0.copyBytes(from: bytes) }
                avahi_server_add_address(server, group, index, -1, AVAHI_PUBLISH_NO_REVERSE, host, &address)
            }
            var text: UnsafeMutablePointer<AvahiStringList>?
            for string in self.advertisement.text.reversed() { text = avahi_string_list_add(text, string) }
            avahi_server_add_service_strlst(
                server, group, index, -1, AvahiPublishFlags(rawValue: 0), self.advertisement.instance,
                ServiceRecord.type, nil, host,
                self.announced.first?.port ?? self.advertisement.port, text)
            avahi_string_list_free(text)
        }
        avahi_s_entry_group_commit(group)
    }

    /// Freeing the server says goodbye on the network and frees what belongs to it.
    private func tearDown() {
        if let server = self.server { avahi_server_free(server) }
        (self.server, self.group, self.browser, self.resolving) = (nil, nil, nil, 0)
        self.oldGroup = nil
    }
}

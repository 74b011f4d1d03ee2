import CAvahi
import CDNSSD
import Glibc

/// libdns_sd, loaded when it is wanted and kept to itself.
///
/// It stands on libavahi-client, which has functions of the same names as libavahi-core, which we use ourselves:
/// linked side by side one takes the other's calls (seen: `avahi_entry_group_free` aborts when the daemon goes).
/// Bound deeply, each keeps its own.
struct DNSServiceLibrary: Sendable {
    typealias Browse =
        @convention(c) (
            UnsafeMutablePointer<DNSServiceRef?>?, DNSServiceFlags, UInt32, UnsafePointer<CChar>?,
            UnsafePointer<CChar>?, DNSServiceBrowseReply?,
            UnsafeMutableRawPointer?
        ) -> DNSServiceErrorType
    typealias Resolve =
        @convention(c) (
            UnsafeMutablePointer<DNSServiceRef?>?, DNSServiceFlags, UInt32, UnsafePointer<CChar>?,
            UnsafePointer<CChar>?, UnsafePointer<CChar>?,
            DNSServiceResolveReply?, UnsafeMutableRawPointer?
        ) -> DNSServiceErrorType
    typealias Query =
        @convention(c) (
            UnsafeMutablePointer<DNSServiceRef?>?, DNSServiceFlags, UInt32, UnsafePointer<CChar>?, UInt16, UInt16,
            DNSServiceQueryRecordReply?,
            UnsafeMutableRawPointer?
        ) -> DNSServiceErrorType
    typealias Register =
        @convention(c) (
            UnsafeMutablePointer<DNSServiceRef?>?, DNSServiceFlags, UInt32, UnsafePointer<CChar>?,
            UnsafePointer<CChar>?, UnsafePointer<CChar>?,
            UnsafePointer<CChar>?, UInt16, UInt16, UnsafeRawPointer?, DNSServiceRegisterReply?, UnsafeMutableRawPointer?
        ) -> DNSServiceErrorType
    typealias Descriptor = @convention(c) (DNSServiceRef?) -> Int32
    typealias Process = @convention(c) (DNSServiceRef?) -> DNSServiceErrorType
    typealias Deallocate = @convention(c) (DNSServiceRef?) -> Void

    let browse: Browse
    let resolve: Resolve
    let query: Query
    let register: Register
    let descriptor: Descriptor
    let process: Process
    let deallocate: Deallocate

    /// Nothing where the library is not installed.
    static let loaded = DNSServiceLibrary()

    private init?() {
        // libdns_sd leaves its callbacks unset and calls them when the daemon goes (seen: a jump to what `malloc`
        // left there). It takes its memory from libavahi-common, so that is made to give zeroes. The allocator is
        // kept as long as the program runs.
        let zeroing = UnsafeMutablePointer<AvahiAllocator>.allocate(capacity: 1)
        zeroing.initialize(
            to: AvahiAllocator(
                malloc: { calloc(1, $0) }, free: { free($0) }, realloc: { realloc($0, $1) }, calloc: { calloc($0, $1) })
        )
        avahi_set_allocator(zeroing)
        setenv("AVAHI_COMPAT_NOWARN", "1", 1)
        // RTLD_DEEPBIND of glibc is 8.
        guard let library = dlopen("libdns_sd.so.1", RTLD_NOW | RTLD_LOCAL | 8) else { return nil }
        func find<T>(_ name: String, _: T.Type) -> T? { dlsym(library, name).map { unsafeBitCast($0, to: T.self) } }
        guard let browse = find("DNSServiceBrowse", Browse.self), let resolve = find("DNSServiceResolve", Resolve.self),
            let query = find("DNSServiceQueryRecord", Query.self),
            let register = find("DNSServiceRegister", Register.self),
            let descriptor = find("DNSServiceRefSockFD", Descriptor.self),
            let process = find("DNSServiceProcessResult", Process.self),
            let deallocate = find("DNSServiceRefDeallocate", Deallocate.self)
        else { return nil }
        self.browse = browse
        self.resolve = resolve
        self.query = query
        self.register = register
        self.descriptor = descriptor
        self.process = process
        self.deallocate = deallocate
    }
}

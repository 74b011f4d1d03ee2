// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"), .enableUpcomingFeature("MemberImportVisibility"),
]

func module(_ name: String, _ uses: Target.Dependency...) -> Target {
    .target(name: name, dependencies: uses, swiftSettings: settings)
}
func program(_ name: String, _ uses: Target.Dependency...) -> Target {
    .executableTarget(name: name, dependencies: uses, swiftSettings: settings)
}
func tests(_ name: String, _ uses: Target.Dependency..., data: [Resource] = []) -> Target {
    .testTarget(
        name: name + "Tests", dependencies: [.byName(name: name)] + uses, resources: data, swiftSettings: settings)
}

let NIOCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let NIOPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let NIOHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let Crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let GRDB = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let GRDBSQLite = Target.Dependency.product(name: "GRDBSQLite", package: "GRDB.swift")
let Logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let ArgumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
    name: "earshot",
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-crypto.git", from: "4.5.0"),
        .package(url: "https://github.com/apple/swift-log.git", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.0"),
        .package(url: "https://github.com/groue/GRDB.swift.git", from: "7.10.0"),
    ],
    targets: [
        // The ground: C libraries of the system.
        .systemLibrary(name: "CSodium", providers: [.apt(["libsodium-dev"])]),
        .systemLibrary(name: "COpenSSL", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CDNSSD", providers: [.apt(["libavahi-compat-libdnssd-dev"])]),
        .systemLibrary(name: "CAvahi", providers: [.apt(["libavahi-core-dev"])]),
        .systemLibrary(name: "CLinux", providers: [.apt(["linux-libc-dev"])]),
        .systemLibrary(name: "CQRCode", providers: [.apt(["libqrencode-dev"])]),
        // And the files of the page, embedded by the compiler.
        .target(name: "EarshotPage", exclude: ["Page"]),

        // The rules: values and decisions. No socket, no file, no clock.
        module("EarshotModel"),
        module("Noise", "COpenSSL", "CSodium", Crypto),
        module("EarshotWire", "EarshotModel", "Noise", NIOCore),
        module("EarshotRules", "EarshotModel", "EarshotWire", "Noise"),

        // And the words for them.
        module("EarshotText", "EarshotModel"),

        // The world: one module for each kind of I/O.
        module("EarshotNetwork", "EarshotModel", "EarshotWire", "Noise", "CLinux", NIOCore, NIOPosix),
        module("EarshotDiscovery", "EarshotModel", "CDNSSD", "CAvahi", "CLinux"),
        module("EarshotStore", "EarshotModel", GRDB, GRDBSQLite),
        module("EarshotVault", "EarshotModel", "Noise", "CLinux"),
        module("EarshotControl", "EarshotModel", "EarshotText", "CQRCode", NIOCore, NIOPosix),
        module("EarshotConfig", "EarshotModel", "EarshotText", "EarshotControl"),
        module("EarshotHost", "EarshotModel", "EarshotText", "EarshotConfig", "EarshotControl", Logging),
        module("EarshotHooks", "EarshotModel", "EarshotControl", "EarshotConfig", "CLinux"),
        module(
            "EarshotTransfer", "EarshotModel", "EarshotWire", "EarshotNetwork", "EarshotVault", "Noise", "CLinux",
            NIOCore, NIOPosix),

        // The waist: the one place where the rules meet the world.
        module(
            "EarshotNode", "EarshotModel", "EarshotWire", "EarshotRules", "EarshotNetwork", "EarshotDiscovery",
            "EarshotStore", "EarshotVault", "EarshotTransfer", "EarshotControl", "EarshotConfig", "EarshotText",
            "Noise", "CLinux", NIOCore, NIOPosix, Logging),

        // The faces: each knows the door and nothing behind it.
        module("EarshotTerminal", "EarshotModel", "EarshotText", "EarshotControl"),
        module(
            "EarshotWeb", "EarshotModel", "EarshotText", "EarshotControl", "EarshotPage", Crypto, NIOCore, NIOPosix,
            NIOHTTP1),

        // What a node does by itself, as one more client of its own door.
        module(
            "EarshotAutomation", "EarshotModel", "EarshotText", "EarshotControl", "EarshotConfig", "EarshotHooks",
            "CLinux", Crypto, NIOCore, NIOPosix, NIOHTTP1, Logging),

        // The programs: they only put things together.
        program(
            "earshotd", "EarshotNode", "EarshotWeb", "EarshotAutomation", "EarshotConfig", "EarshotControl",
            "EarshotHost", "CLinux", Logging, ArgumentParser),
        program(
            "earshot", "EarshotTerminal", "EarshotHooks", "EarshotConfig", "EarshotControl", "EarshotText",
            "EarshotModel", "CLinux", ArgumentParser),

        // Measuring. Nothing is built of it unless it is asked for.
        program(
            "earshot-bench", "EarshotControl", "EarshotModel", "EarshotNetwork", "EarshotWire", "EarshotStore",
            "EarshotTesting", "Noise", NIOCore, NIOPosix, ArgumentParser),

        // What tests are made of, and the tests.
        module("EarshotTesting", "EarshotModel", "EarshotWire", "EarshotRules", "Noise"),
        tests("Noise", data: [.copy("Vectors")]),
        tests("EarshotWire", "EarshotTesting", "EarshotModel", "Noise", NIOCore, data: [.copy("Vectors")]),
        tests("EarshotRules", "EarshotTesting", "EarshotModel", "EarshotWire", "Noise", NIOCore),
        tests(
            "EarshotNetwork", "EarshotTesting", "EarshotModel", "EarshotWire", "Noise", NIOCore, NIOPosix),
        tests("EarshotDiscovery", "EarshotModel"),
        tests(
            "EarshotStore", "EarshotTesting", "EarshotModel", "EarshotWire", GRDB, GRDBSQLite,
            data: [.copy("Resources")]),
        tests("EarshotVault", "EarshotModel", "Noise"),
        tests(
            "EarshotTransfer", "EarshotTesting", "EarshotModel", "EarshotNetwork", "EarshotVault", "EarshotWire",
            "Noise"
        ),
        tests("EarshotControl", "EarshotModel", "EarshotText", NIOCore, NIOPosix),
        tests("EarshotConfig", "EarshotModel", "EarshotText"),
        tests("EarshotHost", "EarshotConfig", "EarshotControl", "EarshotModel", Logging),
        tests("EarshotAutomation", "EarshotConfig", "EarshotControl"),
        tests("EarshotHooks", "EarshotConfig", "EarshotControl", "EarshotModel"),
        tests("EarshotText", "EarshotModel"),
        tests(
            "EarshotNode", "EarshotTesting", "EarshotConfig", "EarshotControl", "EarshotModel", "EarshotWire",
            "EarshotStore", "EarshotVault", Logging, GRDB),
        tests("EarshotTerminal", "EarshotControl", "EarshotModel"),
        tests(
            "EarshotWeb", "EarshotControl", "EarshotModel", "EarshotTesting", NIOCore, NIOPosix, NIOHTTP1),
    ]
)

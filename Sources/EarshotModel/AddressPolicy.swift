/// Which addresses an advert may lead us to: those of a local network, so that nobody aims us at the rest of the world.
package enum AddressPolicy {
    package static func admits(_ address: [UInt8], onLoopback: Bool) -> Bool {
        switch address.count {
        case 4:
            switch (address[0], address[1]) {
            case (127, _): onLoopback
            case (10, _), (192, 168), (169, 254), (172, 16...31), (100, 64...127): true
            default: false
            }
        case 16:
            if address.dropLast().allSatisfy({ $0 == 0 }) {
                onLoopback && address[15] == 1
            } else {
                address[0] == 0xFE && address[1] & 0xC0 == 0x80 || address[0] & 0xFE == 0xFC
            }
        default: false
        }
    }

    package static func isLoopback(_ address: [UInt8]) -> Bool {
        address.count == 4
            ? address[0] == 127 : address.count == 16 && address.dropLast().allSatisfy { $0 == 0 } && address[15] == 1
    }

    /// fe80::/10, which means something only together with an interface.
    package static func isLinkLocal(_ address: [UInt8]) -> Bool {
        address.count == 16 && address[0] == 0xFE && address[1] & 0xC0 == 0x80
    }
}

/// What tells whether all is well here: of the network as messages tell it by the way, and of the disk.
package struct Health: Sendable {
    package internal(set) var witness = Witness()
    var storage = Storage()
}

import EarshotModel

/// The contact whose name another name imitates.
package struct LooksLike: Sendable, Hashable {
    package let name: String
    package let person: PersonID

    package init(name: String, person: PersonID) {
        self.name = name
        self.person = person
    }
}

/// What is made of each thing of a sequence when it is its turn, and not before: of a million files only one is held.
/// What nothing is made of is left out.
package struct Each<Base: Sequence & Sendable, Element>: Sequence, Sendable {
    private let base: Base
    private let make: @Sendable (Base.Element) -> Element?

    package init(_ base: Base, _ make: @escaping @Sendable (Base.Element) -> Element?) {
        self.base = base
        self.make = make
    }

    package struct Iterator: IteratorProtocol {
        fileprivate var base: Base.Iterator
        fileprivate let make: @Sendable (Base.Element) -> Element?

        package mutating func next() -> Element? {
            while let next = self.base.next() { if let made = self.make(next) { return made } }
            return nil
        }
    }

    package func makeIterator() -> Iterator { Iterator(base: self.base.makeIterator(), make: self.make) }
}

import EarshotNetwork

/// Those who wait for something that others bring.
struct Bells {
    private var bells: [Bell] = []

    mutating func add(_ bell: Bell) { self.bells.append(bell) }
    mutating func remove(_ bell: Bell) { self.bells.removeAll { $0 === bell } }
    func ring() { for bell in self.bells { bell.ring() } }
}

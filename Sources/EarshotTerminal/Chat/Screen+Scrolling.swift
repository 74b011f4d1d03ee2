/// Where in a long conversation the window stands.
extension Screen {
    var layout: ChatLayout { ChatLayout(columns: self.columns, style: self.style, zone: self.zone) }

    /// The last row that is shown: which item, and how many of its rows.
    struct Bottom {
        var index: Int
        var shown: Int
    }

    func bottom(_ items: [ChatLayout.Item]) -> Bottom? {
        guard let last = items.last else { return nil }
        if let anchor = self.anchor,
            let index = items.lastIndex(where: { ChatLayout.id($0, self.state) == anchor.item })
        {
            return Bottom(index: index, shown: min(anchor.shown, self.layout.rows(items[index], self.state).count))
        }
        return Bottom(index: items.count - 1, shown: self.layout.rows(last, self.state).count)
    }

    /// Up to so many rows that end at `bottom`, the top one first.
    func rows(above bottom: Bottom, most: Int, _ items: [ChatLayout.Item]) -> [String] {
        var chunks: [ArraySlice<String>] = []
        var count = 0
        var index = bottom.index
        while count < most, index >= 0 {
            let all = self.layout.rows(items[index], self.state)
            let part = (index == bottom.index ? all.prefix(bottom.shown) : all[...]).suffix(most - count)
            chunks.append(part)
            count += part.count
            index -= 1
        }
        return chunks.reversed().flatMap { $0 }
    }

    /// Towards what was said before. At the top older messages are asked for.
    mutating func scroll(up count: Int) -> [Ask] {
        let items = ChatLayout.items(self.state)
        guard var bottom = self.bottom(items) else { return self.older() }
        let wanted = count == .max ? Int.max / 2 : count
        let above = self.rows(above: bottom, most: self.room + wanted, items).count
        var left = min(wanted, max(0, above - self.room))
        let isAtTop = left < wanted
        while left > 0 {
            if bottom.shown > left {
                bottom.shown -= left
                left = 0
            } else {
                left -= bottom.shown
                bottom.index -= 1
                guard bottom.index >= 0 else { break }
                bottom.shown = self.layout.rows(items[bottom.index], self.state).count
            }
        }
        self.hold(bottom, items)
        return isAtTop ? self.older() : []
    }

    mutating func scroll(down count: Int) {
        guard self.anchor != nil else { return }
        let items = ChatLayout.items(self.state)
        guard let bottom = self.bottom(items) else { return }
        self.hold(self.moved(bottom, down: count, items), items)
    }

    private func moved(_ bottom: Bottom, down count: Int, _ items: [ChatLayout.Item]) -> Bottom {
        var (bottom, left) = (bottom, count)
        while left > 0 {
            let all = self.layout.rows(items[bottom.index], self.state).count
            if all - bottom.shown >= left {
                bottom.shown += left
                left = 0
            } else {
                left -= all - bottom.shown
                guard bottom.index + 1 < items.count else {
                    bottom.shown = all
                    break
                }
                bottom = Bottom(index: bottom.index + 1, shown: 0)
            }
        }
        return bottom
    }

    /// The window stays there when more comes; at the end it goes along.
    private mutating func hold(_ bottom: Bottom, _ items: [ChatLayout.Item]) {
        guard items.indices.contains(bottom.index) else { return }
        let isEnd =
            bottom.index == items.count - 1 && bottom.shown >= self.layout.rows(items[bottom.index], self.state).count
        self.anchor = isEnd ? nil : (ChatLayout.id(items[bottom.index], self.state), bottom.shown)
    }

    /// The window changed its size: what it showed is kept, unless it was the end.
    mutating func settleAnchor() {
        guard self.anchor != nil else { return }
        let items = ChatLayout.items(self.state)
        guard let bottom = self.bottom(items) else {
            self.anchor = nil
            return
        }
        // Near the top more is shown below instead of an empty window.
        let above = self.rows(above: bottom, most: self.room, items).count
        self.hold(above < self.room ? self.moved(bottom, down: self.room - above, items) : bottom, items)
    }

    /// On entering: the first new message stands at the top if what is new does not fit into the window.
    mutating func showFirstNew() {
        if let new = self.state.newFrom { self.show(from: .message(new)) }
    }

    /// What was asked for is read from its beginning: a note that is longer than the window is shown from there.
    mutating func showNote(after number: Int) {
        guard self.isAtEnd, let note = self.state.notes.first(where: { $0.number > number }) else { return }
        self.show(from: .note(note.number))
    }

    /// This item at the top, unless all from there on fits into the window.
    private mutating func show(from id: ChatLayout.ItemID) {
        let items = ChatLayout.items(self.state)
        guard let first = items.firstIndex(where: { ChatLayout.id($0, self.state) == id }), let end = self.bottom(items)
        else {
            return
        }
        let bottom = self.moved(Bottom(index: first, shown: 0), down: self.room, items)
        if bottom.index < end.index || bottom.shown < end.shown { self.hold(bottom, items) }
    }
}

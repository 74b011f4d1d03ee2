import EarshotControl
import EarshotModel

/// Mail for those who are away, as people see it.
package struct KeeperLines {
    private let style: Style

    package init(style: Style) { self.style = style }

    package func lines(_ view: KeeperView) -> [String] {
        [self.keeping(view)]
            + view.depositors.map { depositor in
                "  \(self.style.named(depositor.name, nil)): \(Self.count(depositor.blobs, "packet")), "
                    + Self.size(depositor.bytes)
            } + self.keepers(view)
            + view.left.map { left in
                "left with \(left.keeperName) for \(left.toName): \(Self.count(left.entries, "entry", "entries")), "
                    + Self.size(left.bytes)
            }
            + (view.unreadable > 0 ? [self.style.red("\(view.unreadable) that were for you could not be opened")] : [])
    }

    /// Whether anything is kept here.
    package func keeping(_ view: KeeperView) -> String {
        let audience =
            switch view.keepsFor {
            case "verified": "contacts whom you have verified"
            case "list": "those whom keeper.people names"
            default: "your contacts"
            }
        let what =
            view.blobs == 0
            ? "nothing is kept"
            : "\(Self.count(view.blobs, "packet")), \(Self.size(view.bytes)) of \(Self.size(view.most)) kept"
        return view.keeps ? "keeps messages for \(audience); \(what)" : "keeps no messages for others; \(what)"
    }

    /// Who keeps mail for us, and who else does.
    package func keepers(_ view: KeeperView) -> [String] {
        guard !view.keepers.isEmpty else { return ["nobody is to keep yours; `earshot keeper use WHO` names someone"] }
        return view.keepers.map { keeper in
            let state =
                switch (keeper.online, keeper.takes) {
                case (false, _): "not here"
                case (true, true?): "here"
                case (true, _): "here, but keeps none from you"
                }
            let name = self.style.named(keeper.name, nil)
            return keeper.named ? "\(name) keeps yours: \(state)" : "\(name) keeps messages: \(state)"
        }
    }

    private static func count(_ number: Int64, _ one: String, _ many: String? = nil) -> String {
        number == 1 ? "1 \(one)" : "\(number) \(many ?? one + "s")"
    }

    private static func size(_ bytes: Int64) -> String {
        bytes < 1 << 20 ? "\((bytes + 1_023) >> 10) KiB" : "\(bytes >> 20) MiB"
    }
}

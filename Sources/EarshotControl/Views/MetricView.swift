/// One number about a node. No name of anybody is in it, and no id.
package struct MetricView: View {
    package enum Sort: String, Keyword {
        /// It only grows.
        case counter
        case gauge
    }

    package var name: String
    package var sort: Sort
    package var help: String
    package var value: Int64

    package init(_ name: String, _ sort: Sort, _ help: String, _ value: some BinaryInteger) {
        self.name = name
        self.sort = sort
        self.help = help
        self.value = Int64(clamping: value)
    }
}

/// Numbers as Prometheus reads them, text format 0.0.4.
package enum PrometheusText {
    package static let type = "text/plain; version=0.0.4; charset=utf-8"

    package static func text(_ metrics: [MetricView]) -> String {
        metrics.map { metric in
            """
            # HELP \(metric.name) \(metric.help)
            # TYPE \(metric.name) \(metric.sort.rawValue)
            \(metric.name) \(metric.value)

            """
        }.joined()
    }
}

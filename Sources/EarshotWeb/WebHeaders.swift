import NIOHTTP1

/// Headers of answers.
enum WebHeaders {
    /// Nothing is loaded from anywhere else, nothing else may show or embed the page, and no text becomes a script.
    private static let policy = [
        "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' blob: data:",
        "media-src 'self' blob:", "connect-src 'self'", "manifest-src 'self'", "worker-src 'self'",
        "frame-ancestors 'none'", "base-uri 'none'", "form-action 'none'", "require-trusted-types-for 'script'",
    ].joined(separator: "; ")

    /// Of everything.
    static let all = [
        ("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "no-referrer"),
        ("Cross-Origin-Opener-Policy", "same-origin"), ("Cross-Origin-Resource-Policy", "same-origin"),
        ("X-Frame-Options", "DENY"), ("Permissions-Policy", "camera=(self), microphone=(self)"),
    ]

    /// Of the files of the page.
    static let page = [("Content-Security-Policy", Self.policy), ("Cache-Control", "no-cache")]

    /// Of answers, which are for whoever asked.
    static let api = [
        ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"), ("Cache-Control", "no-store"),
    ]

    /// Of files that others sent: they may show themselves and nothing more.
    static let file = [
        ("Content-Security-Policy", "sandbox; default-src 'none'; img-src 'self'; media-src 'self'"),
        ("Cache-Control", "private, no-cache"),
    ]

    static func make(_ fields: [(String, String)], _ more: [(String, String)] = []) -> HTTPHeaders {
        HTTPHeaders(Self.all + fields + more)
    }
}

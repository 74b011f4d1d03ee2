// Beside each target: with EARSHOT_SEEDS set, its first inputs are written there and nothing is run.
import Glibc

@_cdecl("LLVMFuzzerInitialize") public func initialize(
    _ count: UnsafeMutablePointer<CInt>, _ arguments: UnsafeMutableRawPointer
) -> CInt {
    guard let folder = getenv("EARSHOT_SEEDS").map({ String(cString: $0) }) else { return 0 }
    for (number, bytes) in ((try? seeds()) ?? []).enumerated() {
        guard let file = fopen("\(folder)/seed-\(number)", "w") else { exit(1) }
        fwrite(bytes, 1, bytes.count, file)
        fclose(file)
    }
    exit(0)
}

/// What must be so, said when it is not.
func hold(_ condition: @autoclosure () -> Bool, _ what: StaticString, line: UInt = #line) {
    guard !condition() else { return }
    let text = "line \(line): not so: \(what)\n"
    write(2, text, text.utf8.count)
    abort()
}

import EarshotText

/// JSON-RPC 2.0 as lines, the way docs/Control.md describes it.
package enum ControlLine {
    /// Of both programs: they come together.
    package static let version = "0.1.0"

    /// Bytes of one line at most.
    package static let longest = 16 << 20
    /// Values of one line at most: 16 MiB of brackets would take a hundred times their size.
    package static let mostValues = 250_000
    /// Requests of one batch at most.
    package static let longestBatch = 100
    /// Bytes of an id at most.
    package static let longestID = 4_096

    /// The id of a request, as it came: text of JSON, a string, a number or null.
    package struct ID: Sendable, Hashable {
        package let text: String
        package static let null = ID("null")
        package init(_ text: String) { self.text = text }
    }

    /// A request. Without an id it is a notification, which is done and never answered.
    package struct Call: Sendable {
        package let id: ID?
        package let method: any Method
    }

    /// What cannot be done. Without an id nobody is told.
    package struct Refusal: Error, Sendable, Hashable {
        package let id: ID?
        package let error: DoorError
    }

    /// What one line holds.
    package enum Content: Sendable {
        case one(Result<Call, Refusal>)
        /// At least one; the answers are a list.
        case batch([Result<Call, Refusal>])
    }

    package static func read(_ line: [UInt8]) -> Content {
        var reader = JSONReader(line, mostValues: Self.mostValues)
        let isList: Bool
        let values: [JSONReader.Noted]
        do throws(JSONReader.Failure) { (isList, values) = try reader.noted() } catch {
            let why: EarshotText.Refusal.Line =
                switch error {
                case .notJSON: .notJSON
                case .tooDeep: .tooDeep(most: JSONReader.mostDeep)
                case .tooManyValues: .manyValues(most: Self.mostValues)
                }
            return .one(.failure(Self.invalid(why)))
        }
        guard isList else { return .one(values.first.map(Self.call) ?? .failure(Self.invalid(.noRequest))) }
        guard !values.isEmpty else { return .one(.failure(Self.invalid(.emptyBatch))) }
        guard values.count <= Self.longestBatch else {
            return .one(.failure(Self.invalid(.longBatch(most: Self.longestBatch))))
        }
        return .batch(values.map(Self.call))
    }

    private static func invalid(_ why: EarshotText.Refusal.Line, id: ID = .null) -> Refusal {
        Refusal(id: id, error: DoorError(.line(why)))
    }

    private static func call(_ noted: JSONReader.Noted) -> Result<Call, Refusal> {
        let json = noted.value
        let id: ID?
        switch noted.id?.value {
        case nil: id = nil
        case .string, .integer, .number, .null: id = noted.id.map { ID($0.text) }
        case .bool, .array, .object: return .failure(Self.invalid(.badID))
        }
        guard id?.text.utf8.count ?? 0 <= Self.longestID else {
            return .failure(Self.invalid(.longID(most: Self.longestID)))
        }
        guard case .object = json, json["jsonrpc"]?.string == "2.0", let method = json["method"]?.string else {
            return .failure(Self.invalid(.notRequest, id: id ?? .null))
        }
        do throws(DoorError) {
            return .success(Call(id: id, method: try Methods.read(method, json.object?["params"])))
        } catch {
            return .failure(Refusal(id: id, error: error))
        }
    }

    // MARK: writing

    /// An answer, without a line end.
    package static func reply<Answer: Encodable>(id: ID, _ result: Result<Answer, DoorError>) -> [UInt8] {
        switch result {
        case .failure(let error): return self.refusal(id: id, error)
        case .success(let value):
            var out = self.beginning(id: id)
            JSONWriter.write(value, to: &out)
            out.append(UInt8(ascii: "}"))
            return out
        }
    }

    /// An answer that says why not, without a line end.
    package static func refusal(id: ID, _ error: DoorError) -> [UInt8] {
        var out = Array(#"{"error":"#.utf8)
        error.json.write(to: &out)
        out += #","id":\#(id.text),"jsonrpc":"2.0"}"#.utf8
        return out
    }

    /// An answer up to its result.
    static func beginning(id: ID) -> [UInt8] { Array(#"{"id":\#(id.text),"jsonrpc":"2.0","result":"#.utf8) }

    /// A notification that something happened, without a line end.
    package static func event(_ event: EventView) -> [UInt8] {
        var out = Array(#"{"jsonrpc":"2.0","method":"event","params":"#.utf8)
        JSONWriter.write(event, to: &out)
        out.append(UInt8(ascii: "}"))
        return out
    }
}

/// JSON-RPC 2.0 objects as lines.
package enum ControlLine {
    /// Of both programs: they come together.
    package static let version = "0.1.0"

    /// Bytes of one object at most.
    package static let longest = 16 << 20

    package struct BadRequest: Error, Sendable {
        let id: JSON
        let error: DoorError
    }

    /// A request as it came. The id is nothing for a notification, which is done and not answered.
    package static func request(_ line: [UInt8]) -> Result<(id: JSON?, request: Request), BadRequest> {
        guard let json = JSON(text: line) else {
            return .failure(BadRequest(id: .null, error: DoorError(.badLine, "That line is not JSON.")))
        }
        let id: JSON? = json.object?["id"]
        guard case .object = json, json["jsonrpc"]?.string == "2.0", let method = json["method"]?.string else {
            return .failure(
                BadRequest(
                    id: id ?? .null,
                    error: DoorError(.badRequest, #"A request looks like {"jsonrpc":"2.0","id":1,"method":"status"}."#)))
        }
        do throws(DoorError) {
            return .success((id, try Request(method: method, parameters: Parameters(json["params"]))))
        } catch {
            return .failure(BadRequest(id: id ?? .null, error: error))
        }
    }

    package static func reply(id: JSON, _ result: Result<JSON, DoorError>) -> String {
        switch result {
        case .success(let value): JSON.object(["jsonrpc": "2.0", "id": id, "result": value]).line
        case .failure(let error): JSON.object(["jsonrpc": "2.0", "id": id, "error": error.json]).line
        }
    }

    package static func event(_ params: JSON) -> JSON { ["jsonrpc": "2.0", "method": "event", "params": params] }
}

/// The description of all methods (OpenRPC 1.3), made from their declarations: what `rpc.discover` answers, and what
/// docs/openrpc.json is.
package enum OpenRPC {
    package static let version = "1.3.2"

    package static var document: JSON {
        var schema = Schema()
        let methods = Methods.all.map { self.describe($0, &schema) }
        // Those that only events speak of.
        _ = schema.of(EventView.self)
        return [
            "openrpc": .string(self.version),
            "info": [
                "title": "Earshot", "version": .string(ControlLine.version),
                "description": "JSON-RPC 2.0 on a unix socket, one object or batch a line. See docs/Control.md.",
            ],
            "methods": .array(methods), "components": ["schemas": .object(schema.components)],
            "x-event": EventView.schema, "x-errors": .array(DoorError.Kind.allCases.map(self.describe)),
        ]
    }

    private static func describe<One: Method>(_ method: One.Type, _ schema: inout Schema) -> JSON {
        let members = schema.members(of: method)
        let params = members.map { member -> JSON in
            ["name": .string(member.name), "required": .bool(member.isRequired), "schema": member.schema]
        }
        return [
            "name": .string(method.name), "summary": .string(method.summary), "paramStructure": "by-name",
            "params": .array(params), "result": ["name": "answer", "schema": schema.of(One.Answer.self)],
        ]
    }

    private static func describe(_ kind: DoorError.Kind) -> JSON {
        ["code": .integer(kind.code), "message": .string(kind.rawValue)]
    }
}

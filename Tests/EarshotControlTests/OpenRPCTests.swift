import EarshotControl
import Foundation
import Testing

/// docs/openrpc.json is what the declarations of the methods say.
@Suite struct OpenRPCTests {
    @Test func theDocumentIsWhatIsDeclared() throws {
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("docs/openrpc.json")
        let written = JSON(text: try Data(contentsOf: path))
        // Not the two documents, which would be a failure of many pages.
        let isTheSame = written == JSON(text: OpenRPC.document.bytes)
        #expect(isTheSame, "make openrpc writes it anew")
    }

    @Test func aMethodIsDescribedByItsMembers() {
        var schema = Schema()
        let members = schema.members(of: Methods.Send.self)
        #expect(members.map(\.name) == ["to", "text", "replyTo", "wait", "timeout", "ask"])
        #expect(members.map(\.isRequired) == [true, true, false, false, false, false])
        #expect(members[3].schema == TextWait.schema && members[1].schema == ["type": "string"])
        #expect(schema.of([MessageView].self)["items"]?["$ref"]?.string == "#/components/schemas/MessageView")
        #expect(schema.components["MessageView"]?["properties"]?["state"] == MessageState.schema)
    }

    @Test func namesAreUniqueAndEveryMethodIsRead() {
        #expect(Set(Methods.names).count == Methods.all.count && Methods.all.count > 40)
        for name in Methods.names {
            do throws(DoorError) { _ = try Methods.read(name, nil) } catch { #expect(error.kind == .badParameters) }
        }
    }
}

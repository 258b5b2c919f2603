using System.Text;
using ProtoAgent.Protocols.A2A.Errors;
using ProtoAgent.Protocols.A2A.Types;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Protocols.A2A.Types;

public sealed class ReaderTests
{
    private const string Whole = """{"message":{"messageId":"m","role":"ROLE_USER","parts":[{"text":"hi"}]}}""";

    public static TheoryData<string, string> Wrong => new()
    {
        { "{}", "message" },
        { "null", "" },
        { "[]", "" },
        { """{"message":null}""", "message" },
        { """{"message":"hi"}""", "message" },
        { """{"message":{"role":"ROLE_USER","parts":[{"text":"hi"}]}}""", "message.messageId" },
        { """{"message":{"messageId":"","role":"ROLE_USER","parts":[{"text":"hi"}]}}""", "message.messageId" },
        { """{"message":{"messageId":"m","parts":[{"text":"hi"}]}}""", "message.role" },
        { """{"message":{"messageId":"m","role":"user","parts":[{"text":"hi"}]}}""", "message.role" },
        { """{"message":{"messageId":"m","role":"ROLE_UNSPECIFIED","parts":[{"text":"hi"}]}}""", "message.role" },
        { """{"message":{"messageId":"m","role":7,"parts":[{"text":"hi"}]}}""", "message.role" },
        { """{"message":{"messageId":"m","role":"ROLE_USER"}}""", "message.parts" },
        { """{"message":{"messageId":"m","role":"ROLE_USER","parts":[]}}""", "message.parts" },
        { """{"message":{"messageId":"m","role":"ROLE_USER","parts":[null]}}""", "message.parts[0]" },
        { """{"message":{"messageId":"m","role":"ROLE_USER","parts":[{}]}}""", "message.parts[0]" },
        { """{"message":{"messageId":"m","role":"ROLE_USER","parts":[{"text":"a"},{"text":"a","url":"http://x"}]}}""", "message.parts[1]" },
        { """{"message":{"messageId":"m","role":"ROLE_USER","parts":[{"text":"a","data":null}]}}""", "message.parts[0]" },
        { """{"message":{"messageId":"m","role":"ROLE_USER","parts":[{"raw":"&"}]}}""", "message.parts[0].raw" },
        { """{"message":{"messageId":"m","role":"ROLE_USER","parts":[{"text":3}]}}""", "message.parts[0].text" },
        { """{"message":{"messageId":"m","role":"ROLE_USER","parts":[{"text":"a","metadata":[]}]}}""", "message.parts[0].metadata" },
        { """{"message":{"messageId":"m","messageId":"n","role":"ROLE_USER","parts":[{"text":"a"}]}}""", "message.messageId" },
        { """{"message":{"messageId":"m","role":"ROLE_USER","parts":[{"text":"a"}]},"configuration":{"historyLength":-1}}""", "configuration.historyLength" },
        { """{"message":{"messageId":"m","role":"ROLE_USER","parts":[{"text":"a"}]},"configuration":{"taskPushNotificationConfig":{}}}""", "configuration.taskPushNotificationConfig.url" },
        { """{"message":{"messageId":"m","role":"ROLE_USER","parts":[{"text":"a"}]},"configuration":{"taskPushNotificationConfig":{"url":"https://x","authentication":{}}}}""", "configuration.taskPushNotificationConfig.authentication.scheme" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void Read_Wrong_NamesTheField(string json, string field)
    {
        var error = Should.Throw<A2AException>(() => A2AReader.Read(Encoding.UTF8.GetBytes(json), A2AJson.Default.SendMessageRequest));
        error.Kind.ShouldBe(ErrorKind.InvalidParams);
        if (field.Length > 0)
        {
            error.Violations.Select(v => v.Field).ShouldContain(field, error.Message);
            error.Message.ShouldContain(field);
        }
    }

    [Fact]
    public void Read_ManyWrong_NamesAll() =>
        Should.Throw<A2AException>(() => A2AReader.Read("""{"message":{"parts":[{"text":"a","url":"b"}]}}"""u8, A2AJson.Default.SendMessageRequest))
            .Violations.Select(v => v.Field).ShouldBe(["message.messageId", "message.role", "message.parts[0]"]);

    [Fact]
    public void Read_Whole_IsRead() =>
        A2AReader.Read(Encoding.UTF8.GetBytes(Whole), A2AJson.Default.SendMessageRequest).Message!.Parts.ShouldHaveSingleItem().Text.ShouldBe("hi");

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"task":{"id":"t","status":{"state":"TASK_STATE_WORKING"}},"message":{"messageId":"m","role":"ROLE_AGENT","parts":[{"text":"x"}]}}""")]
    public void Read_StreamResponseThatIsNotOne_IsRefused(string json) =>
        Should.Throw<A2AException>(() => A2AReader.Read(Encoding.UTF8.GetBytes(json), A2AJson.Default.StreamResponse)).Message.ShouldContain("exactly one of task, message, statusUpdate, artifactUpdate");

    [Fact]
    public void Read_ListTasksOutOfBounds_NamesEach() =>
        Should.Throw<A2AException>(() => A2AReader.Read("""{"pageSize":150,"historyLength":-5}"""u8, A2AJson.Default.ListTasksRequest))
            .Violations.Select(v => (v.Field, v.Description)).ShouldBe([("pageSize", "Must be between 1 and 100 inclusive, got 150."), ("historyLength", "Must be 0 or more, got -5.")]);
}

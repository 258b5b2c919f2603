using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using ProtoAgent.Protocols.A2A.Types;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Protocols.A2A.Types;

/// <summary>The specification's own examples (chapters 4, 6, 8 and 9), read and written again: the same JSON, nothing lost and nothing added. Completed
/// where they leave out what is required; defaults and times as ProtoJSON writes them.</summary>
public sealed class WireTests
{
    private static readonly Dictionary<string, Func<string, string>> s_again = new(StringComparer.Ordinal)
    {
        ["card"] = json => Again(json, A2AJson.Default.AgentCard),
        ["send"] = json => Again(json, A2AJson.Default.SendMessageRequest),
        ["sent"] = json => Again(json, A2AJson.Default.SendMessageResponse),
        ["stream"] = json => Again(json, A2AJson.Default.StreamResponse),
        ["list"] = json => Again(json, A2AJson.Default.ListTasksRequest),
        ["listed"] = json => Again(json, A2AJson.Default.ListTasksResponse),
        ["get"] = json => Again(json, A2AJson.Default.GetTaskRequest),
        ["message"] = json => Again(json, A2AJson.Default.Message),
        ["artifact"] = json => Again(json, A2AJson.Default.Artifact),
        ["push"] = json => Again(json, A2AJson.Default.TaskPushNotificationConfig),
        ["pushes"] = json => Again(json, A2AJson.Default.ListTaskPushNotificationConfigsResponse),
    };

    public static TheoryData<string, string, string> Examples => Read("examples.json");

    [Theory]
    [MemberData(nameof(Examples))]
    public void Example_ReadAndWritten_IsTheSame(string name, string kind, string json) =>
        JsonNode.DeepEquals(JsonNode.Parse(s_again[kind](json)), JsonNode.Parse(json)).ShouldBeTrue($"{name}: {s_again[kind](json)}");

    [Fact]
    public void Task_OfTheAgent_IsWrittenAsProtoJson()
    {
        var task = new A2ATask
        {
            Id = "t",
            ContextId = "c",
            Status = new A2ATaskStatus
            {
                State = TaskState.InputRequired,
                Message = new Message { MessageId = "m", Role = Role.Agent, Parts = [Part.Of("Where to?")] },
                Timestamp = new DateTimeOffset(2025, 10, 28, 12, 30, 0, 5, TimeSpan.FromHours(2)),
            },
            Artifacts = [new Artifact { ArtifactId = "a", Parts = [new Part { Raw = [1, 2, 3], Filename = "x.bin", MediaType = "application/octet-stream" }] }],
        };
        JsonSerializer.Serialize(task, A2AJson.Default.A2ATask).ShouldBe(
            """{"id":"t","contextId":"c","status":{"state":"TASK_STATE_INPUT_REQUIRED","message":{"messageId":"m","role":"ROLE_AGENT","parts":[{"text":"Where to?"}]},"timestamp":"2025-10-28T10:30:00.005Z"},"artifacts":[{"artifactId":"a","parts":[{"raw":"AQID","filename":"x.bin","mediaType":"application/octet-stream"}]}]}""");
    }

    [Theory]
    [InlineData("""{"messageId":"m","role":"ROLE_USER","parts":[{"text":""}]}""", """{"messageId":"m","role":"ROLE_USER","parts":[{"text":""}]}""")]
    [InlineData("""{"messageId":"m","role":1,"contextId":"","taskId":null,"parts":[{"data":null,"filename":""}],"extensions":[],"referenceTaskIds":[]}""", """{"messageId":"m","role":"ROLE_USER","parts":[{"data":null}]}""")]
    [InlineData("""{"messageId":"m","role":"ROLE_USER","parts":[{"raw":"-_8","later":{"x":1}}],"later":2}""", """{"messageId":"m","role":"ROLE_USER","parts":[{"raw":"+/8="}]}""")]
    public void Message_WithDefaultsAndUnknowns_IsReadLeniently(string json, string written) => Again(json, A2AJson.Default.Message).ShouldBe(written);

    [Fact]
    public void Artifact_LastChunkFalse_IsLeftOut() =>
        Again("""{"artifactUpdate":{"taskId":"t","contextId":"c","artifact":{"artifactId":"a","parts":[{"text":"x"}]},"append":true,"lastChunk":false}}""", A2AJson.Default.StreamResponse)
            .ShouldBe("""{"artifactUpdate":{"taskId":"t","contextId":"c","artifact":{"artifactId":"a","parts":[{"text":"x"}]},"append":true}}""");

    [Fact]
    public void Card_CapabilityFalse_IsSaid() =>
        Again("""{"name":"n","description":"","supportedInterfaces":[],"version":"1","capabilities":{"streaming":false,"extensions":[]},"defaultInputModes":[],"defaultOutputModes":[],"skills":[]}""", A2AJson.Default.AgentCard)
            .ShouldBe("""{"name":"n","description":"","supportedInterfaces":[],"version":"1","capabilities":{"streaming":false},"defaultInputModes":[],"defaultOutputModes":[],"skills":[]}""");

    [Fact]
    public void ListTasks_OfNothing_HasAllFour() =>
        JsonSerializer.Serialize(new ListTasksResponse { PageSize = 50 }, A2AJson.Default.ListTasksResponse).ShouldBe("""{"tasks":[],"nextPageToken":"","pageSize":50,"totalSize":0}""");

    [Fact]
    public void PushConfig_AsText_HidesItsSecrets() =>
        new TaskPushNotificationConfig { Id = "p", TaskId = "t", Url = "https://x", Token = "tok-secret", Authentication = new AuthenticationInfo { Scheme = "Bearer", Credentials = "cred-secret" } }
            .ToString().ShouldNotContain("secret");

    private static string Again<T>(string json, JsonTypeInfo<T> type) => JsonSerializer.Serialize(JsonSerializer.Deserialize(json, type)!, type);

    private static TheoryData<string, string, string> Read(string file)
    {
        var rows = new TheoryData<string, string, string>();
        using var data = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Protocols", "A2A", "Types", file)));
        foreach (var row in data.RootElement.EnumerateArray())
        {
            rows.Add(row.GetProperty("name").GetString()!, row.GetProperty("type").GetString()!, row.GetProperty("json").GetRawText());
        }

        return rows;
    }
}

using System.ComponentModel;
using System.Text.Json;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace ProtoAgent.McpHost;

/// <summary>What the conformance suite wants to call, under the names it calls them by.</summary>
internal static class FixtureTools
{
    public static List<McpServerTool> All { get; } =
    [
        Of("test_simple_text", () => "This is a simple text response for testing."),
        Of("test_image_content", () => ImageContentBlock.FromBytes(Media.Png, "image/png")),
        Of("test_audio_content", () => AudioContentBlock.FromBytes(Media.Wav, "audio/wav")),
        Of("test_embedded_resource", () => Embedded("test://embedded-resource", "text/plain", "This is an embedded resource content.")),
        Of("test_multiple_content_types", () => new ContentBlock[]
        {
            new TextContentBlock { Text = "Multiple content types test:" }, ImageContentBlock.FromBytes(Media.Png, "image/png"),
            Embedded("test://mixed-content-resource", "application/json", """{"test":"data","value":123}"""),
        }),
        Of("test_error_handling", string () => throw new McpException("This tool intentionally returns an error for testing")),
        Of("test_tool_with_logging", LoggingAsync),
        Of("test_tool_with_progress", ProgressAsync),
        Of("test_sampling", SamplingAsync),
        Of("test_elicitation", ElicitationAsync),
        Of("test_elicitation_sep1034_defaults", (RequestContext<CallToolRequestParams> call) => AskAsync(call.Server, "Take the defaults.", Defaults())),
        Of("test_elicitation_sep1330_enums", (RequestContext<CallToolRequestParams> call) => AskAsync(call.Server, "Choose.", Choices())),
        Of("test_reconnection", async (RequestContext<CallToolRequestParams> call) =>
        {
            await call.EnablePollingAsync(TimeSpan.FromMilliseconds(100));
            return "Reconnection test completed successfully";
        }),
        Schema(),
    ];

    private static McpServerTool Of(string name, Delegate does) => McpServerTool.Create(does, new McpServerToolCreateOptions { Name = name, Description = "Of the conformance suite." });

    private static EmbeddedResourceBlock Embedded(string uri, string type, string text) => new() { Resource = new TextResourceContents { Uri = uri, MimeType = type, Text = text } };

    private static async Task<string> LoggingAsync(RequestContext<CallToolRequestParams> call)
    {
        foreach (var what in new[] { "Tool execution started", "Tool processing data", "Tool execution completed" })
        {
            await call.Server.SendNotificationAsync(
                NotificationMethods.LoggingMessageNotification,
                new LoggingMessageNotificationParams { Level = LoggingLevel.Info, Logger = "fixture", Data = JsonSerializer.SerializeToElement(what) });
        }

        return "Logged.";
    }

    private static async Task<string> ProgressAsync(RequestContext<CallToolRequestParams> call)
    {
        if (call.Params.ProgressToken is { } token)
        {
            foreach (var progress in new[] { 0, 50, 100 })
            {
                await call.Server.NotifyProgressAsync(token, new ProgressNotificationValue { Progress = progress, Total = 100, Message = $"{progress} of 100" });
            }
        }

        return "Done.";
    }

    private static async Task<string> SamplingAsync(RequestContext<CallToolRequestParams> call, [Description("What to ask the model.")] string prompt)
    {
        var answer = await call.Server.SampleAsync(new CreateMessageRequestParams
        {
            Messages = [new SamplingMessage { Role = Role.User, Content = [new TextContentBlock { Text = prompt }] }], MaxTokens = 100,
        });
        return $"LLM response: {string.Concat(answer.Content.OfType<TextContentBlock>().Select(c => c.Text))}";
    }

    private static Task<string> ElicitationAsync(RequestContext<CallToolRequestParams> call, [Description("What to ask the person.")] string message) => AskAsync(
        call.Server,
        message,
        new ElicitRequestParams.RequestSchema
        {
            Properties = { ["username"] = new ElicitRequestParams.StringSchema { Description = "User's response" }, ["email"] = new ElicitRequestParams.StringSchema { Description = "User's email address" } },
            Required = ["username", "email"],
        });

    private static async Task<string> AskAsync(McpServer server, string message, ElicitRequestParams.RequestSchema schema)
    {
        var said = await server.ElicitAsync(new ElicitRequestParams { Message = message, RequestedSchema = schema });
        return $"Elicitation completed: action={said.Action}, content={JsonSerializer.Serialize(said.Content)}";
    }

    private static ElicitRequestParams.RequestSchema Defaults() => new()
    {
        Properties =
        {
            ["name"] = new ElicitRequestParams.StringSchema { Default = "John Doe" },
            ["age"] = new ElicitRequestParams.NumberSchema { Type = "integer", Default = 30 },
            ["score"] = new ElicitRequestParams.NumberSchema { Default = 95.5 },
            ["status"] = new ElicitRequestParams.UntitledSingleSelectEnumSchema { Enum = ["active", "inactive", "pending"], Default = "active" },
            ["verified"] = new ElicitRequestParams.BooleanSchema { Default = true },
        },
    };

    private static ElicitRequestParams.RequestSchema Choices() => new()
    {
        Properties =
        {
            ["untitledSingle"] = new ElicitRequestParams.UntitledSingleSelectEnumSchema { Enum = ["option1", "option2", "option3"] },
            ["titledSingle"] = new ElicitRequestParams.TitledSingleSelectEnumSchema { OneOf = [.. Titled("value", "First Option", "Second Option", "Third Option")] },
            ["legacyEnum"] = new ElicitRequestParams.LegacyTitledEnumSchema { Enum = ["opt1", "opt2", "opt3"], EnumNames = ["Option One", "Option Two", "Option Three"] },
            ["untitledMulti"] = new ElicitRequestParams.UntitledMultiSelectEnumSchema { Items = new ElicitRequestParams.UntitledEnumItemsSchema { Enum = ["option1", "option2", "option3"] } },
            ["titledMulti"] = new ElicitRequestParams.TitledMultiSelectEnumSchema
            {
                Items = new ElicitRequestParams.TitledEnumItemsSchema { AnyOf = [.. Titled("value", "First Choice", "Second Choice", "Third Choice")] },
            },
        },
    };

    private static IEnumerable<ElicitRequestParams.EnumSchemaOption> Titled(string prefix, params IEnumerable<string> titles) =>
        titles.Select((title, i) => new ElicitRequestParams.EnumSchemaOption { Const = $"{prefix}{i + 1}", Title = title });

    private static McpServerTool Schema()
    {
        var tool = Of("json_schema_2020_12_tool", () => "Fine.");
        tool.ProtocolTool.InputSchema = JsonElement.Parse(
            """
            {"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object",
            "$defs":{"address":{"type":"object","properties":{"street":{"type":"string"},"city":{"type":"string"}}}},
            "properties":{"name":{"type":"string"},"address":{"$ref":"#/$defs/address"}},"additionalProperties":false}
            """);
        return tool;
    }
}

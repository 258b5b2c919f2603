using System.ComponentModel;
using System.Text.Json;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace ProtoAgent.McpHost;

/// <summary>What the conformance suite of the Model Context Protocol expects a server to have: its own names and texts.</summary>
internal static class Fixtures
{
    private const string Png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==";
    private const string Wav = "UklGRiQAAABXQVZFZm10IBAAAAABAAEARKwAAIhYAQACABAAZGF0YQAAAAA=";

    private static readonly TimeSpan s_while = TimeSpan.FromMilliseconds(50);

    private static readonly McpServerTool[] s_tools =
    [
        Tool("test_simple_text", () => "This is a simple text response for testing."),
        Tool("test_image_content", () => Image()),
        Tool("test_audio_content", () => AudioContentBlock.FromBytes(Convert.FromBase64String(Wav), "audio/wav")),
        Tool("test_embedded_resource", () => Embedded("test://embedded-resource", "text/plain", "This is an embedded resource content.")),
        Tool("test_multiple_content_types", () => new ContentBlock[]
        {
            new TextContentBlock { Text = "Multiple content types test:" }, Image(), Embedded("test://mixed-content-resource", "application/json", """{"test":"data","value":123}"""),
        }),
        Tool("test_tool_with_logging", LogAsync),
        Tool("test_error_handling", string () => throw new McpException("This tool intentionally returns an error for testing")),
        Tool("test_tool_with_progress", ProgressAsync),
        Tool("test_sampling", SampleAsync),
        Tool("test_elicitation", ElicitAsync),
        Tool("test_elicitation_sep1034_defaults", DefaultsAsync),
        Tool("test_elicitation_sep1330_enums", EnumsAsync),
        Tool("test_reconnection", ReconnectAsync),
        new SchemaTool(),
    ];

    private static readonly McpServerResource[] s_resources =
    [
        McpServerResource.Create(() => "This is the content of the static text resource.", new McpServerResourceCreateOptions { UriTemplate = "test://static-text", Name = "static-text", Description = "A text.", MimeType = "text/plain" }),
        McpServerResource.Create(() => BlobResourceContents.FromBytes(Convert.FromBase64String(Png), "test://static-binary", "image/png"), new McpServerResourceCreateOptions { UriTemplate = "test://static-binary", Name = "static-binary", Description = "A picture.", MimeType = "image/png" }),
        McpServerResource.Create(
            (string id) => new TextResourceContents { Uri = $"test://template/{id}/data", MimeType = "application/json", Text = $$"""{"id":"{{id}}","templateTest":true,"data":"Data for ID: {{id}}"}""" },
            new McpServerResourceCreateOptions { UriTemplate = "test://template/{id}/data", Name = "template", Description = "Data by id.", MimeType = "application/json" }),
        McpServerResource.Create(() => "Watched.", new McpServerResourceCreateOptions { UriTemplate = "test://watched-resource", Name = "watched-resource", Description = "To be watched.", MimeType = "text/plain" }),
    ];

    private static readonly McpServerPrompt[] s_prompts =
    [
        Prompt("test_simple_prompt", () => Said(new TextContentBlock { Text = "This is a simple prompt for testing." })),
        Prompt("test_prompt_with_arguments", ([Description("First test argument")] string arg1, [Description("Second test argument")] string arg2) => Said(new TextContentBlock { Text = $"Prompt with arguments: arg1='{arg1}', arg2='{arg2}'" })),
        Prompt("test_prompt_with_embedded_resource", ([Description("URI of the resource to embed")] string resourceUri) => Said(
            Embedded(resourceUri, "text/plain", "Embedded resource content for testing."), new TextContentBlock { Text = "Please process the embedded resource above." })),
        Prompt("test_prompt_with_image", () => Said(Image(), new TextContentBlock { Text = "Please analyze the image above." })),
    ];

    public static void Extend(McpServerOptions options)
    {
        foreach (var tool in s_tools)
        {
            options.ToolCollection!.Add(tool);
        }

        options.ResourceCollection = [.. s_resources];
        options.PromptCollection = [.. s_prompts];
        var (subscribe, unsubscribe) = (options.Handlers.SubscribeToResourcesHandler!, options.Handlers.UnsubscribeFromResourcesHandler!);
        options.Handlers.SubscribeToResourcesHandler = (request, cancelled) =>
            request.Params.Uri.StartsWith("test://", StringComparison.Ordinal) ? ValueTask.FromResult(new EmptyResult()) : subscribe(request, cancelled);
        options.Handlers.UnsubscribeFromResourcesHandler = (request, cancelled) =>
            request.Params.Uri.StartsWith("test://", StringComparison.Ordinal) ? ValueTask.FromResult(new EmptyResult()) : unsubscribe(request, cancelled);
    }

    private static McpServerTool Tool(string name, Delegate does) => McpServerTool.Create(does, new McpServerToolCreateOptions { Name = name, Description = $"{name}, for a test." });

    private static McpServerPrompt Prompt(string name, Delegate does) => McpServerPrompt.Create(does, new McpServerPromptCreateOptions { Name = name, Description = $"{name}, for a test." });

    private static ImageContentBlock Image() => ImageContentBlock.FromBytes(Convert.FromBase64String(Png), "image/png");

    private static EmbeddedResourceBlock Embedded(string uri, string type, string text) => new() { Resource = new TextResourceContents { Uri = uri, MimeType = type, Text = text } };

    private static PromptMessage[] Said(params ContentBlock[] contents) => [.. contents.Select(c => new PromptMessage { Role = Role.User, Content = c })];

    private static async Task<string> LogAsync(McpServer server, CancellationToken cancelled)
    {
        foreach (var text in (string[])["Tool execution started", "Tool processing data", "Tool execution completed"])
        {
            await server.SendNotificationAsync(
                NotificationMethods.LoggingMessageNotification,
                new LoggingMessageNotificationParams { Level = LoggingLevel.Info, Logger = "conformance", Data = JsonSerializer.SerializeToElement(text) }, McpJsonUtilities.DefaultOptions, cancelled);
            await Task.Delay(s_while, cancelled);
        }

        return "Logged.";
    }

    private static async Task<string> ProgressAsync(IProgress<ProgressNotificationValue> progress, CancellationToken cancelled)
    {
        foreach (var done in (int[])[0, 50, 100])
        {
            progress.Report(new ProgressNotificationValue { Progress = done, Total = 100 });
            await Task.Delay(s_while, cancelled);
        }

        return "Done.";
    }

    private static async Task<string> SampleAsync(McpServer server, string prompt, CancellationToken cancelled)
    {
        var said = await server.SampleAsync(new CreateMessageRequestParams { Messages = [new SamplingMessage { Role = Role.User, Content = [new TextContentBlock { Text = prompt }] }], MaxTokens = 100 }, cancelled);
        return $"LLM response: {string.Concat(said.Content.OfType<TextContentBlock>().Select(c => c.Text))}";
    }

    private static async Task<string> ElicitAsync(McpServer server, string message, CancellationToken cancelled)
    {
        var answer = await server.ElicitAsync(new ElicitRequestParams
        {
            Message = message,
            RequestedSchema = new()
            {
                Properties =
                {
                    ["username"] = new ElicitRequestParams.StringSchema { Description = "User's response" }, ["email"] = new ElicitRequestParams.StringSchema { Description = "User's email address" },
                },
                Required = ["username", "email"],
            },
        }, cancelled);
        return $"User response: action: {answer.Action}, content: {JsonSerializer.Serialize(answer.Content)}";
    }

    private static Task<string> DefaultsAsync(McpServer server, CancellationToken cancelled) => CompleteAsync(server, new()
    {
        Properties =
        {
            ["name"] = new ElicitRequestParams.StringSchema { Description = "Name", Default = "John Doe" },
            ["age"] = new ElicitRequestParams.NumberSchema { Type = "integer", Description = "Age", Default = 30 },
            ["score"] = new ElicitRequestParams.NumberSchema { Description = "Score", Default = 95.5 },
            ["status"] = new ElicitRequestParams.UntitledSingleSelectEnumSchema { Description = "Status", Enum = ["active", "inactive", "pending"], Default = "active" },
            ["verified"] = new ElicitRequestParams.BooleanSchema { Description = "Verified", Default = true },
        },
    }, cancelled);

    private static Task<string> EnumsAsync(McpServer server, CancellationToken cancelled) => CompleteAsync(server, new()
    {
        Properties =
        {
            ["untitledSingle"] = new ElicitRequestParams.UntitledSingleSelectEnumSchema { Enum = ["option1", "option2", "option3"] },
            ["titledSingle"] = new ElicitRequestParams.TitledSingleSelectEnumSchema { OneOf = [Option("value1", "First Option"), Option("value2", "Second Option"), Option("value3", "Third Option")] },
#pragma warning disable MCP9001 // The form before this revision, which the suite asks for too.
            ["legacyEnum"] = new ElicitRequestParams.LegacyTitledEnumSchema { Enum = ["opt1", "opt2", "opt3"], EnumNames = ["Option One", "Option Two", "Option Three"] },
#pragma warning restore MCP9001
            ["untitledMulti"] = new ElicitRequestParams.UntitledMultiSelectEnumSchema { Items = new() { Enum = ["option1", "option2", "option3"] } },
            ["titledMulti"] = new ElicitRequestParams.TitledMultiSelectEnumSchema { Items = new() { AnyOf = [Option("value1", "First Choice"), Option("value2", "Second Choice"), Option("value3", "Third Choice")] } },
        },
    }, cancelled);

    private static async Task<string> CompleteAsync(McpServer server, ElicitRequestParams.RequestSchema schema, CancellationToken cancelled)
    {
        var answer = await server.ElicitAsync(new ElicitRequestParams { Message = "Please complete.", RequestedSchema = schema }, cancelled);
        return $"Elicitation completed: action={answer.Action}, content={JsonSerializer.Serialize(answer.Content)}";
    }

    private static ElicitRequestParams.EnumSchemaOption Option(string value, string title) => new() { Const = value, Title = title };

    /// <summary>Ends the stream in the middle of a call, where the client has to come back for the rest.</summary>
    private static async Task<string> ReconnectAsync(RequestContext<CallToolRequestParams> request, CancellationToken cancelled)
    {
        await request.EnablePollingAsync(TimeSpan.FromMilliseconds(500), cancelled);
        return "Reconnection test completed successfully";
    }

    /// <summary>A tool whose schema is more than a method's signature can say.</summary>
    private sealed class SchemaTool : McpServerTool
    {
        public override Tool ProtocolTool { get; } = new()
        {
            Name = "json_schema_2020_12_tool",
            Description = "Tool with JSON Schema 2020-12 features",
            InputSchema = JsonDocument.Parse(
                """{"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object","$defs":{"address":{"type":"object","properties":{"street":{"type":"string"},"city":{"type":"string"}}}},"properties":{"name":{"type":"string"},"address":{"$ref":"#/$defs/address"}},"additionalProperties":false}""").RootElement,
        };

        public override IReadOnlyList<object> Metadata => [];

        public override ValueTask<CallToolResult> InvokeAsync(RequestContext<CallToolRequestParams> request, CancellationToken cancellationToken = default) =>
            ValueTask.FromResult(new CallToolResult { Content = [new TextContentBlock { Text = "ok" }] });
    }
}

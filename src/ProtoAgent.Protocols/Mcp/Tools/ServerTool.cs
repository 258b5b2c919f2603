using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;
using ProtoAgent.Agent.Knowledge;
using ProtoAgent.Agent.Tools;
using ProtoAgent.Agent.Turns;
using ProtoAgent.Agent.Workflows;
using ProtoAgent.Protocols.Http;
using ProtoAgent.Stores;
using ProtoAgent.Stores.Checkpoints;
using ProtoAgent.Stores.Inbox;
using Tool = ModelContextProtocol.Protocol.Tool;

namespace ProtoAgent.Protocols.Mcp.Tools;

/// <summary>
/// A tool of the MCP server: its schemas are those of the records it takes and gives, from the metadata the compiler's JSON generator
/// wrote. What can't be done is an answer that says so (<c>isError</c>), for a model to read; only what is no call at all is a
/// protocol error.
/// </summary>
/// <param name="does">The tool's name, title, description and hints.</param>
internal abstract partial class ServerTool<TArguments, TResult>(
    Tool does, JsonTypeInfo<TArguments> arguments, JsonTypeInfo<TResult> result, McpServices services) : McpServerTool
    where TArguments : class
{
    public sealed override Tool ProtocolTool { get; } = Describe(does, arguments, result);

    public sealed override IReadOnlyList<object> Metadata => [];

    protected McpServices Services => services;

    private ILogger Log => field ??= services.Loggers.CreateLogger("ProtoAgent.Mcp");

    public sealed override async ValueTask<CallToolResult> InvokeAsync(RequestContext<CallToolRequestParams> request, CancellationToken cancellationToken = default)
    {
        try
        {
            var answer = await CallAsync(Read(request.Params.Arguments), request, cancellationToken);
            return new CallToolResult
            {
                Content = [new TextContentBlock { Text = Text(answer) }],
                StructuredContent = JsonSerializer.SerializeToElement(answer, result),
            };
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            McpRequest.HangUp(request.JsonRpcRequest.Id);
            throw;
        }
        catch (Exception e) when (e is not (OperationCanceledException or InputRequiredException or McpProtocolException))
        {
            return new CallToolResult { IsError = true, Content = [new TextContentBlock { Text = Say(e) }] };
        }
    }

    /// <exception cref="ToolException">It can't be done; the message says why and what to do.</exception>
    protected abstract Task<TResult> CallAsync(TArguments arguments, RequestContext<CallToolRequestParams> request, CancellationToken cancelled);

    /// <summary>For who reads no structured content: the same.</summary>
    protected virtual string Text(TResult answer) => JsonSerializer.Serialize(answer, result);

    private static Tool Describe(Tool does, JsonTypeInfo<TArguments> arguments, JsonTypeInfo<TResult> result)
    {
        does.InputSchema = AIJsonUtilities.CreateJsonSchema(typeof(TArguments), serializerOptions: arguments.Options);
        does.OutputSchema = AIJsonUtilities.CreateJsonSchema(typeof(TResult), serializerOptions: result.Options);
        return does;
    }

    private TArguments Read(IDictionary<string, JsonElement>? given)
    {
        try
        {
            var whole = JsonSerializer.SerializeToElement(given ?? new Dictionary<string, JsonElement>(), McpToolJson.Default.IDictionaryStringJsonElement);
            return whole.Deserialize(arguments)!;
        }
        catch (JsonException e)
        {
            throw new ToolException($"The arguments of {does.Name} do not fit its schema{(e.Path is { Length: > 2 } path ? $" at '{path[2..]}'" : "")}: {e.Message}", e);
        }
    }

    private string Say(Exception e)
    {
        switch (e)
        {
            case ToolException or TurnRejectedException or WorkflowException or KnowledgeException or BadItemException or ThreadBusyException or StaleStepException or McpException:
                return e.Message;
            case StoreException store:
                return $"The store '{store.Store}' is unavailable: {store.Message}";
            case ApiException api:
                return api.Message;
            default:
                LogFailed(Log, e, does.Name);
                return "Something went wrong inside the instance. Its log says what.";
        }
    }

    [LoggerMessage(EventName = "mcp_tool_failed", Level = LogLevel.Error, Message = "the MCP tool {Tool} failed")]
    private static partial void LogFailed(ILogger log, Exception e, string tool);
}

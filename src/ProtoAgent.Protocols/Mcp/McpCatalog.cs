using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;
using ProtoAgent.Protocols.Mcp.Tools;

namespace ProtoAgent.Protocols.Mcp;

/// <summary>What the server says it can do, and who does it.</summary>
internal sealed class McpCatalog
{
    private const string Instructions =
        "This is an AI agent that runs on its own: it has conversations, knowledge, scheduled jobs, an inbox and workflows. 'chat' talks to it; give the session_id it answers "
        + "to go on with a conversation. A turn may wait for a person: the answer then says for what. Its conversations, documents and workflows are resources, its skills are prompts.";

    private readonly McpServices _services;
    private readonly McpResources _resources;
    private readonly McpPrompts _prompts;
    private readonly McpCompletions _completions;
    private readonly McpListening _listening;
    private readonly IReadOnlyList<McpServerTool> _tools;

    public McpCatalog(McpServices services, McpSessions sessions)
    {
        _services = services;
        _resources = new McpResources(services, sessions);
        _prompts = new McpPrompts(services.Skills);
        _completions = new McpCompletions(services);
        _listening = new McpListening(services);
        _tools =
        [
            new ChatTool(services), new SearchKnowledgeTool(services), new AddKnowledgeTool(services), new ScheduleTaskTool(services),
            new ListSchedulesTool(services), new CancelScheduleTool(services), new PostInboxTool(services), new RunWorkflowTool(services),
        ];
    }

    /// <summary>Called for each request of a revision that has no sessions: everything in it was made before.</summary>
    public void Describe(McpServerOptions options)
    {
        options.ServerInfo = new Implementation { Name = "protoagent", Title = _services.AgentName, Version = _services.Version };
        options.ServerInstructions = Instructions;
        options.Capabilities = new ServerCapabilities
        {
            Logging = new LoggingCapability(),
            Completions = new CompletionsCapability(),
            Prompts = new PromptsCapability { ListChanged = true },
            Resources = new ResourcesCapability { ListChanged = true, Subscribe = true },
        };
        options.ToolCollection = [.. _tools];
        options.Handlers.ListPromptsHandler = _prompts.ListAsync;
        options.Handlers.GetPromptHandler = _prompts.GetAsync;
        options.Handlers.ListResourcesHandler = _resources.ListAsync;
        options.Handlers.ListResourceTemplatesHandler = McpResources.ListTemplatesAsync;
        options.Handlers.ReadResourceHandler = _resources.ReadAsync;
        options.Handlers.SubscribeToResourcesHandler = _resources.SubscribeAsync;
        options.Handlers.UnsubscribeFromResourcesHandler = _resources.UnsubscribeAsync;
        options.Handlers.SubscriptionsListenHandler = _listening.ListenAsync;
        options.Handlers.CompleteHandler = _completions.CompleteAsync;
        _services.Extend(options);
    }
}

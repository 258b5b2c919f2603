namespace ProtoAgent.Configuration;

/// <summary>Every setting there is. docs/configuration.md shows this table.</summary>
internal static class ConfigKeys
{
    public const string InstanceId = "instance_id";

    public static IReadOnlyList<ConfigKey> All { get; } =
    [
        new(InstanceId, ConfigType.Text, "The instance's id: scopes every store. Only in the file an instance is started with.")
        {
            Variables = ["PROTOAGENT_INSTANCE"], UserFileOnly = true,
        },
        new("agent_name", ConfigType.Text, "The agent's name. Names the schedule and the inbox; never scopes.") { Variables = ["AGENT_NAME"], Default = "protoagent" },

        new("server.host", ConfigType.Text, "Address to listen on. Beyond loopback a token is needed.") { Variables = ["PROTOAGENT_HOST"], Default = "127.0.0.1" },
        new("server.port", ConfigType.Integer, "Port to listen on; 0 picks a free one.") { Variables = ["PROTOAGENT_PORT"], Default = "7870", Min = 0, Max = 65535 },
        new("server.public_url", ConfigType.Url, "Where others reach this instance, when that isn't host and port.") { Variables = ["A2A_PUBLIC_URL"] },
        new("server.allow_open", ConfigType.Boolean, "Listen beyond loopback without a token.") { Variables = ["PROTOAGENT_ALLOW_OPEN"], Default = "false" },
        new("server.shutdown_seconds", ConfigType.Integer, "What running turns get to finish when the instance is stopped.") { Default = "10", Min = 0, Max = 300 },
        new("server.max_body_bytes", ConfigType.Integer, "The largest request body.") { Default = "4194304", Min = 1024, Max = 1 << 30 },
        new("server.max_connections", ConfigType.Integer, "Connections open at once; one more is told 503.") { Default = "1000", Min = 1, Max = 100_000 },
        new("server.max_streams", ConfigType.Integer, "Of them, streams of events that last until their reader goes.") { Default = "256", Min = 1, Max = 100_000 },
        new("server.allow_hosts", ConfigType.List, "Host names a request may be addressed to, besides loopback and the public URL's."),
        new("server.allow_origins", ConfigType.List, "Origins whose pages may call this instance from a browser, like http://localhost:3000."),
        new("server.trusted_proxies", ConfigType.List, "Addresses or CIDRs of proxies whose X-Forwarded-For says who asks."),
        new("server.core_dumps", ConfigType.Boolean, "Let the system write the memory, secrets and all, to a file when the process crashes.") { Default = "false" },
        new("server.tls.certificate", ConfigType.Text, "PEM file: the certificate and those that lead to its root. With it the instance speaks HTTPS alone."),
        new("server.tls.key", ConfigType.Text, "PEM file: the certificate's private key, not encrypted."),
        new("server.tls.hsts_days", ConfigType.Integer, "Tells browsers to use TLS alone for this host name, on every port; 0 tells nothing.") { Default = "0", Min = 0, Max = 3650 },

        new("model.provider", ConfigType.Choice, "openai: any OpenAI-compatible endpoint; anthropic: its Messages API; offline: the built-in one.")
        {
            Variables = ["PROTOAGENT_MODEL_PROVIDER"], Choices = ["openai", "anthropic", "offline"],
        },
        new("model.base_url", ConfigType.Url, "The endpoint, usually ending in /v1. Without it the provider's own.") { Variables = ["PROTOAGENT_MODEL_BASE_URL", "OPENAI_BASE_URL"] },
        new("model.name", ConfigType.Text, "The model's name at the endpoint.") { Variables = ["PROTOAGENT_MODEL"] },
        new("model.names", ConfigType.List, "Further names a request may ask for."),
        new("model.api_key", ConfigType.Text, "The endpoint's key.") { Variables = ["OPENAI_API_KEY"], Secret = true },
        new("model.anthropic_api_key", ConfigType.Text, "Anthropic's key.") { Variables = ["ANTHROPIC_API_KEY"], Secret = true },
        new("model.timeout_seconds", ConfigType.Integer, "For one call, from the request to the last token.") { Default = "300", Min = 1, Max = 3600 },
        new("model.retries", ConfigType.Integer, "Tries after the first, on 408, 429, 5xx and a refused connection.") { Default = "3", Min = 0, Max = 10 },

        new("model.max_output_tokens", ConfigType.Integer, "The longest answer, where a request names none.") { Min = 1, Max = 1_000_000 },
        new("model.input_price", ConfigType.Decimal, "USD for a million tokens in.") { Min = 0, Max = 1_000_000 },
        new("model.output_price", ConfigType.Decimal, "USD for a million tokens out.") { Min = 0, Max = 1_000_000 },
        new("model.fallbacks", ConfigType.List, "Models to ask, in this order, when the first one fails."),

        new("model.detect_ports", ConfigType.List, "Ports of this machine on which the console looks for model servers.") { Default = "11434,1234,8080,8000" },

        new("models.*.provider", ConfigType.Choice, "A further model's provider; model.provider's if unset.") { Choices = ["openai", "anthropic", "offline"] },
        new("models.*.base_url", ConfigType.Url, "Its endpoint; model.base_url if unset and the provider is the same."),
        new("models.*.model", ConfigType.Text, "Its name at the endpoint, if that is another."),
        new("models.*.api_key", ConfigType.Text, "Its key; the provider's if unset and the endpoint is the same.") { Secret = true },
        new("models.*.timeout_seconds", ConfigType.Integer, "For one call of it; model.timeout_seconds if unset.") { Min = 1, Max = 3600 },
        new("models.*.max_output_tokens", ConfigType.Integer, "Its longest answer, where a request names none.") { Min = 1, Max = 1_000_000 },
        new("models.*.input_price", ConfigType.Decimal, "USD for a million tokens it is given.") { Min = 0, Max = 1_000_000 },
        new("models.*.output_price", ConfigType.Decimal, "USD for a million tokens it gives.") { Min = 0, Max = 1_000_000 },

        new("turns.max_rounds", ConfigType.Integer, "Model calls of one turn; at the last one no tools are offered.") { Default = "25", Min = 1, Max = 1000 },
        new("turns.max_tokens", ConfigType.Integer, "Tokens in and out of all model calls of one turn; 0 for no bound.") { Default = "2000000", Min = 0, Max = 1_000_000_000 },
        new("turns.timeout_seconds", ConfigType.Integer, "Wall clock of one turn, without the time it waits for a person.") { Default = "1800", Min = 1, Max = 86_400 },
        new("turns.max_attachment_bytes", ConfigType.Integer, "Pictures and files beside the messages of one turn, together; 0 takes addresses alone.") { Default = "8388608", Min = 0, Max = 1 << 28 },
        new("turns.resume", ConfigType.Choice, "After a crash: auto resumes what no client waited for and marks the rest interrupted.")
        {
            Default = "auto", Choices = ["auto", "always", "never"],
        },
        new("threads.retention_days", ConfigType.Integer, "Threads not touched for so long are deleted; 0 keeps them.") { Default = "0", Min = 0, Max = 36_500 },
        new("context.budget_tokens", ConfigType.Integer, "What one model call may hold, estimated at four characters a token.") { Default = "100000", Min = 2000, Max = 10_000_000 },

        new("tools.enable", ConfigType.List, "Tools that are off by default and are to be offered, such as run_command."),
        new("tools.disable", ConfigType.List, "Tools not to offer; 'server__*' stands for all of an MCP server's."),
        new("tools.require_approval", ConfigType.List, "Further tools each call of which a person must approve."),
        new("tools.waive_approval", ConfigType.List, "Tools that need no approval although they would by themselves."),
        new("tools.longest_result", ConfigType.Integer, "Characters of a result shown to the model; a longer one is kept whole on disk.") { Default = "20000", Min = 1000, Max = 1_000_000 },
        new("web_search.url", ConfigType.Url, "A SearXNG-style search endpoint; without it web_search is not offered."),
        new("network.allow_hosts", ConfigType.List, "Names, addresses or CIDRs let through the fence that keeps private addresses out."),

        new("subagents.concurrency", ConfigType.Integer, "Subagents that run at once.") { Default = "4", Min = 1, Max = 64 },
        new("subagents.*.description", ConfigType.Text, "What this kind of subagent is for."),
        new("subagents.*.prompt", ConfigType.Text, "Its system text."),
        new("subagents.*.tools", ConfigType.List, "The only tools it is offered."),
        new("subagents.*.model", ConfigType.Text, "A configured model's name."),
        new("subagents.*.max_rounds", ConfigType.Integer, "Its model calls.") { Min = 1, Max = 100 },

        new("skills.scope", ConfigType.Choice, "scoped: the instance's own skills; shared: the box's (commons) alone; layered: both, the own win.")
        {
            Default = "scoped", Choices = ["scoped", "shared", "layered"],
        },
        new("skills.context_characters", ConfigType.Integer, "What each model call is told of the skills there are; 0 for nothing.") { Default = "8000", Min = 0, Max = 200_000 },

        new("workflows.concurrency", ConfigType.Integer, "Steps of workflows that run at once, of all runs.") { Default = "4", Min = 1, Max = 64 },
        new("workflows.retention_days", ConfigType.Integer, "Runs of workflows that ended are forgotten after so long; 0 keeps them.") { Default = "30", Min = 0, Max = 36_500 },

        new("mcp.server.max_sessions", ConfigType.Integer, "Sessions of MCP clients at once; one more ends the one that was idle longest.") { Default = "100", Min = 1, Max = 10_000 },
        new("mcp.server.idle_seconds", ConfigType.Integer, "An MCP client's session that nobody uses for so long is over.") { Default = "1800", Min = 10, Max = 86_400 },
        new("mcp.servers.*.command", ConfigType.Text, "The program of an MCP server that speaks over its standard input and output."),
        new("mcp.servers.*.args", ConfigType.List, "Its arguments."),
        new("mcp.servers.*.env.*", ConfigType.Text, "A variable of its environment; ${NAME} takes the value from this process's.") { Secret = true, AnyFile = true },
        new("mcp.servers.*.url", ConfigType.Url, "The address of an MCP server that speaks streamable HTTP."),
        new("mcp.servers.*.headers.*", ConfigType.Text, "A header sent to it; ${NAME} takes the value from this process's environment.") { Secret = true, AnyFile = true },
        new("mcp.servers.*.enabled", ConfigType.Boolean, "False leaves it out."),
        new("mcp.servers.*.timeout_seconds", ConfigType.Integer, "For one call of its tools.") { Min = 1, Max = 3600 },

        new("a2a.max_active_tasks", ConfigType.Integer, "Tasks of peers that have not ended; a further one is rejected.") { Default = "100", Min = 1, Max = 10_000 },
        new("a2a.max_message_bytes", ConfigType.Integer, "The largest message of a peer, its files in it; a larger one is rejected.") { Default = "1048576", Min = 1024, Max = 1 << 30 },
        new("a2a.task_retention_days", ConfigType.Integer, "Tasks that ended are forgotten after so long; 0 keeps them.") { Default = "30", Min = 0, Max = 36_500 },
        new("a2a.push", ConfigType.Boolean, "false: peers are told of their tasks by no web hook; they can ask.") { Default = "true" },
        new("a2a.federation_approves", ConfigType.Boolean, "true: who comes with the federation token may approve calls, as the operator may.") { Default = "false" },
        new("a2a.description", ConfigType.Text, "What the agent does, on its card."),
        new("a2a.provider_name", ConfigType.Text, "Who runs the agent, on its card."),
        new("a2a.provider_url", ConfigType.Url, "Their address, on its card."),
        new("a2a.icon_url", ConfigType.Url, "A picture, on its card."),
        new("a2a.documentation_url", ConfigType.Url, "More about the agent, on its card."),
        new("a2a.peers.*.url", ConfigType.Url, "Where an agent is that work may be given to; its card lies below."),
        new("a2a.peers.*.token", ConfigType.Text, "Its bearer token.") { Secret = true },
        new("a2a.peers.*.description", ConfigType.Text, "What to give it, for the model."),
        new("a2a.peers.*.timeout_seconds", ConfigType.Integer, "For one call of it, to the end of the task.") { Min = 1, Max = 3600 },
        new("a2a.max_hops", ConfigType.Integer, "How often a piece of work may be passed on from agent to agent.") { Default = "3", Min = 0, Max = 100 },

        new("auth.token", ConfigType.Text, "Bearer token for every surface.") { Variables = ["A2A_AUTH_TOKEN"], Secret = true },
        new("auth.federation_token", ConfigType.Text, "Bearer token for /a2a and /v1 alone.") { Variables = ["A2A_FEDERATION_TOKEN"], Secret = true },

        new("knowledge.db_path", ConfigType.Text, "Moves the knowledge file; still scoped by the id.") { Variables = ["KNOWLEDGE_DB_PATH"] },
        new("scheduler.enabled", ConfigType.Boolean, "false: no job fires here, and the schedule is left to whoever takes it.") { Default = "true" },
        new("scheduler.exclusive", ConfigType.Boolean, "true: the instance does not start while another process owns its schedule (exit code 75).") { Default = "false" },
        new("scheduler.concurrency", ConfigType.Integer, "Turns of jobs that run at once.") { Default = "16", Min = 1, Max = 1000 },
        new("scheduler.retention_days", ConfigType.Integer, "Runs that ended, and jobs that did, are forgotten after so long.") { Default = "30", Min = 1, Max = 36_500 },
        new("knowledge.embeddings.model", ConfigType.Text, "The model that makes vectors of texts; without it knowledge is searched by words alone."),
        new("knowledge.embeddings.base_url", ConfigType.Url, "Its OpenAI-compatible endpoint, usually ending in /v1; model.base_url if unset and the provider is openai."),
        new("knowledge.embeddings.api_key", ConfigType.Text, "Its key; model.api_key if unset and the endpoint is the same.") { Secret = true },
        new("knowledge.embeddings.timeout_seconds", ConfigType.Integer, "For one call of it.") { Default = "30", Min = 1, Max = 600 },
        new("knowledge.vector_memory_mb", ConfigType.Integer, "Vectors kept in memory while they are searched; beyond it they are read each time.") { Default = "512", Min = 0, Max = 65_536 },
        new("knowledge.max_document_bytes", ConfigType.Integer, "The largest document taken in.") { Default = "33554432", Min = 1024, Max = 1 << 30 },
        new("knowledge.keep_deleted_days", ConfigType.Integer, "How long a deleted source can be restored.") { Default = "30", Min = 0, Max = 36_500 },
        new("scheduler.db_dir", ConfigType.Text, "Moves the folder of <agent>/jobs.db; still scoped by the id.") { Variables = ["SCHEDULER_DB_DIR"] },
        new("memory.path", ConfigType.Text, "Moves the memory folder; still scoped by the id.") { Variables = ["MEMORY_PATH"] },
        new("memory.enabled", ConfigType.Boolean, "false: no summaries, no facts, nothing of it put before a conversation.") { Default = "true" },
        new("memory.extract_facts", ConfigType.Boolean, "Ask a model for facts when a session is over; the offline model is never asked.") { Default = "true" },
        new("memory.model", ConfigType.Text, "The model that is asked, a configured one; without it the default."),
        new("memory.session_idle_minutes", ConfigType.Integer, "A session without a turn for so long is over.") { Default = "15", Min = 1, Max = 1440 },
        new("memory.incognito_minutes", ConfigType.Integer, "How long an incognito conversation can be gone on with; 0 removes it with its turn.") { Default = "30", Min = 0, Max = 1440 },
        new("memory.hot_confirm", ConfigType.Boolean, "What the agent would put before every conversation waits for an operator.") { Default = "false" },
        new("memory.inject_tokens", ConfigType.Integer, "What the memory may put before a conversation in all; 0 puts nothing.") { Default = "2500", Min = 0, Max = 100_000 },
        new("memory.hot_tokens", ConfigType.Integer, "Of that, hot facts.") { Default = "800", Min = 0, Max = 100_000 },
        new("memory.hit_tokens", ConfigType.Integer, "Of that, what is known that fits the message.") { Default = "1200", Min = 0, Max = 100_000 },
        new("memory.digest_tokens", ConfigType.Integer, "Of that, the last sessions.") { Default = "600", Min = 0, Max = 100_000 },
        new("memory.hits", ConfigType.Integer, "How many of what fits.") { Default = "5", Min = 0, Max = 20 },
        new("memory.digest_sessions", ConfigType.Integer, "How many of the last sessions.") { Default = "10", Min = 0, Max = 50 },
        new("memory.inject_namespaces", ConfigType.List, "Namespaces of what fits; without it all, '-' is what has none."),
        new("memory.inject_min_trust", ConfigType.Choice, "Nothing trusted less is put before a conversation.") { Default = "external", Choices = ["operator", "agent", "external"] },
        new("memory.session_retention_days", ConfigType.Integer, "Summaries of sessions are deleted so long after their last turn; 0 keeps them.") { Default = "0", Min = 0, Max = 36_500 },
        new("memory.injection_retention_days", ConfigType.Integer, "What entered which turn is forgotten after so long; 0 keeps it.") { Default = "30", Min = 0, Max = 36_500 },

        new("inbox.dedup_seconds", ConfigType.Integer, "How long a dedup key stands for the item that came with it; 0: not at all.") { Default = "300", Min = 0, Max = 2_592_000 },
        new("inbox.storm_limit", ConfigType.Integer, "Items of one source taken within a minute.") { Default = "60", Min = 1, Max = 1_000_000 },
        new("inbox.retention_days", ConfigType.Integer, "Items that were read or given up are deleted after so long; 0 keeps them.") { Default = "90", Min = 0, Max = 36_500 },
        new("activity.retention_days", ConfigType.Integer, "Lines of the activity are deleted after so long; 0 keeps them.") { Default = "90", Min = 0, Max = 36_500 },

        new("audit.enabled", ConfigType.Boolean, "Write what the agent does to audit.jsonl.") { Default = "true" },
        new("telemetry.retention_days", ConfigType.Integer, "What turns took is forgotten after so long; 0 keeps it.") { Default = "90", Min = 0, Max = 36_500 },
        new("telemetry.otlp_endpoint", ConfigType.Url, "Where spans and metrics go, as OTLP over HTTP; without it they go nowhere.") { Variables = ["OTEL_EXPORTER_OTLP_ENDPOINT"] },
        new("telemetry.otlp_headers", ConfigType.Text, "Sent with them: name=value, separated by commas; %20 is a space.") { Variables = ["OTEL_EXPORTER_OTLP_HEADERS"], Secret = true },
        new("telemetry.otlp_traces_endpoint", ConfigType.Url, "Where spans go, as it is; telemetry.otlp_endpoint and /v1/traces if unset.") { Variables = ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"] },
        new("telemetry.otlp_metrics_endpoint", ConfigType.Url, "Where metrics go, as it is; telemetry.otlp_endpoint and /v1/metrics if unset.") { Variables = ["OTEL_EXPORTER_OTLP_METRICS_ENDPOINT"] },
        new("telemetry.otlp_protocol", ConfigType.Choice, "How they are sent; nothing else is spoken.") { Variables = ["OTEL_EXPORTER_OTLP_PROTOCOL"], Default = "http/protobuf", Choices = ["http/protobuf"] },
        new("telemetry.otlp_timeout_ms", ConfigType.Integer, "For one export, in milliseconds.") { Variables = ["OTEL_EXPORTER_OTLP_TIMEOUT"], Default = "10000", Min = 1, Max = 600_000 },
        new("telemetry.traces_exporter", ConfigType.Choice, "none: spans go nowhere.") { Variables = ["OTEL_TRACES_EXPORTER"], Default = "otlp", Choices = ["otlp", "none"] },
        new("telemetry.metrics_exporter", ConfigType.Choice, "none: metrics go nowhere; /metrics is there all the same.") { Variables = ["OTEL_METRICS_EXPORTER"], Default = "otlp", Choices = ["otlp", "none"] },
        new("telemetry.traces_sampler", ConfigType.Choice, "Which traces are recorded; parentbased: those the caller records, and of its own by the rest of the name.")
        {
            Variables = ["OTEL_TRACES_SAMPLER"], Default = "parentbased_always_on",
            Choices = ["always_on", "always_off", "traceidratio", "parentbased_always_on", "parentbased_always_off", "parentbased_traceidratio"],
        },
        new("telemetry.traces_sampler_arg", ConfigType.Decimal, "The share of traces a sampler by ratio keeps.") { Variables = ["OTEL_TRACES_SAMPLER_ARG"], Default = "1", Min = 0, Max = 1 },
        new("telemetry.resource_attributes", ConfigType.Text, "Put on all of them: name=value, separated by commas; %20 is a space.") { Variables = ["OTEL_RESOURCE_ATTRIBUTES"] },
        new("telemetry.disabled", ConfigType.Boolean, "true: nothing is sent, whatever else is set.") { Variables = ["OTEL_SDK_DISABLED"], Default = "false" },
        new("telemetry.service_name", ConfigType.Text, "Their service.name; without it the one in the attributes, or the agent's name.") { Variables = ["OTEL_SERVICE_NAME"] },

        new("logging.level", ConfigType.Choice, "The least that is logged.") { Default = "info", Choices = ["trace", "debug", "info", "warn", "error"] },
        new("logging.format", ConfigType.Choice, "text: one key=value line an event; json: one object a line.") { Default = "text", Choices = ["text", "json"] },
    ];

    /// <summary>Variables that are no setting: they decide where settings and data are.</summary>
    public static IReadOnlyList<string> Bootstrap { get; } = ["PROTOAGENT_AUTO_SCOPE", "PROTOAGENT_BOX_ROOT", "PROTOAGENT_CONFIG"];

    /// <summary>The key of that name; of a pattern (<c>mcp.servers.*.url</c>) the concrete one.</summary>
    public static ConfigKey? Find(string name) =>
        All.FirstOrDefault(k => k.Name == name) is { IsPattern: false } known ? known : All.FirstOrDefault(k => k.IsPattern && Fits(name, k.Name, whole: true)) is { } pattern ? pattern with { Name = name } : null;

    /// <summary>
    /// The key of a pattern that a variable names: PROTOAGENT_MODELS__FAST__API_KEY is <c>models.fast.api_key</c>. Not of one that
    /// ends in a name (<c>mcp.servers.*.env.*</c>): there a capital letter means something, and a variable has nothing else.
    /// </summary>
    public static ConfigKey? OfVariable(string variable)
    {
        var name = variable["PROTOAGENT_".Length..].Replace("__", ".", StringComparison.Ordinal).ToLowerInvariant();
        return All.Any(k => k.IsPattern && !k.Name.EndsWith('*') && Fits(name, k.Name, whole: true)) ? Find(name) : null;
    }

    /// <summary>Whether the name is that of a group of settings (<c>server</c>).</summary>
    public static bool IsGroup(string name) => All.Any(k => k.IsPattern ? Fits(name, k.Name, whole: false) : k.Name.StartsWith(name + ".", StringComparison.Ordinal));

    private static bool Fits(string name, string pattern, bool whole)
    {
        var (given, wanted) = (name.Split('.'), pattern.Split('.'));
        return (whole ? given.Length == wanted.Length : given.Length < wanted.Length)
            && given.Zip(wanted).All(p => p.First == p.Second || (p.Second == "*" && IsName(p.First)));
    }

    private static bool IsName(string segment) => segment.Length is > 0 and <= 64 && segment.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');
}

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

        new("model.provider", ConfigType.Choice, "openai: any OpenAI-compatible endpoint; offline: the built-in one.")
        {
            Variables = ["PROTOAGENT_MODEL_PROVIDER"], Choices = ["openai", "offline"],
        },
        new("model.base_url", ConfigType.Url, "The endpoint, usually ending in /v1. Without it OpenAI's own.") { Variables = ["PROTOAGENT_MODEL_BASE_URL", "OPENAI_BASE_URL"] },
        new("model.name", ConfigType.Text, "The model's name at the endpoint.") { Variables = ["PROTOAGENT_MODEL"] },
        new("model.names", ConfigType.List, "Further names a request may ask for."),
        new("model.api_key", ConfigType.Text, "The endpoint's key.") { Variables = ["OPENAI_API_KEY"], Secret = true },
        new("model.timeout_seconds", ConfigType.Integer, "For one call, from the request to the last token.") { Default = "300", Min = 1, Max = 3600 },
        new("model.retries", ConfigType.Integer, "Tries after the first, on 408, 429, 5xx and a refused connection.") { Default = "3", Min = 0, Max = 10 },

        new("auth.token", ConfigType.Text, "Bearer token for every surface.") { Variables = ["A2A_AUTH_TOKEN"], Secret = true },
        new("auth.federation_token", ConfigType.Text, "Bearer token for /a2a and /v1 alone.") { Variables = ["A2A_FEDERATION_TOKEN"], Secret = true },

        new("knowledge.db_path", ConfigType.Text, "Moves the knowledge file; still scoped by the id.") { Variables = ["KNOWLEDGE_DB_PATH"] },
        new("scheduler.db_dir", ConfigType.Text, "Moves the folder of <agent>/jobs.db; still scoped by the id.") { Variables = ["SCHEDULER_DB_DIR"] },
        new("memory.path", ConfigType.Text, "Moves the memory folder; still scoped by the id.") { Variables = ["MEMORY_PATH"] },

        new("logging.level", ConfigType.Choice, "The least that is logged.") { Default = "info", Choices = ["trace", "debug", "info", "warn", "error"] },
        new("logging.format", ConfigType.Choice, "text: one key=value line an event; json: one object a line.") { Default = "text", Choices = ["text", "json"] },
    ];

    /// <summary>Variables that are no setting: they decide where settings and data are.</summary>
    public static IReadOnlyList<string> Bootstrap { get; } = ["PROTOAGENT_AUTO_SCOPE", "PROTOAGENT_BOX_ROOT", "PROTOAGENT_CONFIG"];

    public static ConfigKey? Find(string name) => All.FirstOrDefault(k => k.Name == name);

    /// <summary>Whether the name is that of a group of settings (<c>server</c>).</summary>
    public static bool IsGroup(string name) => All.Any(k => k.Name.StartsWith(name + ".", StringComparison.Ordinal));
}

using Microsoft.Extensions.Logging;
using ProtoAgent.Agent.Models;

namespace ProtoAgent.Configuration;

/// <summary>The settings as the program uses them: typed, checked, immutable.</summary>
public sealed record Settings(ServerSettings Server, ModelOptions Model, AuthSettings Auth, LoggingSettings Logging);

/// <param name="Shutdown">What running turns get to finish when the instance is stopped.</param>
public sealed record ServerSettings(string Host, int Port, Uri? PublicUrl, TimeSpan Shutdown, long MaxBodyBytes);

/// <summary>Secrets. Null where none is set.</summary>
public sealed record AuthSettings(string? Token, string? FederationToken)
{
    public override string ToString() => $"AuthSettings {{ Token = {(Token is null ? "none" : "set")}, FederationToken = {(FederationToken is null ? "none" : "set")} }}";
}

public enum LogFormat
{
    Text,
    Json,
}

public sealed record LoggingSettings(LogLevel Level, LogFormat Format);

using Microsoft.Extensions.Logging;
using ProtoAgent.Protocols.Http;
using ProtoAgent.Stores.Audit;

namespace ProtoAgent.Composition;

/// <summary>Writes down who came with a wrong token: for a person, and for what watches logs. Never the token.</summary>
internal sealed partial class RefusedTokens(AuditLog? audit, ILogger log)
{
    public void Tell(TokenRefused refused)
    {
        var from = refused.From?.ToString() ?? "-";
        audit?.Write(new AuditLine("token_refused")
            .With("from", from).With("method", refused.Method).With("path", refused.Path).With("failures", refused.Failures).With("wait_seconds", (long)refused.Wait.TotalSeconds));
        LogRefused(log, from, refused.Method, refused.Path, refused.Failures, refused.Wait.TotalSeconds);
    }

    [LoggerMessage(EventName = "token_refused", Level = LogLevel.Warning, Message = "a wrong token came from {From} with {Method} {Path}, {Failures} different ones so far; none from there is looked at for {Seconds} s")]
    private static partial void LogRefused(ILogger log, string from, string method, string path, int failures, double seconds);
}

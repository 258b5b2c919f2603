namespace ProtoAgent.Instances;

/// <summary>
/// A problem that stands until a person acts. Declared beside what fails and shown alike in the log,
/// <c>GET /api/runtime/status</c>, the command line and the console.
/// </summary>
/// <param name="Code">Stable, snake_case.</param>
/// <param name="Message">What is wrong and where.</param>
/// <param name="Remedy">What to do about it.</param>
public sealed record StandingWarning(string Code, string Message, string Remedy)
{
    /// <summary>The code of: another process works on the same root.</summary>
    public const string LiveSibling = "live_sibling";
}

namespace ProtoAgent.Instances;

/// <summary>
/// A start that must not happen. Thrown before anything is written; the message is for the person who started the
/// process and says what was refused, where it came from and what to do.
/// </summary>
/// <param name="code">Stable, snake_case: <c>instance_id_invalid</c>, <c>root_of_another_instance</c>, …</param>
/// <param name="message">The whole message, remedy included.</param>
/// <param name="exitCode">As in sysexits: 78 configuration refused, 75 held by another, 73 cannot create.</param>
public sealed class InstanceRefusedException(string code, string message, int exitCode = InstanceRefusedException.Configuration)
    : Exception(message)
{
    /// <summary>EX_CONFIG: the configuration or the id is refused.</summary>
    public const int Configuration = 78;

    /// <summary>EX_TEMPFAIL: something is held by another process.</summary>
    public const int Held = 75;

    /// <summary>EX_CANTCREAT: the data home cannot be created or written.</summary>
    public const int CannotCreate = 73;

    public string Code { get; } = code;

    public int ExitCode { get; } = exitCode;
}

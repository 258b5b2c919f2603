using ProtoAgent.Instances;

namespace ProtoAgent.Commands;

/// <summary>What the process answers to the shell. 64 to 78 are as in sysexits.h; all are listed in docs/command-line.md.</summary>
internal static class ExitCodes
{
    public const int Ok = 0;

    /// <summary>The command ran and found problems (<c>doctor</c>) or got an error as its answer (<c>chat</c>).</summary>
    public const int Problems = 1;

    public const int Usage = 2;

    /// <summary>EX_UNAVAILABLE: no live instance to talk to.</summary>
    public const int Unavailable = 69;

    /// <summary>EX_SOFTWARE: a defect of ours.</summary>
    public const int Software = 70;

    /// <summary>EX_CANTCREAT.</summary>
    public const int CannotCreate = InstanceRefusedException.CannotCreate;

    /// <summary>EX_IOERR: a store can't be opened.</summary>
    public const int Io = 74;

    /// <summary>EX_TEMPFAIL: the port, or the instance, is held by another process.</summary>
    public const int Held = InstanceRefusedException.Held;

    /// <summary>EX_CONFIG.</summary>
    public const int Configuration = InstanceRefusedException.Configuration;
}

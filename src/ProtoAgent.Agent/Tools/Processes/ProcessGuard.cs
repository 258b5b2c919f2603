using System.ComponentModel;
using System.Diagnostics;

namespace ProtoAgent.Agent.Tools.Processes;

/// <summary>Starts programs below a guard: this program's own <c>guard</c> command. See README.md in this folder.</summary>
/// <param name="executable">This program. <c>/proc/self/exe</c> does as well, and survives its file being replaced by an upgrade.</param>
public sealed class ProcessGuard(string executable)
{
    /// <exception cref="ProcessStartException">The guard can't be started. That the program can't is known by the exit code: 126 or 127.</exception>
    public GuardedProcess Start(GuardedStart start)
    {
        var description = new ProcessStartInfo(executable, ["guard", "--parent", $"{Environment.ProcessId}", "--", start.Command, .. start.Arguments])
        {
            WorkingDirectory = start.WorkingDirectory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        description.Environment.Clear();
        foreach (var (name, value) in start.Environment)
        {
            description.Environment[name] = value;
        }

        try
        {
            return new GuardedProcess(Process.Start(description)!);
        }
        catch (Exception e) when (e is Win32Exception or IOException)
        {
            throw new ProcessStartException($"'{start.Command}' can't be started in {start.WorkingDirectory}: {e.Message}", e);
        }
    }
}

/// <param name="Command">A path, or a name to look for in the <c>PATH</c> of <paramref name="Environment"/>.</param>
/// <param name="Environment">All of it: nothing of this process's own is handed on.</param>
public sealed record GuardedStart(string Command, IReadOnlyList<string> Arguments, string WorkingDirectory, IReadOnlyDictionary<string, string> Environment);

/// <summary>The message names the program and the reason.</summary>
public sealed class ProcessStartException(string message, Exception inner) : Exception(message, inner);

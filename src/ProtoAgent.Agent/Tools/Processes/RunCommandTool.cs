using System.ComponentModel;
using System.Text.Json;
using System.Text.Json.Serialization;
using ProtoAgent.Instances.Paths;

namespace ProtoAgent.Agent.Tools.Processes;

/// <summary><c>run_command</c>: a shell command in the workspace. Off by default, and approved call by call.</summary>
public sealed class RunCommandTool(ProcessGuard guard, ChildEnvironment environment, TimeProvider time)
    : TypedTool<RunCommandTool.Arguments>(
        "run_command",
        "Runs a command with /bin/sh in the workspace and answers its exit code and what it printed, standard output and error together. "
        + "It has no standard input, and everything it started is ended with it: nothing stays running in the background.",
        RunCommandJson.Default.Arguments)
{
    private const int DefaultSeconds = 60;
    private const int LongestSeconds = 600;

    /// <summary>What is kept of the output, in bytes. The rest is read and counted.</summary>
    private const int Kept = 256 * 1024;

    /// <summary>What an ended command's pipes get to say that they are at their end.</summary>
    private static readonly TimeSpan s_lastWords = TimeSpan.FromSeconds(5);

    public override ToolTraits Traits => ToolTraits.OffByDefault | ToolTraits.NeedsApproval | ToolTraits.External;

    protected override async Task<ToolResult> CallAsync(Arguments arguments, ToolCall call, CancellationToken cancellationToken)
    {
        if (string.IsNullOrWhiteSpace(arguments.Command) || arguments.Command.Contains('\0'))
        {
            throw new ToolException("The command is blank or holds a NUL character. Give what /bin/sh is to run.");
        }

        var seconds = arguments.TimeoutSeconds ?? DefaultSeconds;
        if (seconds is < 1 or > LongestSeconds)
        {
            throw new ToolException($"timeout_seconds is {seconds} and must be from 1 to {LongestSeconds}.");
        }

        await using var process = Start(arguments.Command);
        var output = new BoundedOutput(Kept);
        var read = Task.WhenAll(output.ReadAsync(process.Output), output.ReadAsync(process.Error));
        var ended = Task.WhenAll(read, process.Exited);
        try
        {
            await ended.WaitAsync(TimeSpan.FromSeconds(seconds), time, cancellationToken);
            return new ToolResult($"exit code {await process.Exited}\n{output.Text()}");
        }
        catch (TimeoutException)
        {
            process.Stop();
            await Task.WhenAny(ended, Task.Delay(s_lastWords, CancellationToken.None));
            throw new ToolException(
                $"The command had not ended after {seconds} s and was stopped, with everything it had started. "
                + $"Give a longer timeout_seconds (up to {LongestSeconds}) or do less at once. It had printed:\n{output.Text()}");
        }
    }

    private GuardedProcess Start(string command)
    {
        try
        {
            AtomicFile.CreateFolder(environment.Temporary);

            // One pipe for both streams, or what was printed first might come last. The inner shell, so that the command stays one argument.
            var process = guard.Start(new GuardedStart("/bin/sh", ["-c", "exec /bin/sh -c \"$1\" 2>&1", "sh", command], environment.Workspace, environment.ForCommand()));
            process.Input.Dispose();
            return process;
        }
        catch (Exception e) when (e is ProcessStartException or IOException or UnauthorizedAccessException)
        {
            throw new ToolException($"The command was not run: {e.Message}", e);
        }
    }

    public sealed record Arguments
    {
        [Description("What /bin/sh is to run. Several lines are allowed.")]
        public required string Command { get; init; }

        [Description("When to stop it if it has not ended: 1 to 600; 60 if left out.")]
        public int? TimeoutSeconds { get; init; }
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(RunCommandTool.Arguments))]
internal sealed partial class RunCommandJson : JsonSerializerContext;

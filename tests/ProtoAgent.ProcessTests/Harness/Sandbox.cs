using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;

namespace ProtoAgent.ProcessTests.Harness;

/// <summary>A machine of its own for one test: an empty HOME, a working directory, and an environment made from nothing.</summary>
internal sealed class Sandbox : IAsyncDisposable
{
    private readonly List<AgentProcess> _running = [];

    public Sandbox()
    {
        Root = Directory.CreateTempSubdirectory("protoagent-").FullName;
        Home = Folder("home");
        Work = Folder("work");
    }

    public string Root { get; }

    public string Home { get; }

    public string Work { get; }

    public string DataHome => Path.Combine(Home, ".protoagent");

    public string Folder(string name) => Directory.CreateDirectory(Path.Combine(Root, name)).FullName;

    public string File(string path, string content)
    {
        var full = Path.Combine(Root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        System.IO.File.WriteAllText(full, content);
        return full;
    }

    /// <summary>Starts <c>serve --json --port 0</c> (unless the arguments say otherwise) and waits until it answers.</summary>
    public async Task<AgentProcess> ServeAsync(string? instance = null, string[]? arguments = null, Dictionary<string, string>? environment = null, string? work = null)
    {
        var process = AgentProcess.Start(Serving(instance, arguments, environment, work));
        lock (_running)
        {
            _running.Add(process);
        }

        await process.ReadyAsync();
        return process;
    }

    /// <summary>Runs a command to its end, or a <c>serve</c> that is expected to be refused.</summary>
    public async Task<Finished> RunAsync(
        string[] arguments, string? instance = null, Dictionary<string, string>? environment = null, string? work = null, string? input = null)
    {
        using var process = Process.Start(Describe(arguments, instance, environment, work))!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        using var late = new CancellationTokenSource(Limits.Patience);
        try
        {
            await process.WaitForExitAsync(late.Token);
        }
        catch (OperationCanceledException e)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"'{string.Join(' ', arguments)}' did not end.\n{await output}\n{await error}", e);
        }

        return new Finished(process.ExitCode, await output, await error);
    }

    public Task<Finished> ServeRefusedAsync(string? instance = null, string[]? arguments = null, Dictionary<string, string>? environment = null, string? work = null) =>
        RunAsync(["serve", "--port", "0", .. arguments ?? []], instance, environment, work);

    /// <summary>Every path below the sandbox with a digest of its content: equal before and after means nothing was written.</summary>
    public string Snapshot() => string.Join('\n', Directory.EnumerateFileSystemEntries(Root, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
        .Select(p => $"{p} {(System.IO.File.Exists(p) ? Convert.ToHexString(SHA256.HashData(System.IO.File.ReadAllBytes(p))) : "")}"));

    /// <summary>The files of this home that hold a text, looked at while no process writes: one that is being replaced would be gone before it is opened.</summary>
    public async Task<List<string>> FilesHoldingAsync(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var living = _running.Where(p => !p.HasExited).ToList();
        try
        {
            await Task.WhenAll(living.Select(p => p.StopAsync()));
            return [.. Directory.EnumerateFiles(Home, "*", SearchOption.AllDirectories).Where(f => System.IO.File.ReadAllBytes(f).AsSpan().IndexOf(bytes) >= 0)];
        }
        finally
        {
            living.FindAll(p => !p.HasExited).ForEach(p => p.SendContinue());
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _running)
        {
            await process.DisposeAsync();
        }

        Directory.Delete(Root, recursive: true);
    }

    private ProcessStartInfo Serving(string? instance, string[]? arguments, Dictionary<string, string>? environment, string? work) =>
        Describe(["serve", "--json", .. arguments?.Contains("--port") == true ? [] : (string[])["--port", "0"], .. arguments ?? []], instance, environment, work);

    private ProcessStartInfo Describe(string[] arguments, string? instance, Dictionary<string, string>? environment, string? work)
    {
        var start = new ProcessStartInfo(ProgramUnderTest.Path, arguments)
        {
            WorkingDirectory = work ?? Work, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false,
        };
        start.Environment.Clear();
        start.Environment["HOME"] = Home;
        start.Environment["PATH"] = "/usr/local/bin:/usr/bin:/bin";
        start.Environment["TMPDIR"] = Folder("tmp");

        // Of the JIT build only: its debugger's pipes would lie in TMPDIR, and block whoever reads every file.
        start.Environment["DOTNET_EnableDiagnostics"] = "0";

        // Only the JIT build needs to know where its runtime is.
        if (Environment.GetEnvironmentVariable("DOTNET_ROOT") is { Length: > 0 } root)
        {
            start.Environment["DOTNET_ROOT"] = root;
        }

        if (instance is not null)
        {
            start.Environment["PROTOAGENT_INSTANCE"] = instance;
        }

        foreach (var (name, value) in environment ?? [])
        {
            start.Environment[name] = value;
        }

        return start;
    }
}

internal sealed record Finished(int ExitCode, string Output, string Error);

internal static class Limits
{
    /// <summary>After this a test that waits has failed. Long, because a loaded machine is slow, not wrong.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
}

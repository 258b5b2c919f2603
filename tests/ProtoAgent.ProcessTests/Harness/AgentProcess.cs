using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json.Nodes;
using Shouldly;

namespace ProtoAgent.ProcessTests.Harness;

/// <summary>One running instance.</summary>
internal sealed partial class AgentProcess : IAsyncDisposable
{
    private const int Terminate = 15;
    private const int Continue = 18;
    private const int Stop = 19;

    private readonly Process _process;
    private readonly StringBuilder _log = new();
    private readonly List<(string Text, TaskCompletionSource Found)> _awaited = [];
    private readonly TaskCompletionSource<JsonObject> _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private AgentProcess(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => Heard(line.Data, isOutput: true);
        process.ErrorDataReceived += (_, line) => Heard(line.Data, isOutput: false);
        process.Exited += (_, _) => _ready.TrySetException(new InvalidOperationException($"The process ended before it was ready.\n{Log}"));
        process.EnableRaisingEvents = true;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public int Pid => _process.Id;

    public int Port { get; private set; }

    public string InstanceRoot { get; private set; } = "";

    public HttpClient Http { get; private set; } = new();

    /// <summary>Both streams, as they came.</summary>
    public string Log
    {
        get
        {
            lock (_log)
            {
                return _log.ToString();
            }
        }
    }

    public static AgentProcess Start(ProcessStartInfo start) => new(Process.Start(start)!);

    public async Task ReadyAsync()
    {
        var ready = await _ready.Task.WaitAsync(Limits.Patience);
        Port = (int)ready["port"]!;
        InstanceRoot = (string)ready["root"]!;
        Http = new HttpClient { BaseAddress = new Uri((string)ready["url"]!), Timeout = Limits.Patience };
    }

    /// <summary>Until a line that holds the text has been logged.</summary>
    public async Task LoggedAsync(string text)
    {
        var found = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_log)
        {
            if (_log.ToString().Contains(text, StringComparison.Ordinal))
            {
                return;
            }

            _awaited.Add((text, found));
        }

        await found.Task.WaitAsync(Limits.Patience);
    }

    /// <summary>When the process itself says it logged the first line that holds the text: not when this one came to read it.</summary>
    public DateTimeOffset LoggedAt(string text) => DateTimeOffset.Parse(
        Log.Split('\n').First(l => l.Contains(text, StringComparison.Ordinal)).Split(' ')[0]["time=".Length..], CultureInfo.InvariantCulture);

    public async Task<JsonNode> GetAsync(string path)
    {
        using var answer = await Http.GetAsync(path);
        var body = await answer.Content.ReadAsStringAsync();
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, $"GET {path}: {body}\n{Log}");
        return JsonNode.Parse(body)!;
    }

    /// <summary>What is answered, whatever its status.</summary>
    public async Task<(HttpStatusCode Status, JsonNode Body)> SendAsync(HttpMethod method, string path, JsonNode? body = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent(body) };
        using var answer = await Http.SendAsync(request);
        return (answer.StatusCode, JsonNode.Parse(await answer.Content.ReadAsStringAsync())!);
    }

    /// <summary>One turn; its reply.</summary>
    public async Task<string> ChatAsync(string message, string? session = null)
    {
        using var answer = await PostChatAsync(message, session);
        var body = await answer.Content.ReadAsStringAsync();
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, $"{body}\n{Log}");
        return (string)JsonNode.Parse(body)!["reply"]!;
    }

    public Task<HttpResponseMessage> PostChatAsync(string message, string? session = null) =>
        Http.PostAsync("/api/chat", JsonContent(new JsonObject { ["message"] = message, ["session_id"] = session }));

    public static StringContent JsonContent(JsonNode body) => new(body.ToJsonString(), Encoding.UTF8, "application/json");

    /// <summary>"role: text" of every step of the thread.</summary>
    public async Task<IReadOnlyList<string>> MessagesAsync(string session) =>
        [.. (await GetAsync($"/api/chat/sessions/{Uri.EscapeDataString(session)}/messages?limit=500"))["items"]!.AsArray().Select(m => $"{m!["role"]}: {m["text"]}")];

    public async Task<IReadOnlyList<string>> WarningsAsync() =>
        [.. (await GetAsync("/api/runtime/status"))["warnings"]!.AsArray().Select(w => $"{w!["code"]}: {w["message"]}")];

    /// <summary>SIGKILL, and the process is gone when this returns.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await ExitAsync();
    }

    /// <summary>SIGTERM; the exit code.</summary>
    public async Task<int> TerminateAsync()
    {
        Signal(Pid, Terminate).ShouldBe(0);
        return await ExitAsync();
    }

    public void SendTerminate() => Signal(Pid, Terminate).ShouldBe(0);

    /// <summary>
    /// SIGSTOP: it does nothing, and keeps its locks, until <see cref="SendContinue"/>. When this returns each of its threads has
    /// come to a stop; one that writes to the disk does that first.
    /// </summary>
    public async Task StopAsync()
    {
        Signal(Pid, Stop).ShouldBe(0);
        while (!Directory.EnumerateDirectories($"/proc/{Pid}/task").All(IsStopped))
        {
            await Task.Yield();
        }
    }

    public void SendContinue() => Signal(Pid, Continue).ShouldBe(0);

    public bool HasExited => _process.HasExited;

    public async Task<int> ExitAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(Limits.Patience);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await KillAsync();
        }

        Http.Dispose();
        _process.Dispose();
    }

    /// <summary>proc(5): the state stands behind the name, which may hold anything but ends at the last parenthesis.</summary>
    private static bool IsStopped(string thread)
    {
        try
        {
            var stat = File.ReadAllText($"{thread}/stat");
            return stat[stat.LastIndexOf(')') + 2] == 'T';
        }
        catch (IOException)
        {
            // It has ended.
            return true;
        }
    }

    private void Heard(string? line, bool isOutput)
    {
        if (line is null)
        {
            return;
        }

        lock (_log)
        {
            _log.AppendLine(line);
            foreach (var (text, found) in _awaited)
            {
                if (line.Contains(text, StringComparison.Ordinal))
                {
                    found.TrySetResult();
                }
            }
        }

        if (isOutput)
        {
            _ready.TrySetResult(JsonNode.Parse(line)!.AsObject());
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Signal(int pid, int signal);
}

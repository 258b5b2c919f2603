using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;

namespace ProtoAgent.Bench;

/// <summary>A program under measurement, started on a port chosen beforehand.</summary>
internal sealed class Subject : IDisposable
{
    private static readonly byte[] s_request = "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"u8.ToArray();

    private readonly Process _process;

    private Subject(Process process, int port, DateTimeOffset begun, double firstAnswer)
    {
        _process = process;
        Port = port;
        Begun = begun;
        FirstAnswer = firstAnswer;
    }

    public int Port { get; }

    /// <summary>By the wall clock, when the process was started.</summary>
    public DateTimeOffset Begun { get; }

    /// <summary>Milliseconds from starting the process to its first 200.</summary>
    public double FirstAnswer { get; }

    public static Subject Start(string program, Func<int, string[]> arguments, string home, string instance, Dictionary<string, string>? environment = null, Action<string?>? heard = null)
    {
        var port = FreePort();
        var start = new ProcessStartInfo(program, arguments(port)) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false, WorkingDirectory = home };
        start.Environment.Clear();
        start.Environment["HOME"] = home;
        start.Environment["PATH"] = "/usr/bin:/bin";
        start.Environment["PROTOAGENT_INSTANCE"] = instance;
        foreach (var (name, value) in environment ?? [])
        {
            start.Environment[name] = value;
        }

        var begun = TimeProvider.System.GetUtcNow();
        var clock = Stopwatch.StartNew();
        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, line) => heard?.Invoke(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        while (!Answers(port))
        {
            if (process.HasExited || clock.Elapsed > TimeSpan.FromSeconds(30))
            {
                throw new InvalidOperationException($"{program} did not answer on port {port}.");
            }
        }

        return new Subject(process, port, begun, clock.Elapsed.TotalMilliseconds);
    }

    /// <summary>Proportional set size in MB: pages shared by copies are counted once among them.</summary>
    public double Memory() => double.Parse(
        File.ReadLines($"/proc/{_process.Id}/smaps_rollup").First(l => l.StartsWith("Pss:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
        CultureInfo.InvariantCulture) / 1024;

    /// <summary>How often its threads have been woken so far.</summary>
    public long WakeUps() => Directory.EnumerateDirectories($"/proc/{_process.Id}/task").Sum(task => long.Parse(
        File.ReadLines(task + "/status").First(l => l.StartsWith("voluntary_ctxt_switches", StringComparison.Ordinal)).Split('\t')[1], CultureInfo.InvariantCulture));

    public async Task TurnsAsync(int count, Func<int, string> session)
    {
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{Port}") };
        for (var i = 0; i < count; i++)
        {
            using var body = new StringContent($$"""{"message":"turn {{i}}","session_id":"{{session(i)}}"}""", Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
            using var answer = await http.PostAsync("/api/chat", body);
            answer.EnsureSuccessStatusCode();
        }
    }

    /// <summary>Asks it to end, and waits until it has.</summary>
    public async Task StopAsync()
    {
        using var asked = Process.Start("kill", ["-TERM", $"{_process.Id}"]);
        await _process.WaitForExitAsync();
    }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    private static bool Answers(int port)
    {
        try
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Connect(IPAddress.Loopback, port);
            socket.Send(s_request);
            var buffer = new byte[64];
            return socket.Receive(buffer) > 0 && buffer.AsSpan().IndexOf(" 200 "u8) >= 0;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}

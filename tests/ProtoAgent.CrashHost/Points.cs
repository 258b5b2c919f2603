using System.Runtime.InteropServices;

namespace ProtoAgent.CrashHost;

/// <summary>The places a process may die at, counted as they are reached. At the one that was asked for it dies as by <c>kill -9</c>.</summary>
internal sealed partial class Points(int dieAt)
{
    private const int Kill = 9;

    private int _reached;

    public void Reach(string name)
    {
        var number = Interlocked.Increment(ref _reached);
        Console.WriteLine($"point {number} {name}");
        Console.Out.Flush();
        if (number == dieAt)
        {
            _ = Signal(Environment.ProcessId, Kill);
        }
    }

    public async Task<T> AroundAsync<T>(string name, Func<Task<T>> work)
    {
        Reach($"before {name}");
        var result = await work();
        Reach($"after {name}");
        return result;
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Signal(int pid, int signal);
}

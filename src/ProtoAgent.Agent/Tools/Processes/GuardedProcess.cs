using System.Diagnostics;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ProtoAgent.Agent.Tools.Processes;

/// <summary>A program below its guard. When the guard has ended, nothing that the program started lives any more.</summary>
public sealed partial class GuardedProcess : IAsyncDisposable
{
    private const int Terminate = 15;
    private const int PidfdOpen = 434;
    private const int PidfdSendSignal = 424;

    /// <summary>The guard's grace and a little. What is left then waits for a disk; the guard stays with it, we don't.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    private readonly Process _process;
    private readonly SafeFileHandle _handle;
    private int _disposed;

    internal GuardedProcess(Process process)
    {
        _process = process;

        // By handle: the number may be another's by the time we signal it.
        _handle = new SafeFileHandle(OpenProcess(PidfdOpen, process.Id, 0), ownsHandle: true);
        Exited = ExitAsync();
    }

    /// <summary>Of the guard; that of the program is its child.</summary>
    public int Id => _process.Id;

    public Stream Input => _process.StandardInput.BaseStream;

    public Stream Output => _process.StandardOutput.BaseStream;

    public Stream Error => _process.StandardError.BaseStream;

    /// <summary>The program's exit code, once nothing of it is left: 128 and the signal if one ended it, 126 or 127 if it could not be started.</summary>
    public Task<int> Exited { get; }

    /// <summary>Asks the program and all it started to end, and ends by force, two seconds later, what has not. Safe to call often.</summary>
    public void Stop()
    {
        var added = false;
        try
        {
            _handle.DangerousAddRef(ref added);
            _ = SendSignal(PidfdSendSignal, _handle.DangerousGetHandle(), Terminate, 0, 0);
        }
        catch (ObjectDisposedException)
        {
            // Disposed, hence stopped.
        }
        finally
        {
            if (added)
            {
                _handle.DangerousRelease();
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        Stop();
        try
        {
            // Wall time: this is about a real process, whatever clock a test runs on.
            await Exited.WaitAsync(s_patience);
        }
        catch (TimeoutException)
        {
            // It ends when its disk answers.
        }

        await Input.DisposeAsync();
        await Output.DisposeAsync();
        await Error.DisposeAsync();
        _handle.Dispose();
        if (Exited.IsCompleted)
        {
            _process.Dispose();
        }
    }

    private async Task<int> ExitAsync()
    {
        await _process.WaitForExitAsync();
        return _process.ExitCode;
    }

    [LibraryImport("libc", EntryPoint = "syscall")]
    private static partial nint OpenProcess(nint number, nint pid, nint flags);

    [LibraryImport("libc", EntryPoint = "syscall")]
    private static partial nint SendSignal(nint number, nint handle, nint signal, nint information, nint flags);
}

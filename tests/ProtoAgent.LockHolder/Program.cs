using System.Diagnostics;
using ProtoAgent.Instances.Ownership;

// A process that owns a file: takes the lock, says what came of it, and then does as it is told on stdin, one word a line.
// It is how the tests show the lock between processes, and in processes that are killed.
var self = new LockHolder(Environment.ProcessId, null, "test", "lock-holder", Environment.MachineName, TimeProvider.System.GetUtcNow(), "0");
using var lease = OwnerLock.TryAcquire(args[0], self, out var holder);
Console.WriteLine(lease is null ? $"refused {holder?.Pid}" : "held");
while (lease is not null && Console.ReadLine() is { } told)
{
    switch (told)
    {
        case "child":
            // Outlives us when we are killed.
            Console.WriteLine(Process.Start("sleep", "600").Id);
            break;
        case "check":
            Console.WriteLine(lease.IsStillHeld() ? "held" : "lost");
            break;
        default:
            return 0;
    }
}

return 0;

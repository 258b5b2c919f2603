using System.Threading.Channels;

namespace ProtoAgent.Protocols.A2A.Tasks;

/// <summary>Work done one after the other, in the order it came.</summary>
/// <param name="prepare">Before each piece; if it throws, that piece fails.</param>
/// <param name="failed">Told what nobody waits for.</param>
internal sealed class TaskQueue(Func<Task> prepare, Action<Exception> failed)
{
    private readonly Channel<Func<Task>> _work = Channel.CreateUnbounded<Func<Task>>(new UnboundedChannelOptions { SingleReader = true });

    public void Start() => _ = Task.Run(RunAsync);

    /// <summary>What is in it is still done; more is not taken.</summary>
    public void Complete() => _work.Writer.TryComplete();

    public void Add(Func<Task> work) => _work.Writer.TryWrite(async () =>
    {
        await prepare();
        await work();
    });

    public void Add(Action work) => Add(() =>
    {
        work();
        return Task.CompletedTask;
    });

    /// <summary>The default when nothing more is taken.</summary>
    public Task<T?> AskAsync<T>(Func<Task<T>> work)
    {
        var answer = new TaskCompletionSource<T?>(TaskCreationOptions.RunContinuationsAsynchronously);
        var taken = _work.Writer.TryWrite(async () =>
        {
            try
            {
                await prepare();
                answer.SetResult(await work());
            }
            catch (Exception e)
            {
                answer.SetException(e);
            }
        });
        if (!taken)
        {
            answer.SetResult(default);
        }

        return answer.Task;
    }

    private async Task RunAsync()
    {
        await foreach (var next in _work.Reader.ReadAllAsync())
        {
            try
            {
                await next();
            }
            catch (Exception e)
            {
                failed(e);
            }
        }
    }
}

using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using ProtoAgent.Protocols.A2A.Types;
using ProtoAgent.Protocols.Http;

namespace ProtoAgent.Protocols.A2A.Bindings;

/// <summary>Updates of a task as server-sent events (specification 9.4.2, 11.7).</summary>
internal static class UpdateStream
{
    private static readonly TimeSpan s_keepAlive = TimeSpan.FromSeconds(15);

    /// <summary>What goes wrong before the first of them is the request's own error, and thrown.</summary>
    /// <param name="failed">What to send when something goes wrong later.</param>
    public static async Task WriteAsync(HttpContext context, IAsyncEnumerable<StreamResponse> updates, Func<StreamResponse, JsonNode> frame, Func<Exception, string> failed, TimeProvider time)
    {
        var hungUp = context.RequestAborted;
        var stream = new EventStream(context);
        await using var reading = updates.GetAsyncEnumerator(hungUp);
        if (!await reading.MoveNextAsync())
        {
            return;
        }

        stream.Begin();
        Task<bool>? next = null;
        try
        {
            do
            {
                await stream.SendAsync(Encoding.UTF8.GetBytes(frame(reading.Current).ToJsonString()));
                next = reading.MoveNextAsync().AsTask();
                while (!next.IsCompleted && !await WithinAsync(next, time, hungUp))
                {
                    await stream.KeepAliveAsync();
                }
            }
            while (await next);
        }
        catch (Exception e) when (!hungUp.IsCancellationRequested)
        {
            await context.Response.WriteAsync(failed(e), hungUp);
        }
        finally
        {
            if (next is not null)
            {
                // Nobody may leave it while it still reads.
                await next.ContinueWith(_ => { }, TaskScheduler.Default);
            }
        }
    }

    private static async Task<bool> WithinAsync(Task task, TimeProvider time, CancellationToken hungUp)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(hungUp);
        var first = await Task.WhenAny(task, Task.Delay(s_keepAlive, time, over.Token));
        await over.CancelAsync();
        return first == task;
    }
}

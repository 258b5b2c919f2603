using System.Collections.Concurrent;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;
using ProtoAgent.Agent.Events;

namespace ProtoAgent.Protocols.Mcp;

/// <summary>One session: what its client wants to be told, and the telling. What happens is heard on the instance's bus.</summary>
internal sealed class McpSession(McpServer server, McpServices services)
{
    /// <summary>Subscriptions of one session. More is a client that forgets to take them back.</summary>
    public const int MostSubscriptions = 1000;

    private readonly ConcurrentDictionary<string, string> _subscriptions = new(StringComparer.Ordinal);

    /// <summary>Requests that are being answered, streams included.</summary>
    public int InUse { get; set; }

    /// <summary>Timestamp of the last request's end.</summary>
    public long UsedAt { get; set; }

    /// <param name="uri">As the client wrote it, which is how it is told.</param>
    public void Subscribe(string uri)
    {
        if (_subscriptions.Count >= MostSubscriptions)
        {
            throw new McpProtocolException($"A session has at most {MostSubscriptions} subscriptions. Take some back (resources/unsubscribe).", McpErrorCode.InvalidParams);
        }

        _subscriptions[ResourceUris.Canonical(uri)] = uri;
    }

    public void Unsubscribe(string uri) => _subscriptions.TryRemove(ResourceUris.Canonical(uri), out _);

    /// <summary>Until the session is over.</summary>
    public async Task RunAsync(CancellationToken closed)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(closed);
        var telling = TellAsync(over.Token);
        try
        {
            await server.RunAsync(closed);
        }
        finally
        {
            await over.CancelAsync();
            await telling;
        }
    }

    private async Task TellAsync(CancellationToken over)
    {
        try
        {
            while (!over.IsCancellationRequested)
            {
                using var heard = services.Events.Subscribe();
                await foreach (var happened in heard.Events.ReadAllAsync(over))
                {
                    await TellAsync(happened, over);
                }

                if (!heard.Dropped)
                {
                    // The instance stops.
                    return;
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException or InvalidOperationException or IOException)
        {
            // The session went while it was told something.
        }
    }

    private async Task TellAsync(BusEvent happened, CancellationToken over)
    {
        var news = await McpNews.OfAsync(happened, services, over);
        foreach (var resource in news.Updated)
        {
            if (_subscriptions.TryGetValue(resource, out var uri))
            {
                await server.SendNotificationAsync(
                    NotificationMethods.ResourceUpdatedNotification, new ResourceUpdatedNotificationParams { Uri = uri }, McpJsonUtilities.DefaultOptions, over);
            }
        }

        if (news.ResourcesChanged)
        {
            await server.SendNotificationAsync(NotificationMethods.ResourceListChangedNotification, over);
        }

        if (news.PromptsChanged)
        {
            await server.SendNotificationAsync(NotificationMethods.PromptListChangedNotification, over);
        }

        await McpLog.TellAsync(server, news.Level, happened.Topic, happened.Data, over);
    }
}

using System.Text.Json;
using System.Text.Json.Nodes;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace ProtoAgent.Protocols.Mcp;

/// <summary>
/// <c>subscriptions/listen</c>, of the revision without sessions: the request stays open, and on its stream the client is told what it
/// asked for, until it hangs up or the instance stops.
/// </summary>
internal sealed class McpListening(McpServices services)
{
    private int _open;

    /// <exception cref="McpProtocolException">As many listen as there may be sessions.</exception>
    public async ValueTask<EmptyResult> ListenAsync(RequestContext<SubscriptionsListenRequestParams> request, CancellationToken hungUp)
    {
        if (Interlocked.Increment(ref _open) > services.Limits.MaxSessions)
        {
            Interlocked.Decrement(ref _open);
            throw new McpProtocolException($"{services.Limits.MaxSessions} clients listen already. Raise mcp.server.max_sessions, or end one.", McpErrorCode.InternalError);
        }

        try
        {
            var granted = Grant(request);
            var listener = new Listener(request, granted);
            using var heard = services.Events.Subscribe();
            await listener.TellAsync(
                NotificationMethods.SubscriptionsAcknowledgedNotification,
                JsonSerializer.SerializeToNode(new SubscriptionsAcknowledgedNotificationParams { Notifications = granted }, McpJsonUtilities.DefaultOptions.GetTypeInfo<SubscriptionsAcknowledgedNotificationParams>())!.AsObject(),
                hungUp);
            await foreach (var happened in heard.Events.ReadAllAsync(hungUp))
            {
                await listener.TellAsync(await McpNews.OfAsync(happened, services, hungUp), hungUp);
            }
        }
        finally
        {
            Interlocked.Decrement(ref _open);
        }

        // The instance stops, or the client reads more slowly than things happen: it listens again, and reads what it is about anew.
        return new EmptyResult();
    }

    /// <summary>What is asked for and told here. The tools stay the same as long as the instance runs; a resource there can't be is left out.</summary>
    private static SubscriptionsListenNotifications Grant(RequestContext<SubscriptionsListenRequestParams> request)
    {
        var wanted = request.Params.Notifications;
        return new SubscriptionsListenNotifications
        {
            PromptsListChanged = wanted?.PromptsListChanged,
            ResourcesListChanged = wanted?.ResourcesListChanged,
            ResourceSubscriptions = wanted?.ResourceSubscriptions is { } uris ? [.. uris.Where(uri => McpResources.CanBe(uri, request.Server)).Take(McpSession.MostSubscriptions)] : null,
        };
    }

    private sealed class Listener(RequestContext<SubscriptionsListenRequestParams> request, SubscriptionsListenNotifications granted)
    {
        private readonly ILookup<string, string> _uris = (granted.ResourceSubscriptions ?? []).ToLookup(ResourceUris.Canonical);

        public async Task TellAsync(McpNews news, CancellationToken hungUp)
        {
            foreach (var uri in news.Updated.SelectMany(resource => _uris[resource]))
            {
                await TellAsync(NotificationMethods.ResourceUpdatedNotification, new JsonObject { ["uri"] = uri }, hungUp);
            }

            if (news.ResourcesChanged && granted.ResourcesListChanged == true)
            {
                await TellAsync(NotificationMethods.ResourceListChangedNotification, [], hungUp);
            }

            if (news.PromptsChanged && granted.PromptsListChanged == true)
            {
                await TellAsync(NotificationMethods.PromptListChangedNotification, [], hungUp);
            }
        }

        public Task TellAsync(string method, JsonObject parameters, CancellationToken hungUp)
        {
            parameters["_meta"] = new JsonObject
            {
                [MetaKeys.SubscriptionId] = JsonSerializer.SerializeToNode(request.JsonRpcRequest.Id, McpJsonUtilities.DefaultOptions.GetTypeInfo<RequestId>()),
            };
            return request.Server.SendMessageAsync(new JsonRpcNotification { Method = method, Params = parameters }, hungUp);
        }
    }
}

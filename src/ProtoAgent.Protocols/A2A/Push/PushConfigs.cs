using System.Text.Json;
using ProtoAgent.Protocols.A2A.Errors;
using ProtoAgent.Protocols.A2A.Types;
using ProtoAgent.Stores.A2APush;

namespace ProtoAgent.Protocols.A2A.Push;

/// <summary>
/// Who is told of which task. What is answered leaves the secrets out: every peer that may ask for a task may ask for its configs, and whoever gave
/// a secret knows it.
/// </summary>
internal sealed class PushConfigs(PushServices services, PushOutbox outbox) : IPushConfigs
{
    /// <summary>Of one task.</summary>
    private const int Most = 20;

    private const int MostOnAPage = 100;

    public async Task<TaskPushNotificationConfig> CreateAsync(TaskPushNotificationConfig config, CancellationToken cancelled)
    {
        await PushRules.CheckAsync(config, services.Fence, cancelled);
        config = config with { Id = config.Id ?? Guid.CreateVersion7(services.Time.GetUtcNow()).ToString() };
        var store = await services.Store.GetAsync();
        var taskId = config.TaskId!;

        // Watched before it is kept: what happens in between is for nobody, or for this one.
        outbox.Watch(taskId);
        if (!await store.PutAsync(new StoredPushConfig(taskId, config.Id, JsonSerializer.Serialize(config, A2AJson.Default.TaskPushNotificationConfig)), Most, cancelled))
        {
            throw A2AException.InvalidParams($"The task '{taskId}' has {Most} push notification configurations already. Delete one of them first.");
        }

        // It may have ended before anybody wanted to know.
        await outbox.SettleAsync(taskId);
        return Shown(config);
    }

    public async Task<TaskPushNotificationConfig?> FindAsync(string taskId, string id, CancellationToken cancelled) =>
        services.Store.IsThere && await (await services.Store.GetAsync()).FindAsync(taskId, id, cancelled) is { } stored ? Shown(Read(stored)) : null;

    public async Task<ListTaskPushNotificationConfigsResponse> ListAsync(ListTaskPushNotificationConfigsRequest request, CancellationToken cancelled)
    {
        if (!services.Store.IsThere)
        {
            return new ListTaskPushNotificationConfigsResponse();
        }

        var size = Math.Min(request.PageSize ?? MostOnAPage, MostOnAPage);
        var found = await (await services.Store.GetAsync()).ListAsync(request.TaskId, request.PageToken ?? "", size + 1, cancelled);
        return new ListTaskPushNotificationConfigsResponse
        {
            Configs = [.. found.Take(size).Select(c => Shown(Read(c)))], NextPageToken = found.Count > size ? found[size - 1].Id : null,
        };
    }

    public async Task DeleteAsync(string taskId, string id, CancellationToken cancelled)
    {
        if (services.Store.IsThere)
        {
            await (await services.Store.GetAsync()).DeleteAsync(taskId, id, cancelled);
        }

        outbox.Forget(new PushTarget(taskId, id));
    }

    public void Happened(string taskId, StreamResponse update) => outbox.Happened(taskId, update);

    internal static TaskPushNotificationConfig Read(StoredPushConfig stored) => JsonSerializer.Deserialize(stored.Json, A2AJson.Default.TaskPushNotificationConfig)!;

    private static TaskPushNotificationConfig Shown(TaskPushNotificationConfig config) =>
        config with { Token = null, Authentication = config.Authentication is { } a ? new AuthenticationInfo { Scheme = a.Scheme } : null };
}

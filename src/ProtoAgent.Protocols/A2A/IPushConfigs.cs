using ProtoAgent.Protocols.A2A.Types;

namespace ProtoAgent.Protocols.A2A;

/// <summary>Who is told of which task by web hooks. The tasks named are there: whoever asks this has looked.</summary>
internal interface IPushConfigs
{
    /// <summary>Kept, with the id it gave or a new one; one of the same task and id is replaced.</summary>
    /// <exception cref="Errors.A2AException">Its URL may not be called.</exception>
    Task<TaskPushNotificationConfig> CreateAsync(TaskPushNotificationConfig config, CancellationToken cancelled);

    /// <summary>Null if there is none.</summary>
    Task<TaskPushNotificationConfig?> FindAsync(string taskId, string id, CancellationToken cancelled);

    /// <exception cref="Errors.A2AException">The page's token is none.</exception>
    Task<ListTaskPushNotificationConfigsResponse> ListAsync(ListTaskPushNotificationConfigsRequest request, CancellationToken cancelled);

    /// <summary>Does nothing if there is none.</summary>
    Task DeleteAsync(string taskId, string id, CancellationToken cancelled);

    /// <summary>Told of what happens to each task, in each task's order, once it is written. Neither waits nor throws.</summary>
    void Happened(string taskId, StreamResponse update);
}

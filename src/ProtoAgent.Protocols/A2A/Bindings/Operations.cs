using ProtoAgent.Protocols.A2A.Cards;
using ProtoAgent.Protocols.A2A.Errors;
using ProtoAgent.Protocols.A2A.Tasks;
using ProtoAgent.Protocols.A2A.Types;

namespace ProtoAgent.Protocols.A2A.Bindings;

/// <summary>Every operation of the protocol, once, for each binding (specification 5.1).</summary>
internal sealed record Operations(TaskDesk Tasks, CardMaker Cards, TaskServices Services)
{
    public async Task<TaskPushNotificationConfig> CreatePushAsync(TaskPushNotificationConfig config, CancellationToken hungUp)
    {
        var push = Push();
        if (config.TaskId is not { } task)
        {
            throw A2AReader.Invalid([new Violation("taskId", "Is required and missing or blank.")]);
        }

        await RefuseUnknownAsync(task, hungUp);
        return await push.CreateAsync(config, hungUp);
    }

    public async Task<TaskPushNotificationConfig> GetPushAsync(GetTaskPushNotificationConfigRequest request, CancellationToken hungUp)
    {
        var push = Push();
        await RefuseUnknownAsync(request.TaskId, hungUp);
        return await push.FindAsync(request.TaskId, request.Id, hungUp)
            ?? throw new A2AException(ErrorKind.TaskNotFound, $"The task '{request.TaskId}' has no push notification config '{request.Id}'.") { Metadata = A2AException.Task(request.TaskId) };
    }

    public async Task<ListTaskPushNotificationConfigsResponse> ListPushesAsync(ListTaskPushNotificationConfigsRequest request, CancellationToken hungUp)
    {
        var push = Push();
        await RefuseUnknownAsync(request.TaskId, hungUp);
        return await push.ListAsync(request, hungUp);
    }

    public async Task DeletePushAsync(DeleteTaskPushNotificationConfigRequest request, CancellationToken hungUp)
    {
        var push = Push();
        await RefuseUnknownAsync(request.TaskId, hungUp);
        await push.DeleteAsync(request.TaskId, request.Id, hungUp);
    }

    /// <exception cref="A2AException">There is none.</exception>
    public IPushConfigs Push() => Services.Push ?? throw new A2AException(
        ErrorKind.PushNotificationNotSupported, "This agent does not push notifications, as its card says. SubscribeToTask and GetTask tell the same.");

    private async Task RefuseUnknownAsync(string taskId, CancellationToken hungUp)
    {
        if (await Tasks.FindAsync(taskId, hungUp, history: 0) is null)
        {
            throw A2AException.TaskNotFound(taskId);
        }
    }
}

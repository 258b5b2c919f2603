using System.Runtime.CompilerServices;
using ProtoAgent.Agent.Turns;
using ProtoAgent.Protocols.A2A.Errors;
using ProtoAgent.Protocols.A2A.Types;
using ProtoAgent.Stores.A2ATasks;

namespace ProtoAgent.Protocols.A2A.Tasks;

/// <summary>What a peer may ask of tasks, whichever binding it comes by (specification 3.1). Every method throws an <see cref="A2AException"/> for what is refused.</summary>
internal sealed class TaskDesk(TaskServices services, TaskHub hub, TaskIntake intake)
{
    public async Task<SendMessageResponse> SendAsync(SendMessageRequest request, Caller caller, CancellationToken hungUp)
    {
        var configuration = request.Configuration;
        using var sent = await intake.SendAsync(request, caller, hungUp);
        if (sent.Reader is { } reader && !(sent.IsDecided && IsAtRest(sent.Task)) && (configuration?.ReturnImmediately != true || caller.Uses(Extensions.DirectMessage)))
        {
            await foreach (var update in FollowAsync(reader, untilInterrupted: true, hungUp))
            {
                // Only the end of it matters: what it led to is read from the store.
            }
        }

        var task = await FindAsync(sent.Task.Id, hungUp) ?? sent.Task;
        return caller.Uses(Extensions.DirectMessage) && Direct(task) is { } message
            ? new SendMessageResponse { Message = message }
            : new SendMessageResponse { Task = task.Shortened(configuration?.HistoryLength) };
    }

    public async IAsyncEnumerable<StreamResponse> StreamAsync(SendMessageRequest request, Caller caller, [EnumeratorCancellation] CancellationToken hungUp)
    {
        using var sent = await intake.SendAsync(request, caller, hungUp);
        var direct = caller.Uses(Extensions.DirectMessage);
        var length = request.Configuration?.HistoryLength;
        if (!direct)
        {
            yield return new StreamResponse { Task = (sent.Reader?.Snapshot ?? sent.Task).Shortened(length) };
        }

        if (sent.Reader is { } reader && !(sent.IsDecided && IsAtRest(sent.Task)))
        {
            await foreach (var update in FollowAsync(reader, untilInterrupted: true, hungUp))
            {
                if (!direct)
                {
                    yield return update;
                }
            }
        }
        else if (!direct && sent.Reader is not null)
        {
            // It was said something and waits as before: what it says to that came between the reader's coming and now.
            yield return new StreamResponse { StatusUpdate = new TaskStatusUpdateEvent { TaskId = sent.Task.Id, ContextId = sent.Task.ContextId!, Status = sent.Task.Status } };
        }

        if (direct)
        {
            var task = await FindAsync(sent.Task.Id, hungUp) ?? sent.Task;
            yield return Direct(task) is { } message ? new StreamResponse { Message = message } : new StreamResponse { Task = task.Shortened(length) };
        }
    }

    public async Task<A2ATask> GetAsync(GetTaskRequest request, CancellationToken hungUp) =>
        await FindAsync(request.Id, hungUp, request.HistoryLength) ?? throw A2AException.TaskNotFound(request.Id);

    public async Task<ListTasksResponse> ListAsync(ListTasksRequest request, CancellationToken hungUp)
    {
        var size = request.PageSize ?? ListTasksRequest.DefaultPageSize;
        try
        {
            var filter = new A2ATaskFilter(request.ContextId, request.Status is { } state ? TaskFormat.NameOf(state) : null, request.StatusTimestampAfter);
            var page = await (await services.Store.GetAsync()).ListAsync(filter, size, request.PageToken, request.HistoryLength, hungUp);
            return new ListTasksResponse
            {
                Tasks = [.. page.Items.Select(TaskFormat.Of).Select(t => t with { Artifacts = request.IncludeArtifacts == true ? t.Artifacts ?? [] : null })],
                NextPageToken = page.Next ?? "",
                PageSize = size,
                TotalSize = (int)Math.Min(page.Total, int.MaxValue),
            };
        }
        catch (ArgumentException)
        {
            throw A2AReader.Invalid([new Violation("pageToken", "Is not one this list gave as nextPageToken. Leave it out for the first page.")]);
        }
    }

    public async Task<A2ATask> CancelAsync(CancelTaskRequest request, CancellationToken hungUp)
    {
        var task = await FindAsync(request.Id, hungUp) ?? throw A2AException.TaskNotFound(request.Id);
        if (!task.Status.State.IsTerminal())
        {
            try
            {
                await hub.Open(request.Id).CancelAsync(hungUp);
            }
            catch (TurnRejectedException e)
            {
                throw NotCancelable(request.Id, e.Message);
            }

            task = await FindAsync(request.Id, hungUp) ?? throw A2AException.TaskNotFound(request.Id);
            if (task.Status.State == TaskState.Canceled)
            {
                return task;
            }
        }

        throw NotCancelable(request.Id, $"The task '{request.Id}' is {TaskFormat.NameOf(task.Status.State)}{(task.Status.State.IsTerminal() ? ", which is an end." : " and does not listen to being cancelled; try again.")}");
    }

    public async IAsyncEnumerable<StreamResponse> SubscribeAsync(SubscribeToTaskRequest request, Caller caller, [EnumeratorCancellation] CancellationToken hungUp)
    {
        var task = await FindAsync(request.Id, hungUp, history: 0) ?? throw A2AException.TaskNotFound(request.Id);
        using var reader = task.Status.State.IsTerminal() ? null : await hub.Open(request.Id).SubscribeAsync(caller.Extensions);
        if (reader is null)
        {
            throw new A2AException(ErrorKind.UnsupportedOperation, $"Nothing happens to the task '{request.Id}' any more: it has ended, or the instance stops. GetTask shows how it stands.") { Metadata = A2AException.Task(request.Id) };
        }

        yield return new StreamResponse { Task = reader.Snapshot };
        await foreach (var update in FollowAsync(reader, untilInterrupted: false, hungUp))
        {
            yield return update;
        }
    }

    /// <summary>Null if there is no such task.</summary>
    public async Task<A2ATask?> FindAsync(string id, CancellationToken hungUp, int? history = null) =>
        await (await services.Store.GetAsync()).GetAsync(id, history, hungUp) is { } stored ? TaskFormat.Of(stored) : null;

    private static async IAsyncEnumerable<StreamResponse> FollowAsync(Subscription reader, bool untilInterrupted, [EnumeratorCancellation] CancellationToken hungUp)
    {
        await foreach (var update in reader.Updates.ReadAllAsync(hungUp))
        {
            yield return update;
            if (untilInterrupted && update.StatusUpdate?.Status.State.IsInterrupted() == true)
            {
                yield break;
            }
        }
    }

    private static bool IsAtRest(A2ATask task) => task.Status.State.IsTerminal() || task.Status.State.IsInterrupted();

    /// <summary>The answer alone; null when there is more to it than an answer.</summary>
    private static Message? Direct(A2ATask task) => task.Status.State != TaskState.Completed ? null : new Message
    {
        MessageId = $"{task.Id}/answer",
        ContextId = task.ContextId,
        TaskId = task.Id,
        Role = Role.Agent,
        Parts = task.Artifacts is { Count: > 0 } artifacts ? [.. artifacts.SelectMany(a => a.Parts)] : [Part.Of("")],
        Extensions = [Extensions.DirectMessage],
    };

    private static A2AException NotCancelable(string id, string why) => new(ErrorKind.TaskNotCancelable, why) { Metadata = A2AException.Task(id) };
}

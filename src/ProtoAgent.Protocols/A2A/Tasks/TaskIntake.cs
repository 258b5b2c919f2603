using System.Text;
using System.Text.Json;
using ProtoAgent.Agent.Turns;
using ProtoAgent.Protocols.A2A.Errors;
using ProtoAgent.Protocols.A2A.Types;
using ProtoAgent.Stores.A2ATasks;

namespace ProtoAgent.Protocols.A2A.Tasks;

/// <summary>A message that came in: given to its task, or to a new one. What this agent's policy refuses is a task that says so.</summary>
internal sealed class TaskIntake(TaskServices services, TaskHub hub, Intake parts)
{
    /// <summary>Of what a task that is referred to said.</summary>
    private const int LongestReference = 2000;

    /// <param name="Reader">Of what follows; null when nothing does.</param>
    /// <param name="IsDecided">It was there before: <paramref name="Task"/> is how it stands now that it was told.</param>
    internal sealed record Sent(A2ATask Task, Subscription? Reader, bool IsDecided) : IDisposable
    {
        public void Dispose() => Reader?.Dispose();
    }

    public async Task<Sent> SendAsync(SendMessageRequest request, Caller caller, CancellationToken hungUp)
    {
        var message = request.Message!;
        if (message.Role != Role.User)
        {
            throw A2AReader.Invalid([new Violation("message.role", "Must be ROLE_USER: what this agent is told comes from its client.")]);
        }

        Intake.RefuseUnreadable(message);
        Intake.RefuseUnwritable(request.Configuration);
        if (request.Configuration?.TaskPushNotificationConfig is not null && services.Push is null)
        {
            throw new A2AException(ErrorKind.PushNotificationNotSupported, "This agent does not push notifications. Leave taskPushNotificationConfig out; SubscribeToTask and GetTask tell the same.");
        }

        return await (message.TaskId is { } id ? ContinueAsync(id, request, caller, hungUp) : BeginAsync(request, caller, hungUp));
    }

    private async Task<Sent> ContinueAsync(string id, SendMessageRequest request, Caller caller, CancellationToken hungUp)
    {
        var message = request.Message!;
        var stored = await (await services.Store.GetAsync()).GetAsync(id, history: 0, hungUp) ?? throw A2AException.TaskNotFound(id);
        if (message.ContextId is { } context && context != stored.ContextId)
        {
            throw A2AReader.Invalid([new Violation("message.contextId", $"The task '{id}' is of another context. Leave contextId out: the task has its own.")]);
        }

        if (stored.HasEnded)
        {
            throw Over(id, stored.State);
        }

        await PushAsync(request, id, hungUp);
        var live = hub.Open(id);
        var reader = await live.SubscribeAsync(caller.Extensions);
        try
        {
            // Not given up when the caller hangs up: what was decided is decided.
            var task = await live.SayAsync(message, parts.Read(message, id, Unique(message)), caller) ?? throw Over(id, (await (await services.Store.GetAsync()).GetAsync(id, 0, hungUp))?.State ?? stored.State);
            return new Sent(task, reader, IsDecided: true);
        }
        catch
        {
            reader?.Dispose();
            throw;
        }
    }

    private async Task<Sent> BeginAsync(SendMessageRequest request, Caller caller, CancellationToken hungUp)
    {
        var message = request.Message!;
        var store = await services.Store.GetAsync();
        if (message.ContextId is { } given)
        {
            RefuseBadContext(given);
        }

        var (key, id) = (TaskFormat.KeyOf(message), Guid.CreateVersion7(services.Time.GetUtcNow()).ToString());
        if (await store.FindByKeyAsync(key, hungUp) is { } known)
        {
            return await JoinAsync(known, caller);
        }

        var context = message.ContextId ?? Guid.CreateVersion7(services.Time.GetUtcNow()).ToString();
        var size = JsonSerializer.SerializeToUtf8Bytes(message, A2AJson.Default.Message).LongLength;
        var refusal = size > services.Options.MaxMessageBytes
            ? $"The message is {size} bytes long and this agent takes {services.Options.MaxMessageBytes} (a2a.max_message_bytes). Send it in parts, or its files by URL."
            : await WaitingAsync(store, context, hungUp);
        var said = message with { ContextId = context, TaskId = id, Parts = size > services.Options.MaxMessageBytes ? [Part.Of($"[{size} bytes, left out]")] : message.Parts };
        var prompt = refusal is null ? await ReferencesAsync(message, store, hungUp) + parts.Read(message, id, Unique(message)) : "";
        if (refusal is null && string.IsNullOrWhiteSpace(prompt))
        {
            refusal = "The message is blank. Say something.";
        }

        var task = new NewA2ATask(id, context, TaskFormat.NameOf(TaskState.Submitted), HasEnded: false, prompt, new TaskMessage(key, TaskFormat.Json(said)))
        {
            Metadata = request.Metadata?.ToJsonString(),
        };
        var begun = await store.BeginAsync(refusal is null ? task : Rejected(task, refusal), services.Options.MaxActiveTasks, CancellationToken.None);
        if (begun is A2ATaskBegin.Full full)
        {
            begun = await store.BeginAsync(
                Rejected(task, $"This agent works on {full.Open} tasks, which is as many as it may (a2a.max_active_tasks). Send the message again, under a new id, when some have ended."), services.Options.MaxActiveTasks, CancellationToken.None);
        }

        if (begun is A2ATaskBegin.Begun { Task.HasEnded: false })
        {
            await PushAsync(request, id, hungUp);
        }

        return await JoinAsync(begun is A2ATaskBegin.Begun { Task: var its } ? its : ((A2ATaskBegin.Known)begun).Task, caller);
    }

    /// <summary>Reads along from before its turn begins.</summary>
    private async Task<Sent> JoinAsync(StoredA2ATask task, Caller caller)
    {
        if (task.HasEnded)
        {
            return new Sent(TaskFormat.Of(task), Reader: null, IsDecided: true);
        }

        var live = hub.Get(task.Id);
        var reader = await live.SubscribeAsync(caller.Extensions);
        live.Drive();
        var its = reader?.Snapshot ?? TaskFormat.Of(task);

        // One that was there before and waits: nothing follows by itself.
        return new Sent(its, reader, IsDecided: its.Status.State.IsInterrupted());
    }

    private async Task PushAsync(SendMessageRequest request, string id, CancellationToken hungUp)
    {
        if (request.Configuration?.TaskPushNotificationConfig is { } config)
        {
            await services.Push!.CreateAsync(config with { TaskId = id }, hungUp);
        }
    }

    /// <summary>Why nothing can begin in the context; null when something can.</summary>
    private static async Task<string?> WaitingAsync(A2ATaskStore store, string context, CancellationToken hungUp) =>
        (await store.ListAsync(new A2ATaskFilter(context, TaskFormat.NameOf(TaskState.InputRequired)), 1, history: 0, cancellationToken: hungUp)).Items is [var waiting]
            ? $"The task '{waiting.Id}' of this context waits for input. Answer it by its taskId, or cancel it; or begin another context."
            : null;

    /// <summary>What was said of the tasks a message refers to, so that the agent knows what is meant (specification 3.4.3).</summary>
    private static async Task<string> ReferencesAsync(Message message, A2ATaskStore store, CancellationToken hungUp)
    {
        var text = new StringBuilder();
        foreach (var id in (message.ReferenceTaskIds ?? []).Distinct(StringComparer.Ordinal).Take(5))
        {
            if (await store.GetAsync(id, history: 0, hungUp) is { } stored)
            {
                var answer = string.Concat(TaskFormat.Of(stored).Artifacts?.SelectMany(a => a.Parts).Select(p => p.Text) ?? []);
                text.Append($"[The message refers to the task {id} ({stored.State}). It was asked: {Short(stored.Prompt)}");
                text.Append(answer.Length > 0 ? $" It answered: {Short(answer)}]\n\n" : "]\n\n");
            }
        }

        return text.ToString();
    }

    private static NewA2ATask Rejected(NewA2ATask task, string why) => task with
    {
        State = TaskFormat.NameOf(TaskState.Rejected), HasEnded = true, StatusMessage = TaskFormat.Json(StatusMessages.Say(new A2ATask { Id = task.Id, ContextId = task.ContextId }, why)),
    };

    private static void RefuseBadContext(string context)
    {
        try
        {
            TurnRunner.RefuseBadThreadId(TaskFormat.ThreadOf(context));
        }
        catch (TurnRejectedException)
        {
            throw A2AReader.Invalid([new Violation("message.contextId", "Is too long, or holds characters an id can't have. Leave it out for a new context.")]);
        }
    }

    private static A2AException Over(string id, string state) => new(ErrorKind.UnsupportedOperation, $"The task '{id}' is {state} and takes no further message. Send one without taskId, in the same context, for a new task.")
    {
        Metadata = A2AException.Task(id),
    };

    /// <summary>A name for the message's files.</summary>
    private static string Unique(Message message) => TaskFormat.KeyOf(message)[..8];

    private static string Short(string text) => text.Length <= LongestReference ? text : text[..LongestReference] + "…";
}

using System.Globalization;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using ProtoAgent.Agent.Threads;
using ProtoAgent.Agent.Tools;
using ProtoAgent.Agent.Turns;
using ProtoAgent.Protocols.Http;
using ProtoAgent.Stores.Checkpoints;

namespace ProtoAgent.Protocols.Operator;

/// <summary>Threads, which this API calls chat sessions.</summary>
internal sealed class SessionEndpoints(OperatorServices services)
{
    private const int LargestLimit = 500;

    /// <summary>What one search looks through at most, in pages, before it answers with a cursor.</summary>
    private const int MostPages = 20;

    private readonly SessionEvents _events = new(services.Events);

    public static void Map(IEndpointRouteBuilder routes, OperatorServices services)
    {
        var endpoints = new SessionEndpoints(services);
        routes.MapGet("/api/chat/sessions", (RequestDelegate)endpoints.ListAsync)
            .Describe("The threads, the latest first.", answer: OperatorJson.Default.SessionList).Pages()
            .With(ApiParameter.Text("q", "Only those whose first words or id hold this. A page may then be short, or empty, and have a next."));
        routes.MapGet("/api/chat/sessions/{id}", (RequestDelegate)endpoints.GetAsync)
            .Describe("One thread.", answer: OperatorJson.Default.Session);
        routes.MapGet("/api/chat/sessions/{id}/messages", (RequestDelegate)endpoints.MessagesAsync)
            .Describe("Every step of a thread, in order.", answer: OperatorJson.Default.MessageList).Pages();
        routes.MapDelete("/api/chat/sessions/{id}", (RequestDelegate)endpoints.DeleteAsync)
            .Describe("Deletes a thread, and what is remembered of it.");
        routes.MapPost("/api/chat/sessions/{id}/fork", (RequestDelegate)endpoints.ForkAsync)
            .Describe("A new session of the first steps of this one.", OperatorJson.Default.ForkRequest, answer: OperatorJson.Default.Session, status: StatusCodes.Status201Created);
        routes.MapPost("/api/chat/sessions/{id}/rewind", (RequestDelegate)endpoints.RewindAsync)
            .Describe("Takes steps off the end of a thread.", OperatorJson.Default.RewindRequest, needs: "step", answer: OperatorJson.Default.Session);
        routes.MapGet("/api/chat/sessions/{id}/export", (RequestDelegate)endpoints.ExportAsync)
            .Describe("A thread as Markdown or JSON.", answer: OperatorJson.Default.Exported)
            .Answers(StatusCodes.Status200OK, mediaType: "text/markdown")
            .With(ApiParameter.OneOf("format", "md if left out.", "md", "json"));
    }

    private async Task ListAsync(HttpContext context)
    {
        var (limit, cursor, wanted) = (QueryValues.Limit(context, LargestLimit), Cursor(context), QueryValues.Text(context, "q"));
        var found = new List<Session>();
        for (var pages = 0; pages < MostPages; pages++)
        {
            var page = await PageAsync(limit, cursor, context.RequestAborted);
            foreach (var thread in page.Items)
            {
                var session = await TitledAsync(thread, context.RequestAborted);
                if (wanted is null || session.Has(wanted))
                {
                    found.Add(session);
                }
            }

            cursor = page.Next;
            if (wanted is null || found.Count > 0 || cursor is null)
            {
                break;
            }
        }

        await JsonReply.WriteAsync(context, new SessionList(found, cursor), OperatorJson.Default.SessionList);
    }

    private async Task<ThreadPage> PageAsync(int limit, string? cursor, CancellationToken cancelled)
    {
        try
        {
            return await services.Checkpoints.ListThreadsAsync(limit, cursor, cancelled);
        }
        catch (ArgumentException)
        {
            throw QueryValues.BadCursor();
        }
    }

    private async Task GetAsync(HttpContext context) =>
        await JsonReply.WriteAsync(context, await TitledAsync(await FindAsync(context), context.RequestAborted), OperatorJson.Default.Session);

    private async Task<Session> TitledAsync(ThreadInfo thread, CancellationToken cancelled) =>
        await services.Checkpoints.ReadStepsAsync(thread.Id, limit: 1, cancellationToken: cancelled) is [var first]
            ? Session.Of(thread) with { Title = Session.TitleOf(StepContent.Parse(first.Content).Text) }
            : Session.Of(thread);

    private async Task MessagesAsync(HttpContext context)
    {
        var thread = await FindAsync(context);
        var limit = QueryValues.Limit(context, LargestLimit);
        var after = Cursor(context) is not { } cursor ? 0 : long.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out var seq) ? seq : throw QueryValues.BadCursor();
        var steps = await services.Checkpoints.ReadStepsAsync(thread.Id, after, limit + 1, context.RequestAborted);
        var page = steps.Take(limit).Select(Message.Of).ToList();
        await JsonReply.WriteAsync(
            context, new MessageList(page, steps.Count > limit ? page[^1].Seq.ToString(CultureInfo.InvariantCulture) : null), OperatorJson.Default.MessageList);
    }

    /// <summary>The thread first, for it may be busy; then what is remembered of it, which may be there without a thread.</summary>
    private async Task DeleteAsync(HttpContext context)
    {
        var deleted = await services.Checkpoints.DeleteThreadAsync(Id(context));
        var forgotten = await services.Memory.ForgetAsync(Id(context));
        if (!deleted && !forgotten)
        {
            throw NotFound(Id(context));
        }

        _events.Tell("deleted", Id(context));
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    /// <summary>A new session of the first steps of this one.</summary>
    private async Task ForkAsync(HttpContext context)
    {
        var request = await JsonBody.ReadAsync(context, OperatorJson.Default.ForkRequest);
        var id = request.SessionId ?? Guid.CreateVersion7().ToString();
        id = ThreadIds.IsIncognito(Id(context)) ? ThreadIds.ToIncognito(id) : id;
        TurnRunner.RefuseBadThreadId(id);
        var forked = await services.Checkpoints.ForkThreadAsync(Id(context), id, request.Step) ?? throw NotFound(Id(context));
        _events.Tell("forked", forked.Id, forked.ParentId, forked.Head);
        await JsonReply.WriteAsync(context, Session.Of(forked), OperatorJson.Default.Session, StatusCodes.Status201Created);
    }

    private async Task RewindAsync(HttpContext context)
    {
        var request = await JsonBody.ReadAsync(context, OperatorJson.Default.RewindRequest);
        if (request.Step is not { } step)
        {
            throw JsonBody.Missing("step", "the last step that stays.");
        }

        var rewound = await services.Checkpoints.RewindThreadAsync(Id(context), step, request.Head) ?? throw NotFound(Id(context));
        _events.Tell("rewound", rewound.Id, steps: rewound.Head);
        await JsonReply.WriteAsync(context, Session.Of(rewound), OperatorJson.Default.Session);
    }

    private async Task ExportAsync(HttpContext context)
    {
        var thread = await FindAsync(context);
        var steps = await services.Checkpoints.ReadStepsAsync(thread.Id, cancellationToken: context.RequestAborted);
        switch (context.Request.Query["format"].ToString())
        {
            case "" or "md":
                context.Response.ContentType = "text/markdown; charset=utf-8";
                await context.Response.WriteAsync(ThreadExport.ToMarkdown(thread, steps), context.RequestAborted);
                break;
            case "json":
                await JsonReply.WriteAsync(context, new Exported(Session.Of(thread), [.. steps.Select(Message.Of)]), OperatorJson.Default.Exported);
                break;
            default:
                throw new ApiException(StatusCodes.Status400BadRequest, "bad_format", "format must be md or json.", "format");
        }
    }

    private async Task<ThreadInfo> FindAsync(HttpContext context) =>
        await services.Checkpoints.GetThreadAsync(Id(context), context.RequestAborted) ?? throw NotFound(Id(context));

    private static string Id(HttpContext context) => RouteSegment.Of(context, "id");

    private static string? Cursor(HttpContext context) => QueryValues.Text(context, "cursor");

    private static ApiException NotFound(string id) =>
        new(StatusCodes.Status404NotFound, "session_not_found", $"There is no session '{id}' here. GET /api/chat/sessions lists those there are.");

    /// <param name="Steps">How many steps it has; the last one's number.</param>
    /// <param name="ParentId">Of a fork: the session it came from, and the last step it took.</param>
    internal sealed record Session(string Id, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, long Steps, string? ParentId, long? ParentStep)
    {
        private const int LongestTitle = 120;

        /// <summary>Its first words, on one line. Null where it was not asked for: in lists and of one it is there.</summary>
        public string? Title { get; init; }

        public static Session Of(ThreadInfo thread) => new(thread.Id, thread.CreatedAt, thread.UpdatedAt, thread.Head, thread.ParentId, thread.ParentStep);

        public static string TitleOf(string text)
        {
            var line = string.Join(' ', text[..SafeCut.Before(text, Math.Min(text.Length, LongestTitle * 4))].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
            return line.Length <= LongestTitle ? line : $"{line[..SafeCut.Before(line, LongestTitle)]}…";
        }

        public bool Has(string wanted) =>
            Id.Contains(wanted, StringComparison.OrdinalIgnoreCase) || (Title?.Contains(wanted, StringComparison.OrdinalIgnoreCase) ?? false);
    }

    /// <param name="Step">The last one taken; all if left out.</param>
    /// <param name="SessionId">Of the new session; a fresh one if left out.</param>
    internal sealed record ForkRequest(long? Step, string? SessionId);

    /// <param name="Head">The last step as the caller knows it; a conflict if there is another.</param>
    internal sealed record RewindRequest(long? Step, long? Head);

    internal sealed record Exported(Session Session, IReadOnlyList<Message> Messages);

    internal sealed record SessionList(IReadOnlyList<Session> Items, string? Next);

    /// <param name="Role"><c>user</c>, <c>assistant</c>, <c>tool_call</c>, <c>tool_start</c>, <c>tool_result</c>, <c>summary</c>, or <c>note</c> for what happened to a turn.</param>
    /// <param name="Code">Of a note: stable, snake_case.</param>
    /// <param name="CallId">Of a call, its start and its result.</param>
    /// <param name="Arguments">Of a call: JSON as the model gave it.</param>
    /// <param name="Status">Of a result: <c>ok</c>, <c>error</c>, <c>denied</c> or <c>unknown</c>.</param>
    /// <param name="Through">Of a summary: the last step it stands for.</param>
    internal sealed record Message(
        long Seq, string TurnId, string Role, string Text, DateTimeOffset At, string? Model, string? FinishReason, string? Reasoning, string? Code,
        string? CallId, string? Tool, string? Arguments, string? Status, long? Through)
    {
        /// <summary>What was shown beside a user's message: named, and not sent along.</summary>
        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public IReadOnlyList<Shown>? Attachments { get; init; }

        /// <summary>Of an answer: what it took; null where the model did not say.</summary>
        public long? InputTokens { get; init; }

        public long? OutputTokens { get; init; }

        /// <summary>Null where the model has no price.</summary>
        public decimal? CostUsd { get; init; }

        public static Message Of(Step step)
        {
            var content = StepContent.Parse(step.Content);
            return new Message(
                step.Seq, step.TurnId, StoredNames.Of(step.Kind), content.Text, step.At, content.Model, content.FinishReason, content.Reasoning, content.Code,
                content.CallId, content.Tool, content.Arguments, content.Status, step.Through)
            {
                Attachments = content.Attachments?.Select(a => new Shown(a.MediaType, a.Name, a.Data?.Length, a.Uri)).ToList(),
                InputTokens = content.InputTokens, OutputTokens = content.OutputTokens, CostUsd = content.CostUsd,
            };
        }
    }

    /// <param name="Bytes">Null for one that is an address alone.</param>
    internal sealed record Shown(string MediaType, string? Name, long? Bytes, Uri? Url);

    internal sealed record MessageList(IReadOnlyList<Message> Items, string? Next);
}

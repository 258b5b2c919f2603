using System.Globalization;
using Microsoft.AspNetCore.Http;
using ProtoAgent.Protocols.A2A.Tasks;
using ProtoAgent.Protocols.A2A.Types;

namespace ProtoAgent.Protocols.A2A.Bindings;

/// <summary>Parameters of GET requests (specification 11.5), all that is wrong with them named at once.</summary>
internal sealed class TaskQuery
{
    private readonly Checks _checks = new();
    private readonly IQueryCollection _query;

    private TaskQuery(HttpContext context) => _query = context.Request.Query;

    public static GetTaskRequest Get(HttpContext context, string id)
    {
        var query = new TaskQuery(context);
        return query.Checked(new GetTaskRequest { Id = id, HistoryLength = query.Number("historyLength") });
    }

    public static ListTasksRequest List(HttpContext context)
    {
        var query = new TaskQuery(context);
        return query.Checked(new ListTasksRequest
        {
            ContextId = query.Text("contextId"),
            Status = query.State("status"),
            PageSize = query.Number("pageSize"),
            PageToken = query.Text("pageToken"),
            HistoryLength = query.Number("historyLength"),
            StatusTimestampAfter = query.Time("statusTimestampAfter"),
            IncludeArtifacts = query.Flag("includeArtifacts"),
        });
    }

    public static ListTaskPushNotificationConfigsRequest ListPushes(HttpContext context, string taskId)
    {
        var query = new TaskQuery(context);
        return query.Checked(new ListTaskPushNotificationConfigsRequest { TaskId = taskId, PageSize = query.Number("pageSize"), PageToken = query.Text("pageToken") });
    }

    private T Checked<T>(T request)
        where T : class, IChecked
    {
        request.Check(_checks, "");
        return _checks.Found.Count == 0 ? request : throw A2AReader.Invalid(_checks.Found);
    }

    private string? Text(string name) => _query[name].ToString() is { Length: > 0 } given ? given : null;

    private int? Number(string name) => Parse(name, "Must be a whole number", text => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : (int?)null);

    private bool? Flag(string name) => Parse(name, "Must be true or false", text => bool.TryParse(text, out var flag) ? flag : (bool?)null);

    private DateTimeOffset? Time(string name) => Parse(
        name,
        "Must be a time like 2025-11-09T10:30:00Z",
        text => DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : (DateTimeOffset?)null);

    private TaskState? State(string name) => Parse(
        name,
        $"Must be one of {string.Join(", ", Enum.GetValues<TaskState>().Where(s => s != TaskState.Unspecified).Select(TaskFormat.NameOf))}",
        text => Enum.GetValues<TaskState>().Cast<TaskState?>().FirstOrDefault(s => TaskFormat.NameOf(s!.Value) == text));

    private T? Parse<T>(string name, string must, Func<string, T?> parse)
        where T : struct
    {
        if (Text(name) is not { } text)
        {
            return null;
        }

        var value = parse(text);
        if (value is null)
        {
            _checks.Add(name, $"{must}, got '{text}'.");
        }

        return value;
    }
}

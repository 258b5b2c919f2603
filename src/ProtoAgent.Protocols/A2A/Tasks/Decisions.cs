using System.Text.Json;
using System.Text.RegularExpressions;
using ProtoAgent.Protocols.A2A.Types;
using ProtoAgent.Stores.Checkpoints;

namespace ProtoAgent.Protocols.A2A.Tasks;

/// <summary>What a peer's message decides of what its task waits for.</summary>
/// <param name="Unclear">Why something of it decides nothing; null if nothing is.</param>
internal sealed partial record Decisions(IReadOnlyList<Decisions.One> Taken, string? Unclear)
{
    internal sealed record One(Approval Approval, Decision Decision, string? Answer);

    /// <param name="open">Not decided yet, oldest first.</param>
    public static Decisions Read(Message message, IReadOnlyList<Approval> open, bool mayApprove)
    {
        var (taken, unclear) = (new List<One>(), new List<string>());
        foreach (var data in message.Parts.Where(p => p.HasData).SelectMany(p => p.Data.ValueKind == JsonValueKind.Array ? [.. p.Data.EnumerateArray()] : new[] { p.Data }))
        {
            Take(Data(data, Left(open, taken)));
        }

        var text = string.Join("\n", message.Parts.Select(p => p.Text).OfType<string>()).Trim();
        if (text.Length > 0 && Left(open, taken) is [var first, ..])
        {
            Take(first.Kind == ApprovalKind.Question ? (new One(first, Decision.Approve, text), null) : Words(first, text));
        }

        if (taken.Count == 0 && unclear.Count == 0)
        {
            unclear.Add("That message holds no answer.");
        }

        return new Decisions(taken, unclear.Count == 0 ? null : string.Join(" ", unclear));

        void Take((One? Decided, string? Why) read)
        {
            if (read.Decided is { Approval.Kind: not ApprovalKind.Question } && !mayApprove)
            {
                unclear.Add("A call of this agent's is its operator's to allow, not that of a caller with the federation token.");
            }
            else if (read.Decided is { } one)
            {
                taken.Add(one);
            }
            else
            {
                unclear.Add(read.Why!);
            }
        }
    }

    private static List<Approval> Left(IReadOnlyList<Approval> open, List<One> taken) => [.. open.Where(a => taken.All(t => t.Approval.Id != a.Id))];

    private static (One? Decided, string? Why) Data(JsonElement data, List<Approval> left)
    {
        if (data.ValueKind != JsonValueKind.Object)
        {
            return (null, "A data part that answers is an object {\"approval_id\", \"decision\", \"answer\"}.");
        }

        var id = Text(data, "approval_id") ?? Text(data, "approvalId");
        var approval = id is null ? left.FirstOrDefault() : left.FirstOrDefault(a => a.Id == id);
        if (approval is null)
        {
            return (null, id is null ? "Nothing is left to decide." : $"Nothing called '{id}' waits here.");
        }

        var (answer, said) = (Text(data, "answer"), Text(data, "decision"));
        Decision? decision = said?.ToLowerInvariant() switch
        {
            "approve" or "yes" or "true" => Decision.Approve,
            "deny" or "no" or "false" => Decision.Deny,
            null when approval.Kind == ApprovalKind.Question && answer is not null => Decision.Approve,
            _ => null,
        };
        return decision is { } taken ? (new One(approval, taken, answer), null) : (null, "'decision' must be approve or deny.");
    }

    /// <summary>What is not plainly one or the other decides nothing: a call can't be taken back.</summary>
    private static (One? Decided, string? Why) Words(Approval approval, string text) =>
        Yes().IsMatch(text) ? (new One(approval, Decision.Approve, null), null)
        : No().Match(text) is { Success: true } no ? (new One(approval, Decision.Deny, no.Groups["why"].Value.Trim() is { Length: > 0 } why ? why : null), null)
        : (null, "That was neither a yes nor a no.");

    private static string? Text(JsonElement data, string name) => data.TryGetProperty(name, out var value)
        ? value.ValueKind switch
        {
            JsonValueKind.String => value.GetString(),
            JsonValueKind.Null => null,
            _ => value.GetRawText(),
        }
        : null;

    [GeneratedRegex(@"^\s*(yes|y|ok|okay|approve|approved|allow|allowed|go ahead|true)\s*[.!]*\s*$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Yes();

    [GeneratedRegex(@"^\s*(no|n|deny|denied|reject|rejected|refuse|refused|false)\s*([.!]*\s*$|[:,;.-]\s*(?<why>.*)$)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.Singleline)]
    private static partial Regex No();
}

using System.Buffers;
using ProtoAgent.Agent.Network;
using ProtoAgent.Protocols.A2A.Errors;
using ProtoAgent.Protocols.A2A.Types;

namespace ProtoAgent.Protocols.A2A.Push;

/// <summary>Which receivers may be told at all. Said when they are named, so that whoever names them learns it.</summary>
internal static class PushRules
{
    private const int LongestUrl = 2048;
    private const int LongestId = 128;
    private const int LongestSecret = 4096;

    private static readonly SearchValues<char> s_token = SearchValues.Create("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");

    /// <exception cref="A2AException">The fields at fault are named, never what secrets hold.</exception>
    public static async Task CheckAsync(TaskPushNotificationConfig config, NetworkFence fence, CancellationToken cancelled)
    {
        var checks = new Checks();
        if (config.Id is { } id && (id.Length > LongestId || id.Any(c => char.IsControl(c) || c == '/')))
        {
            checks.Add("id", $"Must have at most {LongestId} characters, none of them a slash or a control character.");
        }

        if (config.Token is { } token && !IsHeader(token))
        {
            checks.Add("token", $"Is sent as a header: at most {LongestSecret} printable ASCII characters.");
        }

        if (config.Authentication is { } authentication)
        {
            if (authentication.Scheme.AsSpan().ContainsAnyExcept(s_token))
            {
                checks.Add("authentication.scheme", "Must be the name of an HTTP authentication scheme, like Bearer.");
            }

            if (authentication.Credentials is { } credentials && !IsHeader(credentials))
            {
                checks.Add("authentication.credentials", $"Are sent in a header: at most {LongestSecret} printable ASCII characters.");
            }
        }

        if (await UrlProblemAsync(config.Url, fence, cancelled) is { } problem)
        {
            checks.Add("url", problem);
        }

        if (checks.Found.Count > 0)
        {
            throw A2AReader.Invalid(checks.Found);
        }
    }

    private static async Task<string?> UrlProblemAsync(string text, NetworkFence fence, CancellationToken cancelled)
    {
        if (text.Length > LongestUrl || !Uri.TryCreate(text, UriKind.Absolute, out var url))
        {
            return $"Must be an absolute http or https URL of at most {LongestUrl} characters.";
        }

        try
        {
            NetworkFence.CheckUrl(url);
            await fence.ResolveAsync(url.IdnHost, cancelled);
            return null;
        }
        catch (NetworkException e)
        {
            return e.Message;
        }
    }

    private static bool IsHeader(string value) => value.Length <= LongestSecret && value.All(c => c is >= ' ' and <= '~') && value.Trim().Length == value.Length;
}

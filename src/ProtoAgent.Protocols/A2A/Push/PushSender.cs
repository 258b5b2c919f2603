using System.Net;
using System.Net.Http.Headers;
using System.Text;
using ProtoAgent.Agent.Network;
using ProtoAgent.Protocols.A2A.Types;

namespace ProtoAgent.Protocols.A2A.Push;

/// <summary>Posts one notification (specification 4.3.3), once, through the fence. Never says what a secret holds.</summary>
internal sealed class PushSender : IDisposable
{
    private const string TokenHeader = "X-A2A-Notification-Token";
    private const string MediaType = "application/a2a+json";

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(15);

    private readonly HttpClient _http;
    private readonly TimeProvider _time;

    public PushSender(NetworkFence fence, TimeProvider time)
    {
        _time = time;

        // The fence's handler: each connection is checked anew, and no redirect is followed.
        _http = new HttpClient(fence.CreateHandler()) { Timeout = Timeout.InfiniteTimeSpan };
        _http.DefaultRequestHeaders.UserAgent.ParseAdd("ProtoAgent");
    }

    public async Task<PushAnswer> SendAsync(TaskPushNotificationConfig config, string body, CancellationToken stopping)
    {
        using var late = new CancellationTokenSource(s_patience, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, stopping);
        var url = new Uri(config.Url);
        using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(MediaType);
        request.Headers.TryAddWithoutValidation("A2A-Version", "1.0");
        if (config.Token is { } token)
        {
            request.Headers.TryAddWithoutValidation(TokenHeader, token);
        }

        if (config.Authentication is { } authentication)
        {
            request.Headers.TryAddWithoutValidation("Authorization", authentication.Credentials is { } credentials ? $"{authentication.Scheme} {credentials}" : authentication.Scheme);
        }

        try
        {
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            return PushAnswer.Of(url, response, _time.GetUtcNow());
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            return new PushAnswer(false, true, $"{url.IdnHost} did not answer within {s_patience.TotalSeconds:0} s.");
        }
        catch (HttpRequestException e) when (e.InnerException is NetworkException { InnerException: null } refused)
        {
            // The fence said no; it will not say yes in a minute.
            return new PushAnswer(false, false, refused.Message);
        }
        catch (NetworkException e)
        {
            return new PushAnswer(false, false, e.Message);
        }
        catch (HttpRequestException e)
        {
            return new PushAnswer(false, true, $"{url.IdnHost} can't be reached: {e.Message}");
        }
    }

    public void Dispose() => _http.Dispose();
}

/// <param name="IsTaken">It was acknowledged.</param>
/// <param name="MayHelp">To try again.</param>
internal sealed record PushAnswer(bool IsTaken, bool MayHelp, string Reason, TimeSpan? RetryAfter = null)
{
    public static PushAnswer Of(Uri url, HttpResponseMessage response, DateTimeOffset now)
    {
        var status = (int)response.StatusCode;
        var wait = response.Headers.RetryAfter is { } after ? after.Delta ?? after.Date - now : null;
        return status switch
        {
            >= 200 and < 300 => new PushAnswer(true, false, ""),
            >= 300 and < 400 => new PushAnswer(false, false, $"{url.IdnHost} answered {status}; redirects are not followed."),
            (int)HttpStatusCode.RequestTimeout or (int)HttpStatusCode.TooManyRequests or 425 or >= 500 => new PushAnswer(false, true, $"{url.IdnHost} answered {status}.", wait),
            _ => new PushAnswer(false, false, $"{url.IdnHost} answered {status}."),
        };
    }
}

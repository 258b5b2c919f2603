using System.ClientModel;
using System.ClientModel.Primitives;
using Microsoft.Extensions.AI;
using OpenAI;

namespace ProtoAgent.Agent.Models;

/// <summary>Any OpenAI-compatible endpoint.</summary>
internal static class OpenAIModels
{
    /// <summary>Endpoints on one's own machine want no key, and the client wants one.</summary>
    private const string NoKey = "none";

    public static IChatClient Create(ModelOptions options, HttpClient http)
    {
        var settings = new OpenAIClientOptions
        {
            Transport = new HttpClientPipelineTransport(http),

            // Tries again on 408, 429, 5xx and a connection that fails, with growing pauses or as Retry-After says; all
            // within the call's own timeout, which the turn holds.
            RetryPolicy = new ClientRetryPolicy(options.Retries),
            NetworkTimeout = options.Timeout,
        };
        if (options.BaseUrl is not null)
        {
            settings.Endpoint = options.BaseUrl;
        }

        var client = new OpenAIClient(new ApiKeyCredential(string.IsNullOrEmpty(options.ApiKey) ? NoKey : options.ApiKey), settings).GetChatClient(options.Name).AsIChatClient();
        var mended = new ThinkTagSplitter(new OpenAIStreamMender(client, options));
        return options.MaxOutputTokens is { } longest ? new ConfigureOptionsChatClient(mended, o => o.MaxOutputTokens ??= longest) : mended;
    }
}

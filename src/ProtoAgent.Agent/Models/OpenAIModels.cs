using System.ClientModel;
using System.ClientModel.Primitives;
using Microsoft.Extensions.AI;
using OpenAI;
using OpenAI.Chat;
using ChatResponseFormat = Microsoft.Extensions.AI.ChatResponseFormat;

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
        var mended = new ThinkTagSplitter(new OpenAIStreamMender(new ConfigureOptionsChatClient(client, Strictly), options));
        return options.MaxOutputTokens is { } longest ? new ConfigureOptionsChatClient(mended, o => o.MaxOutputTokens ??= longest) : mended;
    }

    /// <summary>Said of all options, the client beneath would take it of every tool too, and change the schemas of the agent's.</summary>
    private static void Strictly(ChatOptions settings)
    {
        if (settings.ResponseFormat is not ChatResponseFormatJson { Schema: { } schema } format || settings.AdditionalProperties?.GetValueOrDefault(AnswerFormat.StrictKey) is not bool strict)
        {
            return;
        }

        settings.AdditionalProperties.Remove(AnswerFormat.StrictKey);
        settings.ResponseFormat = null;
        settings.RawRepresentationFactory = _ => new ChatCompletionOptions
        {
            ResponseFormat = OpenAI.Chat.ChatResponseFormat.CreateJsonSchemaFormat(format.SchemaName ?? "answer", BinaryData.FromString(schema.GetRawText()), format.SchemaDescription, strict),
        };
    }
}

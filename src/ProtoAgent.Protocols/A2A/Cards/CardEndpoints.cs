using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using ProtoAgent.Protocols.A2A.Types;
using ProtoAgent.Protocols.A2A.V03;
using ProtoAgent.Protocols.Http;

namespace ProtoAgent.Protocols.A2A.Cards;

/// <summary>The public card, where 1.0 and where 0.3 look for it. One text for both: what 0.3 calls otherwise stands beside it.</summary>
internal sealed class CardEndpoints(CardMaker cards)
{
    private static readonly TimeSpan s_fresh = TimeSpan.FromMinutes(1);

    public static void Map(IEndpointRouteBuilder routes, CardMaker cards)
    {
        var endpoints = new CardEndpoints(cards);
        routes.MapGet("/.well-known/agent-card.json", (RequestDelegate)endpoints.GetAsync)
            .Describe("Who this agent is, for its peers (A2A): an AgentCard of 1.0, with what 0.3 calls otherwise beside it.", answer: A2AJson.Default.JsonObject).Answers(StatusCodes.Status304NotModified);
        routes.MapGet("/.well-known/agent.json", (RequestDelegate)endpoints.GetAsync)
            .Describe("The same, where 0.3 looks for it (A2A).", answer: A2AJson.Default.JsonObject).Answers(StatusCodes.Status304NotModified);
    }

    private async Task GetAsync(HttpContext context)
    {
        var body = Encoding.UTF8.GetBytes(LegacyCard.Beside(await cards.PublicAsync(context.Request)).ToJsonString());
        var tag = $"\"{Base64Url.EncodeToString(SHA256.HashData(body).AsSpan(0, 18))}\"";
        context.Response.Headers.ETag = tag;
        context.Response.Headers.CacheControl = $"public, max-age={s_fresh.TotalSeconds:0}";

        // Its addresses are those it was asked by.
        context.Response.Headers.Vary = "Host";
        if (context.Request.Headers.IfNoneMatch.SelectMany(v => (v ?? "").Split(',', StringSplitOptions.TrimEntries)).Any(v => v == "*" || v == tag || v == $"W/{tag}"))
        {
            context.Response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        context.Response.ContentType = "application/json";
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(body, context.RequestAborted);
    }
}

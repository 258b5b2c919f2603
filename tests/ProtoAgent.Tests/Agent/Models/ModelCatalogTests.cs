using Microsoft.Extensions.AI;
using ProtoAgent.Agent.Models;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Agent.Models;

public sealed class ModelCatalogTests
{
    private static readonly ModelOptions s_options = new()
    {
        Provider = "openai",
        Name = "big",
        Names = ["also", "fast"],
        Price = new ModelPrice(3, 15),
        Fallbacks = ["fast", "also"],
        Others = new Dictionary<string, ModelOptions> { ["fast"] = new() { Provider = "anthropic", Name = "small-1", Group = "models.fast", Timeout = TimeSpan.FromSeconds(5), Price = new ModelPrice(0.25m, 1) } },
    };

    [Fact]
    public void TryGet_EachName_ItsOwnOptionsAndOneClient()
    {
        using var catalog = new ModelCatalog(s_options);
        catalog.Names.ShouldBe(["big", "also", "fast"]);
        catalog.TryGet(null, out var big).ShouldBeTrue();
        (big!.Name, big.Options, big.Price).ShouldBe(("big", s_options, s_options.Price));
        catalog.TryGet("fast", out var fast).ShouldBeTrue();
        (fast!.Name, fast.Options.Name, fast.Options.Timeout, fast.Price).ShouldBe(("fast", "small-1", TimeSpan.FromSeconds(5), new ModelPrice(0.25m, 1)));
        catalog.TryGet("also", out var also).ShouldBeTrue();
        (also!.Options.Name, also.Price).ShouldBe(("also", null));
        catalog.TryGet("fast", out var again).ShouldBeTrue();
        again!.Client.ShouldBeSameAs(fast.Client);
        catalog.TryGet("none", out _).ShouldBeFalse();
    }

    [Fact]
    public void Fallbacks_OfAName_InOrderWithoutItself()
    {
        using var catalog = new ModelCatalog(s_options);
        catalog.Fallbacks("big").ShouldBe(["fast", "also"]);
        catalog.Fallbacks("fast").ShouldBe(["also"]);
    }

    [Fact]
    public void Price_OfAName_CostInDollars()
    {
        using var catalog = new ModelCatalog(s_options);
        catalog.Price("big")!.Cost(1_000_000, 2_000).ShouldBe(3.03m);
        catalog.Price("also").ShouldBeNull("another model has another price");
        new ModelPrice(0.25m, 1).Cost(1, 0).ShouldBe(0.00000025m);
    }

    [Fact]
    public async Task TryGet_TwoProviders_EachSpokenToInItsOwnWay()
    {
        await using var server = new RawServer();
        using var catalog = new ModelCatalog(s_options with
        {
            BaseUrl = new Uri(server.Url, "v1"),
            ApiKey = "sk-open",
            Others = new Dictionary<string, ModelOptions> { ["fast"] = s_options.Others["fast"] with { BaseUrl = server.Url, ApiKey = "sk-ant" } },
        });
        server.Reply(
            RawReply.Stream("data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"one\"},\"finish_reason\":\"stop\"}]}\n\n", "data: [DONE]\n\n"),
            AnthropicFixture.Saying("two"));
        (await AskAsync(catalog, "also")).ShouldBe("one");
        (await AskAsync(catalog, "fast")).ShouldBe("two");
        var requests = server.Requests.ToList();
        (requests[0].Line, requests[0].Headers["Authorization"]).ShouldBe(("POST /v1/chat/completions HTTP/1.1", "Bearer sk-open"));
        requests[0].Body.ShouldContain("\"model\":\"also\"");
        (requests[1].Line, requests[1].Headers["x-api-key"]).ShouldBe(("POST /v1/messages HTTP/1.1", "sk-ant"));
        requests[1].Body.ShouldContain("\"model\":\"small-1\"");
        requests[1].Headers.ShouldNotContainKey("Authorization");
    }

    private static async Task<string> AskAsync(ModelCatalog catalog, string name) =>
        catalog.TryGet(name, out var model) ? (await model.Client.GetResponseAsync([new ChatMessage(ChatRole.User, "hi")])).Text : "";
}

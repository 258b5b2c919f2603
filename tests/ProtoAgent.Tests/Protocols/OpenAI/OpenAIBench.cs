using System.Net;
using System.Text.Json.Nodes;
using ProtoAgent.Agent.Models;
using ProtoAgent.Protocols.Http;
using ProtoAgent.Protocols.OpenAI;
using ProtoAgent.Tests.Agent.Turns;
using ProtoAgent.Tests.Protocols.Operator;

namespace ProtoAgent.Tests.Protocols.OpenAI;

/// <summary>The OpenAI-compatible routes on a real server, over a runner whose model the test speaks for.</summary>
internal sealed class OpenAIBench : IAsyncDisposable
{
    private ApiBench _api = null!;

    public TurnFixture Turns { get; } = new();

    public HttpClient Http => _api.Http;

    public async Task<OpenAIBench> StartAsync()
    {
        await Turns.StartAsync();
        _api = await ApiBench.StartAsync(
            new HttpOptions { ErrorShapes = new Dictionary<string, Func<Microsoft.AspNetCore.Http.HttpContext, ApiException, Task>> { [OpenAIApi.Prefix] = OpenAIApi.WriteErrorAsync } },
            routes => routes.MapOpenAI(new OpenAIServices("agent", new ModelCatalog(Turns.ModelOptions), Turns.Runner, Turns.Store, Turns.Time.GetUtcNow(), Turns.Time)));
        return this;
    }

    public Task<(HttpStatusCode Status, JsonNode? Body)> PostAsync(string path, string body) => _api.SendAsync(HttpMethod.Post, path, body);

    public Task<(HttpStatusCode Status, JsonNode? Body)> GetAsync(string path) => _api.SendAsync(HttpMethod.Get, path);

    public Task<(HttpStatusCode Status, JsonNode? Body)> DeleteAsync(string path) => _api.SendAsync(HttpMethod.Delete, path);

    /// <summary>Every frame of a streamed answer: its event's name, if it has one, and its data.</summary>
    public async Task<IReadOnlyList<(string? Name, string Data)>> StreamAsync(string path, string body)
    {
        using var answer = await Http.PostAsync(path, new StringContent(body, System.Text.Encoding.UTF8, "application/json"));
        var text = await answer.Content.ReadAsStringAsync();
        return [.. text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Select(f => f.Split('\n')).Select(lines => (
            lines.FirstOrDefault(l => l.StartsWith("event: ", StringComparison.Ordinal))?[7..], lines.Single(l => l.StartsWith("data: ", StringComparison.Ordinal))[6..]))];
    }

    public async ValueTask DisposeAsync()
    {
        if (_api is not null)
        {
            await _api.DisposeAsync();
        }

        await Turns.DisposeAsync();
    }
}

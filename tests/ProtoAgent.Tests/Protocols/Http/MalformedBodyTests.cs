using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using ProtoAgent.Protocols.Http;
using ProtoAgent.Tests.Protocols.Operator;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Protocols.Http;

/// <summary>Bodies that are wrong below JSON: what no client library would send.</summary>
public sealed class MalformedBodyTests
{
    [Theory]
    [InlineData("Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\nx")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\nzz\r\n")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n-1\r\n")]
    [InlineData("Content-Length: -1\r\n\r\n")]
    public async Task Body_OfASizeThatCantBe_IsTheCallersFault(string rest)
    {
        await using var api = await ApiBench.StartAsync(new HttpOptions(), routes => routes.MapPost("/x", (RequestDelegate)(async context => await JsonBody.ReadAsync(context, ProblemJson.Default.JsonObject))));
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", api.Http.BaseAddress!.Port);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"POST /x HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Type: application/json\r\n{rest}"));
        using var reader = new StreamReader(stream);
        var answer = await reader.ReadToEndAsync().WaitAsync(TimeSpan.FromSeconds(30));
        answer.ShouldStartWith("HTTP/1.1 400 ");
        if (answer.Contains('{', StringComparison.Ordinal))
        {
            ((string)JsonNode.Parse(answer[answer.IndexOf('{', StringComparison.Ordinal)..])!["code"]!).ShouldBe("bad_request");
        }
    }
}

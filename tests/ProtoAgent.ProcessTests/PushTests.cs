using System.Net;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using ProtoAgent.ProcessTests.Harness;
using Shouldly;
using Xunit;

namespace ProtoAgent.ProcessTests;

/// <summary>A peer's web hook: told of the task, also by the process that comes after a kill, and never with its secrets where others read.</summary>
public sealed class PushTests
{
    private const string Secret = "hook-secret-that-must-not-show";

    [Fact]
    public async Task Push_KilledBeforeItWasTaken_IsToldByTheNextProcess()
    {
        var calls = Channel.CreateUnbounded<(JsonNode Body, string Authorization, string Token, TaskCompletionSource<int> Answer)>();
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddRoutingCore();
        await using var hook = builder.Build();
        hook.MapPost("/hook", (RequestDelegate)(async context =>
        {
            var answer = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
            await calls.Writer.WriteAsync((
                (await JsonNode.ParseAsync(context.Request.Body))!, context.Request.Headers.Authorization.ToString(), context.Request.Headers["X-A2A-Notification-Token"].ToString(), answer));
            context.Response.StatusCode = await answer.Task.WaitAsync(context.RequestAborted);
        }));
        await hook.StartAsync();

        await using var box = new Sandbox();
        var refused = await SendAsync(await box.ServeAsync("carol"), hook.Urls.First());
        refused.Status.ShouldBe(HttpStatusCode.BadRequest);
        refused.Body.ToJsonString().ShouldContain("network.allow_hosts");
        refused.Body.ToJsonString().ShouldNotContain(Secret);

        var environment = new Dictionary<string, string> { ["PROTOAGENT_NETWORK__ALLOW_HOSTS"] = "127.0.0.1" };
        var agent = await box.ServeAsync("alice", environment: environment);
        var sent = await SendAsync(agent, hook.Urls.First());
        sent.Status.ShouldBe(HttpStatusCode.OK, sent.Body.ToJsonString());
        var task = sent.Body["task"]!;
        ((string)task["status"]!["state"]!).ShouldBe("TASK_STATE_COMPLETED");
        await NextAsync();
        await agent.KillAsync();

        var again = await box.ServeAsync("alice", environment: environment);
        var states = new List<string>();
        while (states.LastOrDefault() != "TASK_STATE_COMPLETED")
        {
            var (body, authorization, token, answer) = await NextAsync();
            (authorization, token).ShouldBe(($"Bearer {Secret}", Secret));
            if (body["statusUpdate"] is { } status)
            {
                ((string)status["taskId"]!).ShouldBe((string)task["id"]!);
                states.Add((string)status["status"]!["state"]!);
            }

            answer.SetResult(200);
        }

        using var request = new HttpRequestMessage(HttpMethod.Get, $"/a2a/v1/tasks/{task["id"]}/pushNotificationConfigs") { Headers = { { "A2A-Version", "1.0" } } };
        using var listed = await again.Http.SendAsync(request);
        var text = await listed.Content.ReadAsStringAsync();
        text.ShouldContain("/hook");
        (text + agent.Log + again.Log).ShouldNotContain(Secret);
        await again.TerminateAsync();
        Directory.EnumerateFiles(box.Home, "*", SearchOption.AllDirectories).Where(f => File.ReadAllText(f).Contains(Secret)).Select(Path.GetFileName).ShouldBe(["a2a-push.db"]);

        async Task<(JsonNode Body, string Authorization, string Token, TaskCompletionSource<int> Answer)> NextAsync() => await calls.Reader.ReadAsync().AsTask().WaitAsync(Limits.Patience);
    }

    private static async Task<(HttpStatusCode Status, JsonNode Body)> SendAsync(AgentProcess agent, string hook)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/a2a/v1/message:send")
        {
            Content = AgentProcess.JsonContent(JsonNode.Parse(
                $$$"""
                {"message":{"messageId":"m1","role":"ROLE_USER","parts":[{"text":"hello"}]},
                 "configuration":{"taskPushNotificationConfig":{"url":"{{{hook}}}/hook","token":"{{{Secret}}}","authentication":{"scheme":"Bearer","credentials":"{{{Secret}}}"} } } }
                """)!),
            Headers = { { "A2A-Version", "1.0" } },
        };
        using var answer = await agent.Http.SendAsync(request);
        return (answer.StatusCode, JsonNode.Parse(await answer.Content.ReadAsStringAsync())!);
    }
}

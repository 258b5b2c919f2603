using System.Text.Json.Nodes;
using ProtoAgent.Agent.Tools;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Agent.Tools;

public sealed class ShowConfigTests
{
    private readonly ShowConfigTool _tool = new(() => [("model.name", "small", "config.yaml:3"), ("model.api_key", "***", "environment"), ("server.port", null, "default")]);

    [Fact]
    public async Task ShowConfig_All_KeyValueAndOrigin() =>
        (await _tool.AskAsync([])).ShouldBe("model.name = small (config.yaml:3)\nmodel.api_key = *** (environment)\nserver.port = (not set) (default)");

    [Fact]
    public async Task ShowConfig_Prefix_OnlyThose() => (await _tool.AskAsync(new JsonObject { ["prefix"] = "Server" })).ShouldBe("server.port = (not set) (default)");

    [Fact]
    public async Task ShowConfig_NoneBeginsSo_SaysWhatThereIs() =>
        (await _tool.RefusalAsync(new JsonObject { ["prefix"] = "x" })).ShouldBe("No key begins with 'x'. Keys begin with: model, server.");
}

using ProtoAgent.Agent.Tools;
using ProtoAgent.Tests.Agent.Turns;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Agent.Tools;

public sealed class ToolCatalogTests
{
    [Theory]
    [InlineData("", "", null, "not_enabled")]
    [InlineData("", "risky", null, null)]
    [InlineData("plain", "risky", "disabled", null)]
    [InlineData("*", "risky", "disabled", "disabled")]
    public void WhyNotOffered_SaysWhichSettingItIs(string disable, string enable, string? plain, string? risky)
    {
        var (one, other) = (new FakeTool("plain", ToolTraits.None), new FakeTool("risky", ToolTraits.OffByDefault));
        var catalog = new ToolCatalog(
            new ToolOptions { Disable = disable.Length > 0 ? [disable] : [], Enable = enable.Length > 0 ? [enable] : [] }, [new BuiltInTools(one, other)]);
        catalog.WhyNotOffered(one).ShouldBe(plain);
        catalog.WhyNotOffered(other).ShouldBe(risky);
        catalog.Offered().Keys.ShouldBe(new[] { (plain, "plain"), (risky, "risky") }.Where(t => t.Item1 is null).Select(t => t.Item2));
    }
}

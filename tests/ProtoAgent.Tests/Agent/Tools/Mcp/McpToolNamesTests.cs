using ProtoAgent.Agent.Tools.Mcp;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Agent.Tools.Mcp;

public sealed class McpToolNamesTests
{
    [Fact]
    public void For_PlainNames_KeepsThem() =>
        McpToolNames.For("git", ["status", "log-1"]).ShouldBe(new Dictionary<string, string> { ["status"] = "git__status", ["log-1"] = "git__log-1" });

    [Fact]
    public void For_OtherCharacters_AreUnderscores() => McpToolNames.For("git", ["a.b/ç"])["a.b/ç"].ShouldBe("git__a_b__");

    [Fact]
    public void For_NamesThatMeet_TheOneCalledSoKeepsIt()
    {
        var names = McpToolNames.For("s", ["a_b", "a.b", "a/b"]);
        names["a_b"].ShouldBe("s__a_b");
        names.Values.Distinct().Count().ShouldBe(3);
        names.Values.ShouldAllBe(n => n.StartsWith("s__a_b"));
        McpToolNames.For("s", ["a/b", "a.b", "a_b"]).OrderBy(n => n.Key, StringComparer.Ordinal).ShouldBe(names.OrderBy(n => n.Key, StringComparer.Ordinal));
    }

    [Fact]
    public void For_LongAndEmptyNames_FitAndDiffer()
    {
        var (first, second) = (new string('x', 100) + "1", new string('x', 100) + "2");
        var names = McpToolNames.For(new string('s', 32), [first, second, ""]).Values.ToList();
        names.Distinct().Count().ShouldBe(3);
        names.ShouldAllBe(n => n.Length <= 64 && n.All(c => char.IsAsciiLetterOrDigit(c) || c == '_' || c == '-'));
    }
}

using ProtoAgent.Protocols.Mcp;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Protocols.Mcp;

public sealed class ResourceUrisTests
{
    [Theory]
    [InlineData("thread://a%20b", "thread://", "a b")]
    [InlineData("THREAD://a b", "thread://", "a b")]
    [InlineData("knowledge://chunk/17", "knowledge://chunk/", "17")]
    [InlineData("knowledge://source/https%3A%2F%2Fx.example%2Fa%3Fb", "knowledge://source/", "https://x.example/a?b")]
    [InlineData("workflow://greet", "workflow://", "greet")]
    public void Parse_OneOfOurs_SaysWhichAndItsIdDecoded(string uri, string prefix, string id) => ResourceUris.Parse(uri).ShouldBe((prefix, id));

    [Theory]
    [InlineData("thread://")]
    [InlineData("file:///etc/passwd")]
    [InlineData("knowledge://17")]
    [InlineData("")]
    public void Parse_NoneOfOurs_IsNull(string uri) => ResourceUris.Parse(uri).ShouldBeNull();

    [Fact]
    public void Canonical_TwoSpellingsOfOneName_AreOne()
    {
        ResourceUris.Canonical("Thread://a b/ü").ShouldBe(ResourceUris.Canonical("thread://a%20b%2F%C3%BC"));
        ResourceUris.Canonical(ResourceUris.Source("docs/a.md")).ShouldBe(ResourceUris.Source("docs/a.md"));
    }

    [Theory]
    [InlineData("t", true)]
    [InlineData("system:activity", true)]
    [InlineData("incognito:t", false)]
    [InlineData("task:1/2", false)]
    public void IsShown_IncognitoOrASubagents_IsNot(string id, bool shown) => ResourceUris.IsShown(id).ShouldBe(shown);
}

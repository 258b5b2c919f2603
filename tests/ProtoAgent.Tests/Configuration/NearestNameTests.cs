using ProtoAgent.Configuration;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Configuration;

public sealed class NearestNameTests
{
    private static readonly string[] s_known = ["PROTOAGENT_HOST", "PROTOAGENT_INSTANCE", "PROTOAGENT_PORT", "PROTOAGENT_SERVER__PORT"];

    [Theory]
    [InlineData("PROTOAGENT_INSTNACE", "PROTOAGENT_INSTANCE")]
    [InlineData("PROTOAGENT_INSTANCES", "PROTOAGENT_INSTANCE")]
    [InlineData("protoagent_prot", "PROTOAGENT_PORT")]
    [InlineData("PROTOAGENT_SERVER_PORT", "PROTOAGENT_SERVER__PORT")]
    [InlineData("PROTOAGENT_X", null)]
    [InlineData("PROTOAGENT_NO_SUCH_SETTING", null)]
    public void Of_WhatAllBeginWith_IsNoLikeness(string name, string? near) => NearestName.Of(name, s_known).ShouldBe(near);
}

using CsCheck;
using ProtoAgent.Instances;
using ProtoAgent.Instances.Identity;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Instances.Identity;

public sealed class NameRulesTests
{
    [Theory]
    [InlineData("alice")]
    [InlineData("A")]
    [InlineData("0")]
    [InlineData("agent.v2_final-1")]
    [InlineData("protoagent")]
    [InlineData("con-1")]
    [InlineData("memory2")]
    [InlineData("v1.2")]
    [InlineData("my.database")]
    [InlineData("db")]
    public void Violation_AnAcceptedName_None(string name) => NameRules.Violation(name).ShouldBeNull();

    [Theory]
    [InlineData("", "blank")]
    [InlineData("..", "out of the data home")]
    [InlineData("a/b", "path separator")]
    [InlineData("-a", "begin with")]
    [InlineData("a.", "end in a dot")]
    [InlineData("Con.x", "device")]
    [InlineData("MEMORY", "stores")]
    [InlineData("x.DB", "has '.db'")]
    [InlineData("audit.jsonl.1", "has '.jsonl'")]
    [InlineData("x.db-wal", "has '.db'")]
    [InlineData("аlice", "U+0430")]
    [InlineData("a\u200bb", "cannot be seen")]
    [InlineData("a\u0000b", "control character U+0000")]
    public void Violation_ARefusedName_SaysTheRule(string name, string rule) => NameRules.Violation(name).ShouldNotBeNull().ShouldContain(rule);

    [Fact]
    public void Violation_SixtyFourCharacters_TheLast()
    {
        NameRules.Violation(new string('a', 64)).ShouldBeNull();
        NameRules.Violation(new string('a', 65)).ShouldNotBeNull();
    }

    [Fact]
    public void Parse_AnyRefusedName_SourceAndASuggestionThatIsAccepted() =>
        Names.Any.Sample(name =>
        {
            if (NameRules.Violation(name) is null)
            {
                InstanceId.Parse(name, "here").Value.ShouldBe(name);
                return;
            }

            var refused = Should.Throw<InstanceRefusedException>(() => InstanceId.Parse(name, "the variable X"));
            refused.ExitCode.ShouldBe(78);
            refused.Message.ShouldContain("the variable X");
            refused.Message.Any(char.IsControl).ShouldBeFalse();
            NameRules.Violation(NameRules.Suggest(name, "alice")).ShouldBeNull();
        });
}

using System.Text;
using CsCheck;
using ProtoAgent.Agent.Skills;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Agent.Skills;

public sealed class SkillDocumentTests
{
    private static readonly string[] s_pieces =
    [
        "---", "\n", "\r\n", "name: x", "name:", "description: y", "tools: [a, b]", "tools: {a: b}", "slash: go", "user_only: maybe", "metadata:", "  author: agent", "- a", "[", "{", "&a", "*a",
        "!!x", "'", "\"", ": ", "#", "|", ">", "\t", "%YAML", "...", "🦊", "\0", "\uFEFF", "? a", "<<: *a", "x",
    ];

    [Fact]
    public void Parse_Whole_EveryField()
    {
        var skill = SkillDocument.Parse(
            "\uFEFF---\r\nname: Weekly Report\r\nlicense: MIT\r\ndescription: >\r\n  Writes\r\n  the report\r\ntools: [a, b__c]\r\nuser_only: yes\r\nmetadata: {author: agent, deep: {er: [1, {x: y}]}}\r\n---\r\n\r\n# How\r\n---\r\nmore\r\n");
        (skill.Name, skill.Description, skill.UserOnly, skill.Slash, skill.ByAgent).ShouldBe(("Weekly Report", "Writes the report", true, "weekly-report", true));
        skill.Tools.ShouldBe(["a", "b__c"]);
        skill.Body.ShouldBe("# How\r\n---\r\nmore");
    }

    [Theory]
    [InlineData("", null)]
    [InlineData("user_facing: true\n", "n-1")]
    [InlineData("user-facing: on\n", "n-1")]
    [InlineData("slash: go\n", "go")]
    [InlineData("slash: /go\n", "go")]
    [InlineData("slash: go\nuser_facing: false\n", null)]
    [InlineData("slash: go\nuser_facing: false\nuser_only: true\n", "go")]
    public void Parse_WhoMayCallIt_DecidesTheSlashCommand(string more, string? slash) => SkillDocument.Parse(SkillBench.Text("N 1", more: more)).Slash.ShouldBe(slash);

    [Theory]
    [InlineData("tools: a, b c\n", "a b c")]
    [InlineData("allowed-tools: a b\n", "a b")]
    [InlineData("metadata:\n  tools:\n    - a\n", "a")]
    [InlineData("tools:\n", "")]
    public void Parse_ToolsHoweverSpelt_AList(string more, string tools) => string.Join(' ', SkillDocument.Parse(SkillBench.Text("n", more: more)).Tools).ShouldBe(tools);

    [Theory]
    [InlineData("", 1, "begin with a line '---'")]
    [InlineData("# Title\n---\nname: x\n---\n", 1, "begin with a line '---'")]
    [InlineData("---\nname: x\n", 1, "not ended")]
    [InlineData("---\n---\n", 1, "no name")]
    [InlineData("---\ndescription: y\n---\n", 1, "no name")]
    [InlineData("---\ndescription: y\nname: ''\n---\n", 3, "no name")]
    [InlineData("---\nname: x\ndescription:\n---\n", 3, "no description")]
    [InlineData("---\nname: x\ndescription: use when: asked\n---\n", 3, "must stand in quotes")]
    [InlineData("---\nname: x\n\tdescription: y\n---\n", 2, "not valid YAML")]
    [InlineData("---\nname: x\ndescription: y\nname: z\n---\n", 4, "'name' is there twice")]
    [InlineData("---\nname: [x]\ndescription: y\n---\n", 2, "must be text")]
    [InlineData("---\nname: a/b\ndescription: y\n---\n", 2, "slashes")]
    [InlineData("---\nname: x\ndescription: y\nuser_only: perhaps\n---\n", 4, "true or false")]
    [InlineData("---\nname: x\ndescription: y\nslash: a b\n---\n", 4, "slash command")]
    [InlineData("---\nname: ☂\ndescription: y\nuser_facing: true\n---\n", 2, "no slash command can be made")]
    [InlineData("---\nname: x\ndescription: y\ntools: {a: b}\n---\n", 4, "'tools' must be text or a list")]
    [InlineData("---\nname: x\ndescription: y\ntools:\n  - [a]\n---\n", 4, "list of plain texts")]
    [InlineData("---\n- x\n---\n", 2, "'key: value' lines")]
    [InlineData("---\nname: x\ndescription: *y\n---\n", 3, "'description' must be text")]
    public void Parse_Broken_TheLineAndWhatIsWrong(string text, int line, string message)
    {
        var refused = Should.Throw<SkillFormatException>(() => SkillDocument.Parse(text));
        (refused.Line, refused.Message).ShouldSatisfyAllConditions(r => r.Line.ShouldBe(line, r.Message), r => r.Message.ShouldContain(message));
    }

    [Fact]
    public void Parse_AnyText_ReadsOrSaysWhatIsWrong() =>
        Gen.OneOf(Gen.OneOf(s_pieces), Gen.String[0, 4]).Array[0, 30].Sample(pieces =>
        {
            var text = string.Concat(pieces);
            foreach (var tried in (string[])[text, $"---\n{text}\n---\nbody", $"---\nname: x\ndescription: y\n{text}\n---\nbody"])
            {
                try
                {
                    SkillDocument.Parse(tried).Name.ShouldNotBeNullOrWhiteSpace();
                }
                catch (SkillFormatException e)
                {
                    e.Message.ShouldNotBeNullOrWhiteSpace();
                }
            }
        });

    [Fact]
    public void Parse_NestedWithoutEnd_RefusedAtOnce() =>
        Should.Throw<SkillFormatException>(() => SkillDocument.Parse($"---\nname: x\ndescription: y\nother: {new string('[', 60_000)}\n---\n")).Message.ShouldContain("too deeply");

    /// <summary>What a model writes stays what it is: no key of its own, no early end.</summary>
    [Fact]
    public void Compose_AnyWords_AreReadBackAsTheyAre() =>
        Gen.Select(Gen.OneOf(Gen.String[1, 30], Gen.OneOf("a\"b", "a\\", "x\nuser_only: true", "---", "\": y", "🦊 ü", "'")), Gen.OneOf("Do it.", "---\nname: evil\n---", "a\n\nb")).Sample((description, body) =>
        {
            if (description.Any(c => char.IsSurrogate(c) || c is '\uFFFE' or '\uFFFF' || (char.IsControl(c) && !char.IsWhiteSpace(c))) || string.IsNullOrWhiteSpace(description))
            {
                return;
            }

            var read = SkillDocument.Parse(SkillDocument.Compose("n", description, body, ["t"]));
            read.Description.ShouldBe(string.Join(' ', description.Split(default(char[]), StringSplitOptions.RemoveEmptyEntries)));
            (read.Body, read.UserOnly, read.ByAgent).ShouldBe((body, false, true));
            read.Tools.ShouldBe(["t"]);
        });

    [Theory]
    [InlineData("ok-1", null)]
    [InlineData("a", null)]
    [InlineData("", "characters")]
    [InlineData("A", "letters a-z")]
    [InlineData("..", "letters a-z")]
    [InlineData("a/b", "letters a-z")]
    [InlineData("-a", "begin or end")]
    [InlineData("a--b", "in a row")]
    [InlineData("ä", "letters a-z")]
    public void Violation_OfAName_SaysTheRule(string name, string? rule)
    {
        if (rule is null)
        {
            SkillNames.Violation(name).ShouldBeNull();
        }
        else
        {
            SkillNames.Violation(name).ShouldNotBeNull().ShouldContain(rule);
        }
    }

    [Fact]
    public void Bundled_Each_IsWhatASavedOneMustBe()
    {
        BundledSkills.All.Select(s => s.Name).ShouldBe(["plan-work", "research", "summarize", "troubleshoot", "write-skill"], ignoreOrder: true);
        foreach (var skill in BundledSkills.All)
        {
            SkillFiles.Check(BundledSkills.Text(skill.Folder)).Name.ShouldBe(skill.Folder);
            Encoding.UTF8.GetByteCount(BundledSkills.Text(skill.Folder)).ShouldBeLessThan(8_000);
        }
    }
}

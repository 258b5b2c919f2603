using ProtoAgent.Configuration;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Configuration;

public sealed class ConfigFileEditorTests
{
    [Theory]
    [InlineData("", "model.name", "qwen3", "model:\n  name: qwen3\n")]
    [InlineData("# mine\n", "model.name", "qwen3", "# mine\nmodel:\n  name: qwen3\n")]
    [InlineData("no_newline_at_end: 1", "agent_name", "ada", "no_newline_at_end: 1\nagent_name: ada\n")]
    [InlineData("model:\n  # which\n  name: old # why\n  retries: 2\n", "model.name", "new", "model:\n  # which\n  name: new # why\n  retries: 2\n")]
    [InlineData("model:\n  retries: 2\n", "model.name", "qwen3", "model:\n  name: qwen3\n  retries: 2\n")]
    [InlineData("model: {retries: 2}\n", "model.name", "qwen3", "model: {name: qwen3, retries: 2}\n")]
    [InlineData("model: {name: old, retries: 2}\n", "model.name", "new", "model: {name: new, retries: 2}\n")]
    [InlineData("model.name: old\n", "model.name", "new", "model.name: new\n")]
    [InlineData("model:\n", "model.name", "qwen3", "model:\nmodel.name: qwen3\n")]
    [InlineData("model:\n  name: 'old'\n", "model.name", "a \"b\" \\ c", "model:\n  name: \"a \\\"b\\\" \\\\ c\"\n")]
    [InlineData("model:\n  name:\nserver:\n  port: 1\n", "model.name", "x", "model:\n  name: x\nserver:\n  port: 1\n")]
    [InlineData("a: 1\r\nmodel:\r\n  retries: 2\r\n", "model.name", "x", "a: 1\r\nmodel:\r\n  name: x\r\n  retries: 2\r\n")]
    [InlineData("server:\n    port: 1\nmodel:\n    fast:\n        x: 1\n", "model.name", "n", "server:\n    port: 1\nmodel:\n    name: n\n    fast:\n        x: 1\n")]
    [InlineData("model:\n  name: |\n    long\n  retries: 2\n", "model.name", "n", "model:\n  name: n\n  retries: 2\n")]
    public void Set_InAFileOfAPerson_ChangesThatAlone(string before, string key, string value, string after) =>
        ConfigFileEditor.Set(before, key, value, null).ShouldBe(after);

    [Theory]
    [InlineData("tools:\n  enable:\n    - a\n    - b # last\n  disable: [c]\n", "tools:\n  enable:\n    [x, y] # last\n  disable: [c]\n")]
    [InlineData("tools:\n  enable: [a,\n    b]\n", "tools:\n  enable: [x, y]\n")]
    public void Set_AList_TakesThePlaceOfTheOld(string before, string after) =>
        ConfigFileEditor.Set(before, "tools.enable", null, ["x", "y"]).ShouldBe(after);

    [Theory]
    [InlineData("model:\n  name: x # why\n  retries: 2\n", "model:\n  retries: 2\n")]
    [InlineData("model:\n  name: x\n", "model:\n")]
    [InlineData("model: {name: x, retries: 2}\n", "model: {name: null, retries: 2}\n")]
    [InlineData("a: 1\nmodel.name: x", "a: 1\n")]
    [InlineData("model:\n  name: |\n    long\n    text\n  retries: 2\n", "model:\n  retries: 2\n")]
    [InlineData("other: 1\n", "other: 1\n")]
    public void Remove_TakesItsLinesAlone(string before, string after) => ConfigFileEditor.Remove(before, "model.name").ShouldBe(after);
}

using ProtoAgent.Configuration;
using Shouldly;
using Xunit;

namespace ProtoAgent.Tests.Configuration;

public sealed class ConfigWriterTests : IDisposable
{
    private readonly TempFolder _temp = new();

    private string Root => Directory.CreateDirectory(Path.Combine(_temp.Path, ".protoagent", "alice")).FullName;

    private string File => Path.Combine(Root, "config.yaml");

    private string Secrets => Path.Combine(Root, "secrets.yaml");

    public void Dispose() => _temp.Dispose();

    [Fact]
    public void Write_SettingsAndASecret_EachIntoItsFileAndNothingElseTouched()
    {
        System.IO.File.WriteAllText(File, "# Ada's\nserver:\n  port: 7999 # not 7870\n");
        var writer = Writer();

        var written = writer.Write(Values(("model.base_url", "http://127.0.0.1:1/v1"), ("model.name", "qwen3"), ("model.api_key", "sk-the-new-one"), ("tools.enable", "run_command, x")));

        System.IO.File.ReadAllText(File).ShouldBe("# Ada's\nserver:\n  port: 7999 # not 7870\nmodel:\n  name: qwen3\n  base_url: http://127.0.0.1:1/v1\ntools:\n  enable: [run_command, x]\n");
        System.IO.File.ReadAllText(Secrets).ShouldBe("model:\n  api_key: sk-the-new-one\n");
        System.IO.File.GetUnixFileMode(Secrets).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        (written.File, written.SecretsFile, written.Overridden.Count).ShouldBe((File, Secrets, 0));
        writer.Current.Settings.Model.ApiKey.ShouldBe("sk-the-new-one");
        writer.Current.Settings.Agent.Tools.Enable.ShouldBe(["run_command", "x"], ignoreOrder: true);
    }

    [Fact]
    public void Write_Null_TakesItOut()
    {
        System.IO.File.WriteAllText(File, "model:\n  # which\n  name: qwen3\n  base_url: http://h/v1\n");
        var writer = Writer();

        writer.Write(new Dictionary<string, ConfigWriter.NewValue?> { ["model.name"] = null, ["model.base_url"] = null });

        writer.Current.Settings.Model.Provider.ShouldBe("offline");
        System.IO.File.ReadAllText(File).ShouldBe("model:\n  # which\n");
    }

    [Theory]
    [InlineData("server.port", "many", "'server.port' is 'many' and must be a whole number from 0 to 65535")]
    [InlineData("server.prot", "1", "unknown setting 'server.prot'. Did you mean 'server.port'?")]
    [InlineData("instance_id", "bob", "decides who this instance is")]
    [InlineData("memory.path", "/elsewhere", "decides who this instance is or where its data lies")]
    [InlineData("model.provider", "openai", "there is no model.name")]
    [InlineData("server.host", "0.0.0.0", "there is no token")]
    [InlineData("model.api_key", "two words", "a secret is one word")]
    public void Write_WhatTheNextStartWouldRefuse_IsRefusedNowAndNothingIsWritten(string key, string value, string why)
    {
        System.IO.File.WriteAllText(File, "agent_name: ada\n");

        Should.Throw<ConfigurationRefusedException>(() => Writer().Write(Values((key, value), ("logging.level", "debug")))).Problems.ShouldContain(p => p.Contains(why));

        System.IO.File.ReadAllText(File).ShouldBe("agent_name: ada\n");
        System.IO.File.Exists(Secrets).ShouldBeFalse();
    }

    [Fact]
    public void Write_SeveralWrong_AllAreSaidAtOnce() =>
        Should.Throw<ConfigurationRefusedException>(() => Writer().Write(Values(("server.port", "x"), ("logging.level", "loud")))).Problems.Count.ShouldBe(2);

    [Fact]
    public void Write_WhatTheEnvironmentOverrides_IsWrittenAndSaid()
    {
        var writer = Writer(("PROTOAGENT_MODEL", "from-outside"), ("PROTOAGENT_MODEL_BASE_URL", "http://h/v1"));

        var written = writer.Write(Values(("model.name", "qwen3")));

        written.Overridden.ShouldHaveSingleItem().ShouldBe(new ConfigWriter.Override("model.name", "the environment variable PROTOAGENT_MODEL"));
        writer.Current.Settings.Model.Name.ShouldBe("from-outside");
    }

    [Theory]
    [InlineData("model: &m {name: x, base_url: http://h/v1}\nother: *m\n")]
    [InlineData("model:\n  name: x\n  name: y\n")]
    [InlineData("model: {name: x\n")]
    [InlineData("model.name: x\nmodel:\n  name: y\n")]
    public void Write_IntoAFileThatCantBeRead_IsRefusedAndTheFileStays(string text)
    {
        var writer = Writer();
        System.IO.File.WriteAllText(File, text);

        Should.Throw<ConfigurationRefusedException>(() => writer.Write(Values(("logging.level", "debug"))));

        System.IO.File.ReadAllText(File).ShouldBe(text);
    }

    [Fact]
    public void Write_FromManyAtOnce_LosesNone()
    {
        var writer = Writer();
        string[] keys = ["turns.max_rounds", "turns.timeout_seconds", "threads.retention_days", "inbox.retention_days", "scheduler.concurrency", "subagents.concurrency"];

        Parallel.ForEach(keys, key => writer.Write(Values((key, "7"))));

        var text = System.IO.File.ReadAllText(File);
        keys.ShouldAllBe(k => writer.Current.Entries.Single(e => e.Key == k).Value == "7", text);
    }

    private ConfigWriter Writer(params (string Name, string Value)[] environment) => new(InstanceConfiguration.Load(new ConfigSources(
        environment.Append(("PROTOAGENT_INSTANCE", "alice")).ToDictionary(e => e.Item1, e => e.Item2), _temp.Path, _temp.Path, null, new Dictionary<string, string>())));

    private static Dictionary<string, ConfigWriter.NewValue?> Values(params (string Key, string Value)[] values) =>
        values.ToDictionary(v => v.Key, v => (ConfigWriter.NewValue?)new ConfigWriter.NewValue(v.Value, null));
}
